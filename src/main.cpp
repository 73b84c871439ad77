// The program: the command line, and the hidden entry of the supervisor that the keeper starts.
#include "base/error.hpp"
#include "compose/diagnostic.hpp"
#include "supervisor/supervisor.hpp"
#include "terminal/terminal.hpp"
#include "verbs/verbs.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <exception>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <unistd.h>

namespace {

void add_global_options(cli::Command root, cli::GlobalOptions &options) {
    root.list("-f,--file", options.files, "Compose file, or - for standard input; may be repeated", "FILE")
        .option("-p,--project-name", options.project_name, "Name of the project", "NAME")
        .list("--profile", options.profiles, "Enable a profile; * enables all; may be repeated", "NAME")
        .list("--env-file", options.env_files, "File with variables instead of .env; may be repeated", "FILE")
        .option("--project-directory", options.project_directory, "Base of relative paths", "DIR")
        .option("--progress", options.progress, "auto, tty, plain, json or quiet", "TYPE")
        .option("--ansi", options.ansi, "Colours and cursor movement: never, always or auto", "WHEN")
        .option("--parallel", options.parallel, "Images pulled at once; -1 is no limit", "N")
        .flag("--all-resources", options.all_resources, "Also networks and volumes no service uses")
        .flag("--compatibility", options.compatibility, "Container names with _ instead of -")
        .flag("--dry-run", options.dry_run, "Show what would be done and change nothing")
        .flag("--verbose", options.verbose, "Debug messages on stderr")
        .footer("See 'compose VERB --help' for the flags of a verb.");
}

enum class DryRun { plans, changes_nothing, impossible };

struct Verb {
    std::initializer_list<std::string_view> names;
    void (*add)(cli::Command &root, cli::Context &context);
    DryRun dry_run = DryRun::changes_nothing;
};

// In the order of the help.
const Verb verbs[] = {
    {{"up"}, cli::add_up, DryRun::plans},
    {{"down"}, cli::add_down, DryRun::plans},
    {{"ps"}, cli::add_ps},
    {{"logs"}, cli::add_logs},
    {{"exec"}, cli::add_exec, DryRun::impossible},
    {{"run"}, cli::add_run, DryRun::impossible},
    {{"create"}, cli::add_create, DryRun::plans},
    {{"start"}, cli::add_start, DryRun::plans},
    {{"stop"}, cli::add_stop, DryRun::plans},
    {{"restart"}, cli::add_restart, DryRun::plans},
    {{"kill"}, cli::add_kill, DryRun::plans},
    {{"pause", "unpause"}, cli::add_pause, DryRun::plans},
    {{"rm"}, cli::add_rm, DryRun::plans},
    {{"build"}, cli::add_build, DryRun::plans},
    {{"pull"}, cli::add_pull, DryRun::plans},
    {{"push"}, cli::add_push, DryRun::plans},
    {{"images"}, cli::add_images},
    {{"image"}, cli::add_image, DryRun::impossible},
    {{"system"}, cli::add_system, DryRun::impossible},
    {{"config", "convert"}, cli::add_config},
    {{"ls"}, cli::add_ls},
    {{"top"}, cli::add_top},
    {{"port"}, cli::add_port},
    {{"scale"}, cli::add_scale, DryRun::plans},
    {{"wait"}, cli::add_wait},
    {{"events"}, cli::add_events},
    {{"stats"}, cli::add_stats},
    {{"attach"}, cli::add_attach, DryRun::impossible},
    {{"cp"}, cli::add_cp, DryRun::impossible},
    {{"commit"}, cli::add_commit, DryRun::impossible},
    {{"export"}, cli::add_export, DryRun::impossible},
    {{"version"}, cli::add_version},
};

bool has_name(const Verb &verb, std::string_view name) {
    return std::find(verb.names.begin(), verb.names.end(), name) != verb.names.end();
}

bool is_named(const Verb &verb, int argc, char **argv) {
    return std::any_of(argv + 1, argv + argc,
                       [&](std::string_view argument) { return has_name(verb, argument); });
}

void add_dry_run(cli::Command root, cli::Context &context) {
    root.flag_of_subcommands("--dry-run", context.options.dry_run,
                             "Show what would be done and change nothing");
}

int act(const std::function<int()> &action, const std::string &verb, cli::Context &context) {
    context.prepare();
    if (context.options.dry_run)
        for (const Verb &candidate : verbs)
            if (has_name(candidate, verb) && candidate.dry_run == DryRun::impossible)
                throw base::Error("\"" + verb + "\" has no dry run, nothing was done", "leave out --dry-run");
    return action();
}

void report(const std::string &text, const std::string &hint) {
    const bool colour = cli::colours_on(STDERR_FILENO);
    cli::print(STDERR_FILENO, cli::coloured("error:", cli::Colour::red, colour) + " " + text + "\n");
    if (!hint.empty())
        cli::print(STDERR_FILENO, "  " + hint + "\n");
}

// Only the verbs that the arguments name, which one of them may not be: to describe the options of all takes
// longer than the work of a small command. Nothing where it needs all verbs to say what is wrong.
std::optional<int> run_named(int argc, char **argv) {
    cli::Context context(base::Paths::detect());
    cli::CommandLine line("compose", "Runs Docker Compose files on Linux without Docker");
    cli::Command root = line.root();
    add_global_options(root, context.options);
    for (const Verb &verb : verbs)
        if (is_named(verb, argc, argv))
            verb.add(root, context);
    add_dry_run(root, context);
    const std::function<int()> action = line.try_parse(argc, argv);
    if (!action)
        return std::nullopt;
    return act(action, line.verb(), context);
}

int run(int argc, char **argv) {
    if (const std::optional<int> code = run_named(argc, argv))
        return *code;
    cli::Context context(base::Paths::detect());
    cli::CommandLine line("compose", "Runs Docker Compose files on Linux without Docker");
    cli::Command root = line.root();
    add_global_options(root, context.options);
    bool version = false;
    root.flag("-v,--version", version, "Show the version");
    for (const Verb &verb : verbs)
        verb.add(root, context);
    add_dry_run(root, context);
    cli::add_completion(line, root);
    const cli::ParseOutcome outcome = line.parse(argc, argv);
    if (outcome.exit)
        return *outcome.exit;
    if (version) {
        cli::print(STDOUT_FILENO, "compose version " COMPOSE_VERSION "\n");
        return 0;
    }
    if (!outcome.action) {
        cli::print(STDOUT_FILENO, line.help());
        return 0;
    }
    return act(outcome.action, line.verb(), context);
}

} // namespace

int main(int argc, char **argv) {
    std::signal(SIGPIPE, SIG_IGN);
    try {
        if (argc == 3 && std::strcmp(argv[1], "supervisor") == 0)
            return supervisor::run(argv[2]);
        return run(argc, argv);
    } catch (const compose::LoadError &error) {
        cli::print(STDERR_FILENO, base::render(error.diagnostics(), cli::colours_on(STDERR_FILENO)));
        return error.exit_code();
    } catch (const base::Error &error) {
        report(error.what(), error.hint());
        return error.exit_code();
    } catch (const std::exception &error) {
        report(error.what(), "this is a defect of compose: please report it with the command you ran");
        return 1;
    }
}

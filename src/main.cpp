// The program: the command line, and the hidden entry of the supervisor that the keeper starts.
#include "base/error.hpp"
#include "compose/diagnostic.hpp"
#include "supervisor/supervisor.hpp"
#include "terminal/terminal.hpp"
#include "verbs/verbs.hpp"

#include <csignal>
#include <cstring>
#include <exception>
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

void add_verbs(cli::CommandLine &line, cli::Context &context) {
    cli::Command root = line.root();
    cli::add_up(root, context);
    cli::add_down(root, context);
    cli::add_ps(root, context);
    cli::add_logs(root, context);
    cli::add_exec(root, context);
    cli::add_run(root, context);
    cli::add_create(root, context);
    cli::add_start(root, context);
    cli::add_stop(root, context);
    cli::add_restart(root, context);
    cli::add_kill(root, context);
    cli::add_pause(root, context);
    cli::add_rm(root, context);
    cli::add_pull(root, context);
    cli::add_images(root, context);
    cli::add_image(root, context);
    cli::add_config(root, context);
    cli::add_ls(root, context);
    cli::add_top(root, context);
    cli::add_port(root, context);
    cli::add_scale(root, context);
    cli::add_wait(root, context);
    cli::add_events(root, context);
    cli::add_stats(root, context);
    cli::add_attach(root, context);
    cli::add_cp(root, context);
    cli::add_version(root, context);
    cli::add_completion(line, root);
}

void report(const std::string &text, const std::string &hint) {
    const bool colour = cli::colours_on(STDERR_FILENO);
    cli::print(STDERR_FILENO, cli::coloured("error:", cli::Colour::red, colour) + " " + text + "\n");
    if (!hint.empty())
        cli::print(STDERR_FILENO, "  " + hint + "\n");
}

int run(int argc, char **argv) {
    cli::Context context(base::Paths::detect());
    cli::CommandLine line("compose", "Runs Docker Compose files on Linux without Docker");
    add_global_options(line.root(), context.options);
    bool version = false;
    line.root().flag("-v,--version", version, "Show the version");
    add_verbs(line, context);
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
    context.prepare();
    return outcome.action();
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

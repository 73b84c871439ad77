#include "verbs/context.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/suggest.hpp"
#include "compose/locate.hpp"
#include "terminal/terminal.hpp"
#include "verbs/environment_defaults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unistd.h>

extern char **environ;

namespace cli {

namespace {

std::map<std::string, std::string> process_environment() {
    std::map<std::string, std::string> variables;
    for (char **entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        if (const auto split = text.find('='); split != std::string_view::npos)
            variables.emplace(text.substr(0, split), text.substr(split + 1));
    }
    return variables;
}

// With what the project's .env adds. What is wrong there is told by the verbs that need it.
std::map<std::string, std::string> environment_of(const compose::LoadOptions &load) {
    try {
        compose::Diagnostics ignored;
        return compose::find_project(load, ignored).environment;
    } catch (const base::Error &) {
        return load.environment;
    }
}

} // namespace

void Context::prepare() {
    environment_ = environment_of(load_options());
    apply_environment(environment_, options);
    if (options.ansi == "never")
        set_ansi(Ansi::never);
    else if (options.ansi == "always")
        set_ansi(Ansi::always);
    else if (!options.ansi.empty() && options.ansi != "auto")
        throw base::Error(fmt::format("unknown value \"{}\" for --ansi", options.ansi),
                          "use never, always or auto");
    if (options.ansi == "never" && options.progress == "tty")
        throw base::Error("can't use --progress tty while ANSI support is disabled",
                          "drop one of --progress tty and --ansi never");
    (void)progress_mode();
    if (options.verbose)
        base::log::open_stderr(base::log::Level::debug);
}

ProgressMode Context::progress_mode() const {
    const std::string &mode = options.progress;
    if (mode == "auto")
        return options.ansi == "never" ? ProgressMode::plain : ProgressMode::automatic;
    if (mode == "tty")
        return ProgressMode::tty;
    if (mode == "plain")
        return ProgressMode::plain;
    if (mode == "json")
        return ProgressMode::json;
    if (mode == "quiet" || mode == "none")
        return ProgressMode::quiet;
    throw base::Error(fmt::format("unsupported --progress value \"{}\"", mode),
                      "use auto, tty, plain, json or quiet");
}

std::unique_ptr<Progress> Context::progress(const std::string &title) const {
    return make_progress(progress_mode(), options.dry_run ? "DRY-RUN MODE - " + title : title,
                         options.status_on_stdout ? STDOUT_FILENO : STDERR_FILENO);
}

compose::LoadOptions Context::load_options(const std::vector<std::string> &services) const {
    compose::LoadOptions load;
    load.files = options.files;
    load.project_name = options.project_name;
    load.project_directory = options.project_directory;
    load.env_files = options.env_files;
    load.profiles = options.profiles;
    load.services = services;
    load.working_dir = std::filesystem::current_path();
    load.environment = process_environment();
    load.all_resources = options.all_resources;
    load.compatibility = options.compatibility;
    return load;
}

compose::Loaded Context::load(const std::vector<std::string> &services) const {
    compose::Loaded loaded = compose::load(load_options(services));
    show_warnings(loaded.warnings);
    return loaded;
}

namespace {

// The name is not among what is wrong.
bool names_project(const compose::LoadOptions &load, const compose::ProjectContext &context,
                   const compose::LoadError &error) {
    if (!load.project_name.empty() || load.environment.contains("COMPOSE_PROJECT_NAME"))
        return true;
    const auto &diagnostics = error.diagnostics();
    return !context.name.empty()
           && std::none_of(diagnostics.begin(), diagnostics.end(),
                           [](const compose::Diagnostic &each) { return each.path == "name"; });
}

} // namespace

Context::Named Context::load_or_name(const std::vector<std::string> &services) const {
    compose::LoadOptions load = load_options(services);
    // These verbs work on containers that exist: what an env_file holds, or that it is gone, doesn't matter.
    load.no_env_resolution = true;
    const compose::ProjectContext context = compose::locate(load);
    if (context.files.empty()) {
        if (options.project_name.empty() && !context.environment.contains("COMPOSE_PROJECT_NAME"))
            (void)compose::load(load); // explains where it searched
        return {context.name, std::nullopt};
    }
    try {
        compose::Loaded loaded = compose::load(load);
        show_warnings(loaded.warnings);
        std::string name = loaded.project.name;
        return {std::move(name), std::move(loaded)};
    } catch (const compose::LoadError &error) {
        if (!names_project(load, context, error))
            throw;
        print(STDERR_FILENO, base::render(error.diagnostics(), colours_on(STDERR_FILENO)));
        warn(fmt::format("the file is not used; what runs is found by the name of the project, \"{}\"",
                         context.name));
        return {context.name, std::nullopt};
    }
}

void show_warnings(const compose::Diagnostics &warnings) {
    print(STDERR_FILENO, base::render(warnings.sorted(), colours_on(STDERR_FILENO)));
}

void warn(const std::string &sentence) {
    print(STDERR_FILENO, coloured("WARN", Colour::yellow, colours_on(STDERR_FILENO)) + " " + sentence + "\n");
}

void require_services(const compose::Project &project, const std::vector<std::string> &services) {
    for (const std::string &service : services) {
        if (project.services.contains(service) || project.disabled_services.contains(service))
            continue;
        std::vector<std::string> known;
        for (const auto &[name, model] : project.services)
            known.push_back(name);
        throw base::Error("no such service: " + service, base::did_you_mean(service, known));
    }
}

} // namespace cli

#include "base/error.hpp"
#include "base/json.hpp"
#include "terminal/terminal.hpp"
#include "verbs/bake_file.hpp"
#include "verbs/build_images.hpp"
#include "verbs/images_of_project.hpp"
#include "verbs/push_images.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace cli {

namespace {

struct BuildFlags {
    std::vector<std::string> services;
    std::vector<std::string> args;
    std::vector<std::string> ssh;
    std::optional<std::string> builder;
    std::string memory, progress, provenance, sbom;
    bool check = false;
    bool no_cache = false;
    bool print = false;
    bool pull = false;
    bool push = false;
    bool quiet = false;
    bool with_dependencies = false;
    std::map<std::string, bool> obsolete; // those of the classic builder that were given
};

// The flag that was not given is the variable of Docker's developers, who need not unset it for this program.
void check_builder(const Context &context, const std::optional<std::string> &flag) {
    const auto is_ours = [](const std::string &name) { return name.empty() || name == "default"; };
    if (flag && !is_ours(*flag))
        throw base::Error(
            fmt::format("there is no builder \"{}\"", *flag),
            "images are built by this program itself: leave --builder out, or name \"default\"");
    const auto variable = context.environment().find("BUILDX_BUILDER");
    if (!flag && variable != context.environment().end() && !is_ours(variable->second))
        warn(fmt::format("BUILDX_BUILDER={} has no effect: images are built by this program itself",
                         variable->second));
}

// Docker Compose takes them, and they do nothing there, either.
constexpr const char *obsolete_flags[] = {"--compress", "--force-rm", "--no-rm", "--parallel"};

void warn_of_obsolete(const BuildFlags &flags) {
    for (const auto &[name, given] : flags.obsolete)
        if (given)
            warn(fmt::format("build {} has no effect: it was for the classic builder of Docker", name));
}

std::optional<base::Bytes> parse_memory(const std::string &given) {
    if (given.empty())
        return std::nullopt;
    const auto memory = base::parse_bytes(given);
    if (!memory || memory->value < 0)
        throw base::Error(fmt::format("--memory is \"{}\", which is no size", given),
                          "write a number of bytes, or one with a unit: 512m");
    return memory->value == 0 ? std::nullopt : memory;
}

// NAME=VALUE, or NAME for the value the project's environment has, if any.
std::map<std::string, std::string> parse_args(const std::vector<std::string> &given,
                                              const compose::Project &project) {
    std::map<std::string, std::string> args;
    for (const std::string &text : given) {
        const std::size_t equals = text.find('=');
        const std::string name = text.substr(0, equals);
        if (name.empty())
            throw base::Error(fmt::format("--build-arg \"{}\" has no name", text), "write NAME=VALUE");
        if (equals != std::string::npos)
            args[name] = text.substr(equals + 1);
        else if (const auto found = project.environment.find(name); found != project.environment.end())
            args[name] = found->second;
    }
    return args;
}

// ID, or ID=PATH; a path is of the current directory.
std::map<std::string, std::string> parse_keys(const std::vector<std::string> &given) {
    std::map<std::string, std::string> keys;
    for (const std::string &text : given) {
        const std::size_t equals = text.find('=');
        const std::string id = text.substr(0, equals);
        if (id.empty() || (equals == std::string::npos && id != "default"))
            throw base::Error(fmt::format("--ssh \"{}\" names no key", text),
                              "write --ssh default for the agent, or --ssh ID=PATH");
        keys[id] = equals == std::string::npos ? std::string() : text.substr(equals + 1);
    }
    return keys;
}

// Services whose image nobody named are skipped, as by push.
void push_built(const Context &context, const compose::Project &project,
                const std::set<std::string> &services, bool quiet) {
    PushSettings settings;
    settings.quiet = quiet;
    settings.parallel = context.options.parallel.value_or(settings.parallel);
    const auto progress = quiet ? make_progress(ProgressMode::quiet, "") : context.progress("Pushing");
    static_cast<void>(push_images(context, project, services, settings, *progress));
}

int run_build(Context &context, const BuildFlags &flags) {
    check_builder(context, flags.builder);
    warn_of_obsolete(flags);
    if (!flags.progress.empty())
        context.options.progress = flags.progress;
    const compose::Loaded loaded = context.load(flags.services);
    require_services(loaded.project, flags.services);
    std::set<std::string> services =
        with_dependencies(loaded.project, flags.services, flags.with_dependencies);
    std::erase_if(services, [&](const std::string &name) {
        const auto found = loaded.project.services.find(name);
        return found == loaded.project.services.end() || !found->second.build;
    });
    if (services.empty()) {
        warn("no service to build");
        return 0;
    }
    const BuildFlagValues values{parse_args(flags.args, loaded.project), parse_keys(flags.ssh),
                                 flags.provenance, flags.sbom};
    if (flags.print) {
        print(STDOUT_FILENO, base::pretty_json(bake_file(loaded.project, services,
                                                         {.flags = values,
                                                          .no_cache = flags.no_cache,
                                                          .pull = flags.pull,
                                                          .push = flags.push,
                                                          .check = flags.check})));
        return 0;
    }
    if (flags.check)
        return check_builds(context, loaded.project, services) ? 0 : 1;
    if (context.options.dry_run) {
        for (const std::string &name : services)
            print(STDERR_FILENO,
                  fmt::format("DRY-RUN MODE - build image {}\n", loaded.project.services.at(name).image));
        return 0;
    }
    BuildSettings settings;
    settings.flags = values;
    settings.no_cache = flags.no_cache;
    settings.pull = flags.pull;
    settings.all_platforms = true;
    settings.quiet = flags.quiet;
    settings.memory = parse_memory(flags.memory);
    const auto progress = flags.quiet ? make_progress(ProgressMode::quiet, "") : context.progress("Building");
    build_images(context, loaded.project, services, settings, *progress);
    if (flags.push)
        push_built(context, loaded.project, services, flags.quiet);
    return 0;
}

} // namespace

void add_build(Command &root, Context &context) {
    auto flags = std::make_shared<BuildFlags>();
    Command build = root.subcommand("build", "Build the images of services");
    build
        .list("--build-arg", flags->args, "Build argument: NAME=VALUE, or NAME to pass it on", "NAME[=VALUE]")
        .flag("--check", flags->check, "Only check the Dockerfiles")
        .flag("--no-cache", flags->no_cache, "Run every step again")
        .flag("--pull", flags->pull, "Look for newer versions of base images")
        .flag("-q,--quiet", flags->quiet, "No output but errors")
        .flag("--with-dependencies", flags->with_dependencies, "Also what the services depend on")
        .flag("--push", flags->push, "Push the images once all are built")
        .flag("--print", flags->print, "Only show what would be built, as a bake file")
        .list("--ssh", flags->ssh, "SSH agent or keys", "ID[=PATH]")
        .option("--builder", flags->builder, "There is one: default", "NAME")
        .option("-m,--memory", flags->memory, "Memory limit of each RUN step", "BYTES")
        .option("--progress", flags->progress, "Use the global flag", "TYPE")
        .option("--provenance", flags->provenance,
                "Tell with the image how it was built: true, mode=min, mode=max", "VALUE")
        .option("--sbom", flags->sbom, "Tell with the image what is in it: true, generator=IMAGE", "VALUE")
        .positionals("SERVICE", flags->services, "Services to build; all when none is named");
    for (const char *name : {"--builder", "--progress"})
        build.hide(name);
    for (const char *name : obsolete_flags) {
        build.flag(name, flags->obsolete[name], "Without effect");
        build.hide(name);
    }
    build.action([&context, flags] { return run_build(context, *flags); });
}

} // namespace cli

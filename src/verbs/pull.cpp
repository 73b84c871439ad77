#include "base/error.hpp"
#include "terminal/terminal.hpp"
#include "verbs/images_of_project.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace cli {

namespace {

struct PullFlags {
    std::vector<std::string> services;
    std::string policy;
    bool ignore_buildable = false;
    bool ignore_failures = false;
    bool include_deps = false;
    bool quiet = false;
};

int run_pull(const Context &context, const PullFlags &flags) {
    if (!flags.policy.empty() && flags.policy != "missing" && flags.policy != "always")
        throw base::Error(fmt::format("invalid --policy value \"{}\"", flags.policy),
                          "use missing or always");
    const compose::Loaded loaded = context.load(flags.services);
    require_services(loaded.project, flags.services);
    std::set<std::string> services = with_dependencies(loaded.project, flags.services, flags.include_deps);
    if (flags.ignore_buildable)
        std::erase_if(services, [&](const std::string &name) {
            return loaded.project.services.at(name).build.has_value();
        });
    PullSettings settings;
    settings.policy = flags.policy;
    settings.always_ask = true;
    settings.ignore_failures = flags.ignore_failures;
    settings.quiet = flags.quiet;
    settings.parallel = context.options.parallel.value_or(settings.parallel);
    if (context.options.dry_run) {
        for (const std::string &name : services)
            print(STDERR_FILENO,
                  fmt::format("DRY-RUN MODE - pull image {}\n", loaded.project.services.at(name).image));
        return 0;
    }
    const auto progress = flags.quiet ? make_progress(ProgressMode::quiet, "") : context.progress("Pulling");
    const PullReport report = pull_images(context, loaded.project, services, settings, *progress);
    std::string to_build;
    for (const auto &[name, why] : report.failed)
        if (loaded.project.services.at(name).build)
            to_build += (to_build.empty() ? "" : " ") + name;
    if (!to_build.empty())
        warn(fmt::format("Some service image(s) must be built from source: {}", to_build));
    return 0;
}

} // namespace

void add_pull(Command &root, Context &context) {
    auto flags = std::make_shared<PullFlags>();
    root.subcommand("pull", "Pull the images of services")
        .flag("--ignore-buildable", flags->ignore_buildable, "Skip services with a build section")
        .flag("--ignore-pull-failures", flags->ignore_failures, "Go on with the others")
        .flag("--include-deps", flags->include_deps, "Dependencies too")
        .option("--policy", flags->policy, "missing: only what is not in the store; always", "POLICY")
        .flag("-q,--quiet", flags->quiet, "No progress")
        .positionals("SERVICE", flags->services, "Services; all when none is named")
        .action([&context, flags] { return run_pull(context, *flags); });
}

} // namespace cli

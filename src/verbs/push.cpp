#include "base/error.hpp"
#include "terminal/terminal.hpp"
#include "verbs/images_of_project.hpp"
#include "verbs/push_images.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace cli {

namespace {

struct PushFlags {
    std::vector<std::string> services;
    bool ignore_failures = false;
    bool include_deps = false;
    bool quiet = false;
};

int run_push(const Context &context, const PushFlags &flags) {
    const compose::Loaded loaded = context.load(flags.services);
    require_services(loaded.project, flags.services);
    const std::set<std::string> services =
        with_dependencies(loaded.project, flags.services, flags.include_deps);
    if (context.options.dry_run) {
        for (const std::string &service : services)
            for (const std::string &name : names_to_push(loaded.project, loaded.project.services.at(service)))
                print(STDERR_FILENO, fmt::format("DRY-RUN MODE - push image {}\n", name));
        return 0;
    }
    PushSettings settings;
    settings.ignore_failures = flags.ignore_failures;
    settings.quiet = flags.quiet;
    settings.parallel = context.options.parallel.value_or(settings.parallel);
    const auto progress = flags.quiet ? make_progress(ProgressMode::quiet, "") : context.progress("Pushing");
    for (const auto &[service, why] : push_images(context, loaded.project, services, settings, *progress))
        warn(fmt::format("Pushing {}: {}", service, why));
    return 0;
}

} // namespace

void add_push(Command &root, Context &context) {
    auto flags = std::make_shared<PushFlags>();
    root.subcommand("push", "Push the images that services are built as")
        .flag("--ignore-push-failures", flags->ignore_failures, "Go on with the others")
        .flag("--include-deps", flags->include_deps, "Dependencies too")
        .flag("-q,--quiet", flags->quiet, "No progress")
        .positionals("SERVICE", flags->services, "Services; all when none is named")
        .action([&context, flags] { return run_push(context, *flags); });
}

} // namespace cli

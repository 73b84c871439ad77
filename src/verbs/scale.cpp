#include "base/error.hpp"
#include "terminal/terminal.hpp"
#include "verbs/request.hpp"
#include "verbs/up_request.hpp"
#include "verbs/verbs.hpp"

#include <unistd.h>

namespace cli {

namespace {

int run_scale(const Context &context, UpFlags flags) {
    for (const auto &[service, number] : parse_scale(flags.scale))
        flags.services.push_back(service);
    const compose::Loaded loaded = context.load(flags.services);
    require_services(loaded.project, flags.services);
    const compose::Project project =
        reduced(loaded.project, with_dependencies(loaded.project, flags.services, !flags.no_deps));
    if (context.options.dry_run) {
        print(STDERR_FILENO, dry_run(context, project, flags));
        return 0;
    }
    const auto progress = context.progress("Running");
    up_detached(context, project, flags, *progress);
    return 0;
}

} // namespace

void add_scale(Command &root, Context &context) {
    auto flags = std::make_shared<UpFlags>();
    root.subcommand("scale", "Change the number of containers of services")
        .flag("--no-deps", flags->no_deps, "Leave what the services depend on alone")
        .positionals("SERVICE", flags->scale, "SERVICE=NUMBER, for each service", true)
        .action([&context, flags] { return run_scale(context, *flags); });
}

} // namespace cli

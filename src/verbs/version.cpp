#include "base/error.hpp"
#include "base/json.hpp"
#include "terminal/terminal.hpp"
#include "verbs/verbs.hpp"

#include <unistd.h>

namespace cli {

namespace {

struct VersionOptions {
    bool short_form = false;
    std::string format = "pretty";
};

int run_version(const VersionOptions &options) {
    if (options.short_form)
        print(STDOUT_FILENO, COMPOSE_VERSION "\n");
    else if (options.format == "json")
        print(STDOUT_FILENO, base::dump_json(base::Json{{"version", COMPOSE_VERSION}}) + "\n");
    else if (options.format == "pretty")
        print(STDOUT_FILENO, "compose version " COMPOSE_VERSION "\n");
    else
        throw base::Error("unknown format \"" + options.format + "\"", "use pretty or json");
    return 0;
}

} // namespace

void add_version(Command &root, Context &) {
    auto options = std::make_shared<VersionOptions>();
    root.subcommand("version", "Show the version")
        .flag("--short", options->short_form, "Only the number")
        .option("-f,--format", options->format, "pretty or json", "FORMAT")
        .action([options] { return run_version(*options); });
}

} // namespace cli

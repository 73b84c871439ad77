#include "base/error.hpp"
#include "base/file.hpp"
#include "compose/render.hpp"
#include "terminal/terminal.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace cli {

namespace {

struct ConfigOptions {
    std::vector<std::string> service_names;
    std::string format = "yaml";
    std::string hash;
    std::string output;
    bool services = false;
    bool volumes = false;
    bool networks = false;
    bool profiles = false;
    bool images = false;
    bool environment = false;
    bool quiet = false;
    bool no_interpolate = false;
    bool no_normalize = false;
    bool no_path_resolution = false;
    bool no_consistency = false;
    bool no_env_resolution = false;
};

compose::LoadOptions load_options(const Context &context, const ConfigOptions &options) {
    compose::LoadOptions load = context.load_options(options.service_names);
    load.no_interpolate = options.no_interpolate;
    load.no_normalize = options.no_normalize || context.options.compatibility;
    load.no_path_resolution = options.no_path_resolution;
    load.no_consistency = options.no_consistency;
    load.no_env_resolution = options.no_env_resolution;
    return load;
}

std::string joined(const std::vector<std::string> &lines) {
    std::string text;
    for (const std::string &line : lines)
        text += line + "\n";
    return text;
}

std::string rendered(const compose::Loaded &loaded, const ConfigOptions &options) {
    if (options.services)
        return joined(compose::list_services(loaded.project));
    if (options.volumes)
        return joined(compose::list_volumes(loaded.project));
    if (options.networks)
        return joined(compose::list_networks(loaded.project));
    if (options.profiles)
        return joined(compose::list_profiles(loaded.project));
    if (options.images)
        return joined(compose::list_images(loaded.project));
    if (options.environment)
        return joined(compose::list_environment(loaded.project));
    if (!options.hash.empty())
        return joined(compose::list_hashes(loaded.project, options.hash));
    return options.format == "json" ? compose::render_json(loaded.canonical, !options.no_interpolate)
                                    : compose::render_yaml(loaded.canonical, !options.no_interpolate);
}

int run_config(const Context &context, const ConfigOptions &options) {
    if (options.format != "yaml" && options.format != "json")
        throw base::Error(fmt::format("unsupported format \"{}\"", options.format), "use yaml or json");
    const compose::Loaded loaded = compose::load(load_options(context, options));
    show_warnings(loaded.warnings);
    require_services(loaded.project, options.service_names);
    if (options.quiet)
        return 0;
    const std::string text = rendered(loaded, options);
    if (options.output.empty())
        print(STDOUT_FILENO, text);
    else
        base::write_file_atomic(std::filesystem::absolute(options.output), text);
    return 0;
}

} // namespace

void add_config(Command &root, Context &context) {
    auto options = std::make_shared<ConfigOptions>();
    root.subcommand("config", "Show the whole model as it is understood")
        .alias("convert")
        .option("--format", options->format, "yaml or json", "FORMAT")
        .flag("-q,--quiet", options->quiet, "Only check; the exit status is the answer")
        .flag("--services", options->services, "Names of services, dependencies first")
        .flag("--volumes", options->volumes, "Names of volumes")
        .flag("--networks", options->networks, "Names of networks")
        .flag("--profiles", options->profiles, "Names of profiles")
        .flag("--images", options->images, "Names of images")
        .flag("--environment", options->environment, "Variables that interpolation sees")
        .option("--hash", options->hash, "Configuration hashes of these services, or * for all", "SERVICES")
        .option("-o,--output", options->output, "Write to a file", "FILE")
        .flag("--no-interpolate", options->no_interpolate, "Keep ${VARIABLES} as they are")
        .flag("--no-normalize", options->no_normalize, "Without defaults")
        .flag("--no-path-resolution", options->no_path_resolution, "Keep relative paths")
        .flag("--no-consistency", options->no_consistency, "Do not check references")
        .flag("--no-env-resolution", options->no_env_resolution, "Do not read env_file")
        .positionals("SERVICE", options->service_names,
                     "Services, with what they depend on; all when none is named")
        .action([&context, options] { return run_config(context, *options); });
}

} // namespace cli

#include "base/error.hpp"
#include "base/file.hpp"
#include "compose/render.hpp"
#include "compose/variables.hpp"
#include "engine/image/pull.hpp"
#include "terminal/table.hpp"
#include "terminal/terminal.hpp"
#include "verbs/config_explain.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

namespace cli {

namespace {

struct ConfigOptions {
    std::vector<std::string> service_names;
    std::string format;
    std::string hash;
    std::string output;
    std::string explain;
    bool services = false;
    bool volumes = false;
    bool networks = false;
    bool models = false;
    bool profiles = false;
    bool images = false;
    bool variables = false;
    bool environment = false;
    bool resolve_digests = false;
    bool lock_digests = false;
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
    load.describe_only = true;
    load.no_hashes = options.hash.empty();
    load.no_services = options.hash.empty() && !options.services && !options.profiles && !options.images
                       && options.service_names.empty();
    load.no_interpolate = load.no_interpolate || options.variables;
    return load;
}

std::string joined(const std::vector<std::string> &lines) {
    std::string text;
    for (const std::string &line : lines)
        text += line + "\n";
    return text;
}

std::string variables_text(const compose::Loaded &loaded, const ConfigOptions &options) {
    const compose::Variables variables = compose::variables_of(loaded.canonical);
    if (options.format == "yaml")
        return compose::render_variables_yaml(variables);
    if (options.format == "json")
        return compose::render_variables_json(variables);
    Table table({"NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE"});
    for (const auto &[name, use] : variables)
        table.add({name, use.required ? "true" : "false", use.default_value, use.presence_value});
    constexpr std::size_t least_width = 20; // of a column, as Docker Compose has them
    return table.text(least_width);
}

void pin(compose::Node &name) {
    image::Reference reference = image::Reference::parse(name.text);
    reference.digest = image::registry_digest(reference);
    name.text = reference.familiar();
}

// The mounts of a service that show an image.
std::vector<compose::Node *> image_mounts(compose::Node &service) {
    std::vector<compose::Node *> mounts;
    if (compose::Node *volumes = service.find("volumes"))
        for (compose::Node &mount : volumes->items)
            if (const compose::Node *type = mount.find("type");
                type != nullptr && type->text == "image" && mount.find("source") != nullptr)
                mounts.push_back(&mount);
    return mounts;
}

void pin_images(compose::Node &canonical) {
    compose::Node *services = canonical.find("services");
    if (services == nullptr)
        return;
    for (compose::Member &service : services->members) {
        if (compose::Node *name = service.value.find("image"))
            pin(*name);
        for (compose::Node *mount : image_mounts(service.value))
            pin(*mount->find("source"));
    }
}

// An override file that pins the images and says nothing else.
compose::Node only_images(compose::Node &canonical) {
    compose::Node services = compose::Node::mapping();
    for (compose::Member &service : canonical.find("services")->members) {
        compose::Node kept = compose::Node::mapping();
        if (const compose::Node *name = service.value.find("image"))
            kept.set("image", *name);
        compose::Node mounts = compose::Node::sequence();
        for (const compose::Node *mount : image_mounts(service.value))
            mounts.items.push_back(*mount);
        if (!mounts.items.empty())
            kept.set("volumes", std::move(mounts));
        services.set(service.key, std::move(kept));
    }
    compose::Node file = compose::Node::mapping();
    file.set("services", std::move(services));
    return file;
}

// --quiet keeps quiet about the model only, as in Docker Compose: a list that is asked for is given.
std::string model_text(compose::Loaded &loaded, const ConfigOptions &options) {
    if (options.quiet)
        return {};
    if (options.resolve_digests || options.lock_digests)
        pin_images(loaded.canonical);
    if (options.lock_digests)
        loaded.canonical = only_images(loaded.canonical);
    return options.format == "json" ? compose::render_json(loaded.canonical, !options.no_interpolate)
                                    : compose::render_yaml(loaded.canonical, !options.no_interpolate);
}

std::string text_of(compose::Loaded &loaded, const ConfigOptions &options) {
    if (!options.explain.empty())
        return explained(loaded, options.explain, colours_on(STDOUT_FILENO));
    if (options.services)
        return joined(options.no_interpolate ? compose::list_elements(loaded.canonical, "services")
                                             : compose::list_services(loaded.project));
    if (options.volumes)
        return joined(compose::list_elements(loaded.canonical, "volumes"));
    if (options.networks)
        return joined(compose::list_elements(loaded.canonical, "networks"));
    if (options.models)
        return joined(compose::list_elements(loaded.canonical, "models"));
    if (options.profiles)
        return joined(compose::list_profiles(loaded.project));
    if (options.images)
        return joined(
            compose::list_images(loaded.project, compose::list_elements(loaded.canonical, "services")));
    if (options.variables)
        return variables_text(loaded, options);
    if (options.environment)
        return joined(compose::list_environment(loaded.project));
    if (!options.hash.empty())
        return joined(compose::list_hashes(loaded.project, options.hash));
    return model_text(loaded, options);
}

// In one step, so that a reader of the file never sees half of it; what is no file, such as /dev/stdout, is
// written to.
void write_output(const std::string &output, const std::string &text) {
    const std::filesystem::path path = std::filesystem::absolute(output);
    std::error_code ignored;
    if (const auto directory = std::filesystem::path(output).parent_path();
        !directory.empty() && !std::filesystem::is_directory(directory, ignored))
        throw base::Error(
            fmt::format("cannot write {}: there is no directory {}", output, directory.string()),
            "create it, or name a file elsewhere");
    if (!std::filesystem::exists(path, ignored) || std::filesystem::is_regular_file(path, ignored))
        return base::write_file_atomic(path, text);
    const base::UniqueFd fd = base::open_file(path, O_WRONLY);
    base::write_all(fd.get(), text, path.string());
}

int run_config(const Context &context, const ConfigOptions &options) {
    if (!options.format.empty() && options.format != "yaml" && options.format != "json")
        throw base::Error(fmt::format("unsupported format \"{}\"", options.format), "use yaml or json");
    // Never freed: the process ends, and a large file has tens of thousands of values.
    compose::Loaded &loaded =
        *std::make_unique<compose::Loaded>(compose::load(load_options(context, options))).release();
    show_warnings(loaded.warnings);
    if (options.no_interpolate && !options.service_names.empty())
        warn("services are not chosen from files that are not interpolated");
    else
        require_services(loaded.project, options.service_names);
    const std::string text = text_of(loaded, options);
    if (text.empty())
        return 0;
    if (options.output.empty())
        print(STDOUT_FILENO, text);
    else
        write_output(options.output, text);
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
        .flag("--models", options->models, "Names of models")
        .flag("--profiles", options->profiles, "Names of profiles")
        .flag("--images", options->images, "Names of images")
        .flag("--variables", options->variables, "Variables the files name, with their defaults")
        .flag("--environment", options->environment, "Variables that interpolation sees")
        .option("--hash", options->hash, "Configuration hashes of these services, or * for all", "SERVICES")
        .option("--explain", options->explain,
                "Where a value comes from and what it overrode, e.g. services.web.image", "PATH")
        .flag("--resolve-image-digests", options->resolve_digests,
              "Pin images to what the registry serves now")
        .flag("--lock-image-digests", options->lock_digests, "Only an override file with the pinned images")
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

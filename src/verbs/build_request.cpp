#include "verbs/build_request.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "compose/plan/labels.hpp"
#include "engine/build/remote_files.hpp"
#include "verbs/context.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace cli {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view service_scheme = "service:";
constexpr std::string_view image_scheme = "docker-image://";
constexpr const char *epoch_variable = "SOURCE_DATE_EPOCH";

base::Error refusal(const compose::Service &service, const std::string &what, std::string hint) {
    return base::Error(fmt::format("service {}: {}", service.name, what), std::move(hint));
}

// A directory of this machine, into which the context is fetched where it is none.
fs::path context_directory(const compose::Service &service, const std::string &context,
                           const RequestSource &source) {
    if (!context.starts_with('/') && build::is_remote_context(context))
        return build::fetch_context(source.paths, context, source.cancel_fd);
    if (context.find("://") != std::string::npos)
        throw refusal(service, fmt::format("the build context {} is of no known kind", context),
                      "name a directory, a git repository, an archive of the web, docker-image://NAME or "
                      "service:NAME");
    if (!fs::is_directory(context))
        throw refusal(service, fmt::format("the build context {} is not there, or no directory", context),
                      "correct `build.context`, or create it");
    return context;
}

// What others wrote must not name files of this machine by a link.
void require_inside(const compose::Service &service, const fs::path &context, const fs::path &file) {
    const fs::path real = fs::weakly_canonical(file);
    const fs::path top = fs::canonical(context);
    if (std::mismatch(top.begin(), top.end(), real.begin(), real.end()).first != top.end())
        throw refusal(service, fmt::format("{} leads out of the build context", file.string()),
                      "choose a context that keeps its files itself");
}

void set_dockerfile(build::BuildOptions &options, const compose::Service &service) {
    const compose::Build &build = *service.build;
    if (build.dockerfile_inline) {
        options.dockerfile = std::make_shared<base::Source>(base::Source{
            fmt::format("services.{}.build.dockerfile_inline", service.name), *build.dockerfile_inline});
        return;
    }
    const fs::path path = options.context / (build.dockerfile.empty() ? "Dockerfile" : build.dockerfile);
    if (!build.context.starts_with('/')) {
        require_inside(service, options.context, path);
        require_inside(service, options.context, path.string() + ".dockerignore");
        require_inside(service, options.context, options.context / ".dockerignore");
    }
    const auto text = base::read_file_if(path);
    if (!text)
        throw refusal(service, fmt::format("there is no Dockerfile {}", path.string()),
                      "create it, or name another one with `build.dockerfile`");
    const fs::path shown = path.lexically_proximate(fs::current_path());
    const bool shorter = shown.string().size() < path.string().size();
    options.dockerfile =
        std::make_shared<base::Source>(base::Source{(shorter ? shown : path).string(), *text});
    options.dockerfile_path = path;
}

void set_args(build::BuildOptions &options, const compose::Project &project, const compose::Build &build,
              const std::map<std::string, std::string> &args) {
    options.request.args = build.args;
    for (const auto &[name, value] : args)
        options.request.args[name] = value;
    if (const auto given = project.environment.find(epoch_variable); given != project.environment.end())
        options.request.args.emplace(epoch_variable, given->second);
    const auto epoch = options.request.args.find(epoch_variable);
    if (epoch == options.request.args.end() || epoch->second.empty())
        return;
    std::int64_t seconds = 0;
    const char *end = epoch->second.data() + epoch->second.size();
    const auto read = std::from_chars(epoch->second.data(), end, seconds);
    if (read.ec != std::errc() || read.ptr != end)
        throw base::Error(fmt::format("SOURCE_DATE_EPOCH is \"{}\"", epoch->second),
                          "it is a number of seconds since 1970");
    options.source_date_epoch = seconds;
}

void set_contexts(build::BuildOptions &options, const compose::Project &project,
                  const compose::Service &service, const RequestSource &source) {
    for (const auto &[name, value] : service.build->additional_contexts) {
        if (const std::string other = service_of_context(value); !other.empty()) {
            const compose::Service *built = find_service(project, other);
            if (built == nullptr)
                throw refusal(service,
                              fmt::format("the additional context {} is of the service {}, which "
                                          "there is not",
                                          name, other),
                              "declare it under `services`");
            options.contexts[name] = built->image;
        } else if (value.starts_with(image_scheme)) {
            options.contexts[name] = value.substr(image_scheme.size());
        } else {
            const fs::path directory = context_directory(service, value, source);
            if (!value.starts_with('/'))
                require_inside(service, directory, directory / ".dockerignore");
            options.contexts[name] = directory;
        }
        options.request.contexts.insert(name);
    }
}

std::string secret_content(const compose::Project &project, const compose::Service &service,
                           const compose::BuildSecret &secret) {
    const auto found = project.secrets.find(secret.source);
    if (found == project.secrets.end())
        throw refusal(service, fmt::format("the secret {} is not defined", secret.source),
                      "add it to the top-level `secrets`");
    const compose::FileObject &object = found->second;
    if (object.external)
        throw refusal(service,
                      fmt::format("the secret {} is external, which nobody here keeps", secret.source),
                      "give it as `file` or `environment`");
    if (object.from == compose::FileObject::From::file)
        return base::read_file(object.value);
    if (!object.content)
        throw refusal(service,
                      fmt::format("the variable {} of the secret {} is not set", object.value, secret.source),
                      "set it");
    return *object.content;
}

void set_run(build::BuildOptions &options, const compose::Project &project, const compose::Service &service) {
    const compose::Build &build = *service.build;
    // A network of the file by its key, or any of this host by its name.
    const auto network = project.networks.find(build.network);
    options.network = network == project.networks.end() ? build.network : network->second.name;
    options.shm_size = build.shm_size;
    options.extra_hosts = build.extra_hosts;
    for (const auto &[name, limit] : build.ulimits)
        options.rlimits.push_back({name, limit.soft, limit.hard});
    const auto entitled = [&](const char *what) {
        return std::find(build.entitlements.begin(), build.entitlements.end(), what)
               != build.entitlements.end();
    };
    options.privileged = build.privileged || entitled("security.insecure");
    options.host_network = build.network == "host" || entitled("network.host");
    options.all_devices = entitled("device");
    constexpr std::string_view one_device = "device=";
    for (const std::string &entitlement : build.entitlements)
        if (entitlement.starts_with(one_device))
            options.devices.insert(entitlement.substr(one_device.size()));
    for (const compose::BuildSecret &secret : build.secrets)
        options.secrets[secret.id] = {secret_content(project, service, secret), secret.uid, secret.gid,
                                      secret.mode};
}

// Directories are of the project's, as the build context is.
void set_caches(build::BuildOptions &options, const compose::Project &project,
                const compose::Service &service) {
    const auto add = [&](const std::vector<std::string> &texts, build::CacheUse use,
                         std::vector<build::CacheSpec> &specs) {
        for (const std::string &text : texts) {
            const build::ParsedCache parsed = build::parse_cache_spec(text, use, project.working_dir);
            for (const std::string &sentence : parsed.warnings)
                warn(fmt::format("service {}: {}", service.name, sentence));
            if (parsed.spec)
                specs.push_back(*parsed.spec);
        }
    };
    add(service.build->cache_from, build::CacheUse::from, options.cache_from);
    add(service.build->cache_to, build::CacheUse::to, options.cache_to);
}

// Of an id without a path it is the agent of whoever builds.
void set_ssh(build::BuildOptions &options, const compose::Project &project, const compose::Service &service,
             const std::map<std::string, std::string> &flags) {
    options.ssh = service.build->ssh;
    for (const auto &[id, path] : flags)
        options.ssh[id] = path;
    for (auto &[id, path] : options.ssh) {
        if (!path.empty())
            continue;
        const auto agent = project.environment.find("SSH_AUTH_SOCK");
        if (agent == project.environment.end() || agent->second.empty())
            throw refusal(service, fmt::format("the ssh key {} is that of an agent, and there is none", id),
                          "start ssh-agent, so that SSH_AUTH_SOCK is set, or give a key file: " + id
                              + "=PATH");
        path = agent->second;
    }
}

} // namespace

const compose::Service *find_service(const compose::Project &project, const std::string &name) {
    for (const auto *services : {&project.services, &project.disabled_services})
        if (const auto found = services->find(name); found != services->end())
            return &found->second;
    return nullptr;
}

std::map<std::string, std::string> image_labels(const compose::Project &project,
                                                const compose::Service &service) {
    std::map<std::string, std::string> labels = service.build->labels;
    labels[plan::label_project] = project.name;
    labels[plan::label_service] = service.name;
    return labels;
}

std::string service_of_context(const std::string &value) {
    return value.starts_with(service_scheme) ? value.substr(service_scheme.size()) : std::string();
}

std::optional<build::ProvenanceOptions> wanted_provenance(const compose::Service &service,
                                                          const BuildFlagValues &flags) {
    if (!flags.provenance.empty())
        return build::parse_provenance(flags.provenance, "--provenance");
    return build::parse_provenance(service.build->provenance,
                                   fmt::format("service {}: build.provenance", service.name));
}

std::optional<build::SbomOptions> wanted_sbom(const compose::Service &service, const BuildFlagValues &flags) {
    if (!flags.sbom.empty())
        return build::parse_sbom(flags.sbom, "--sbom");
    return build::parse_sbom(service.build->sbom, fmt::format("service {}: build.sbom", service.name));
}

std::vector<image::Platform> build_platforms(const compose::Service &service, bool all) {
    std::vector<image::Platform> listed;
    for (const std::string &text : service.build->platforms)
        if (const auto platform = image::Platform::parse(text);
            std::find(listed.begin(), listed.end(), platform) == listed.end())
            listed.push_back(platform);
    const image::Platform host = image::Platform::host();
    if (!service.platform.empty()) {
        const auto own = image::Platform::parse(service.platform);
        if (!listed.empty() && std::find(listed.begin(), listed.end(), own) == listed.end())
            throw refusal(service, fmt::format("build.platforms lacks the platform {}", service.platform),
                          "add it, or set another `platform` (or DOCKER_DEFAULT_PLATFORM)");
        return all && !listed.empty() ? listed : std::vector{own};
    }
    if (listed.empty())
        return {host};
    if (all || listed.size() == 1)
        return listed;
    const image::Platform *best = nullptr;
    for (const image::Platform &platform : listed) {
        const int distance = host.distance_to(platform);
        if (distance >= 0 && (best == nullptr || distance < host.distance_to(*best)))
            best = &platform;
    }
    if (best == nullptr)
        throw refusal(service, fmt::format("none of build.platforms is for this machine, {}", host.text()),
                      "add it, or choose one of them with the service's `platform`");
    return {*best};
}

build::BuildOptions build_options(const compose::Project &project, const compose::Service &service,
                                  const BuildFlagValues &flags, const RequestSource &source) {
    const compose::Build &build = *service.build;
    build::BuildOptions options;
    options.context = context_directory(service, build.context, source);
    set_dockerfile(options, service);
    set_args(options, project, build, flags.args);
    options.request.build_platform = options.request.target_platform = image::Platform::host();
    set_contexts(options, project, service, source);
    set_run(options, project, service);
    set_ssh(options, project, service, flags.ssh);
    set_caches(options, project, service);
    options.provenance = wanted_provenance(service, flags);
    options.sbom = wanted_sbom(service, flags);
    options.request.target = build.target;
    options.request.labels = image_labels(project, service);
    options.names.push_back(image::Reference::parse(service.image));
    for (const std::string &tag : build.tags)
        options.names.push_back(image::Reference::parse(tag));
    options.no_cache = build.no_cache;
    options.no_cache_stages = {build.no_cache_filter.begin(), build.no_cache_filter.end()};
    options.pull = build.pull;
    return options;
}

} // namespace cli

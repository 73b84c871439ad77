#include "verbs/bake_file.hpp"

#include "base/json.hpp"
#include "verbs/push_images.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace cli {

namespace {

using base::Json;
using Texts = std::vector<std::string>;
using TargetNames = std::map<std::string, std::string>; // by service

// A target's name has no dots.
TargetNames target_names(const compose::Project &project) {
    TargetNames targets;
    std::set<std::string> used;
    for (const auto &[service, unused] : project.services) {
        std::string name = service;
        std::replace(name.begin(), name.end(), '.', '_');
        while (!used.insert(name).second)
            name += '_';
        targets[service] = name;
    }
    return targets;
}

// "${" and "%{" begin an expression in bake's strings.
std::string escaped(const std::string &text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        result += text[at];
        if ((text[at] == '$' || text[at] == '%') && text.compare(at + 1, 1, "{") == 0)
            result += text[at];
    }
    return result;
}

class Target {
  public:
    void text(const char *key, const std::string &value) {
        if (!value.empty())
            json_[key] = escaped(value);
    }

    void flag(const char *key, bool value) {
        if (value)
            json_[key] = true;
    }

    void list(const char *key, const Texts &values) {
        for (const std::string &value : values)
            json_[key].push_back(escaped(value));
    }

    void map(const char *key, const std::map<std::string, std::string> &values) {
        for (const auto &[name, value] : values)
            json_[key][name] = escaped(value);
    }

    Json take() { return std::move(json_); }

  private:
    Json json_ = Json::object();
};

std::string dockerfile(const compose::Build &build) {
    if (build.dockerfile.empty() || !build.context.starts_with('/'))
        return build.dockerfile;
    return (std::filesystem::path(build.context) / build.dockerfile).lexically_normal();
}

std::map<std::string, std::string> contexts(const compose::Build &build, const TargetNames &targets) {
    std::map<std::string, std::string> result = build.additional_contexts;
    for (auto &[name, value] : result)
        if (const auto target = targets.find(service_of_context(value)); target != targets.end())
            value = "target:" + target->second;
    return result;
}

// External ones are nobody's to give.
Texts secrets(const compose::Project &project, const compose::Build &build) {
    Texts result;
    for (const compose::BuildSecret &secret : build.secrets) {
        const auto found = project.secrets.find(secret.source);
        if (found == project.secrets.end() || found->second.external)
            continue;
        const compose::FileObject &object = found->second;
        if (object.from == compose::FileObject::From::environment)
            result.push_back(fmt::format("id={},type=env,env={}", secret.id, object.value));
        else if (object.from == compose::FileObject::From::file)
            result.push_back(fmt::format("id={},type=file,src={}", secret.id, object.value));
    }
    return result;
}

Texts keys(const std::map<std::string, std::string> &ssh) {
    Texts result;
    for (const auto &[id, path] : ssh)
        result.push_back(path.empty() ? id : id + "=" + path);
    return result;
}

Texts ulimits(const compose::Build &build) {
    Texts result;
    for (const auto &[name, limit] : build.ulimits)
        result.push_back(limit.soft == limit.hard ? fmt::format("{}={}", name, limit.soft)
                                                  : fmt::format("{}={}:{}", name, limit.soft, limit.hard));
    return result;
}

std::map<std::string, std::string> extra_hosts(const compose::Build &build) {
    std::map<std::string, std::string> result;
    for (const auto &[host, address] : build.extra_hosts)
        result[host] += (result[host].empty() ? "" : ",") + address;
    return result;
}

Texts entitlements(const compose::Build &build) {
    Texts result = build.entitlements;
    constexpr const char *insecure = "security.insecure";
    if (build.privileged && std::find(result.begin(), result.end(), insecure) == result.end())
        result.emplace_back(insecure);
    return result;
}

// One of them, as its type and what is said of it; nothing when nothing is.
void attest(Texts &result, const std::string &type, const std::string &flag, const std::string &of_file) {
    const std::string &asked = flag.empty() ? of_file : flag;
    if (asked == "true" || asked == "false")
        result.push_back("type=" + type + (asked == "true" ? "" : ",disabled=true"));
    else if (!asked.empty())
        result.push_back("type=" + type + "," + asked);
}

Texts attestations(const compose::Build &build, const BuildFlagValues &flags) {
    Texts result;
    attest(result, "provenance", flags.provenance, build.provenance);
    attest(result, "sbom", flags.sbom, build.sbom);
    return result;
}

std::string output(const compose::Project &project, const compose::Service &service, bool push) {
    const bool pushed = push && !names_to_push(project, service).empty();
    if (service.build->platforms.size() > 1)
        return fmt::format("type=image,push={}", pushed);
    return pushed ? "type=registry" : "type=docker";
}

std::map<std::string, std::string> over(std::map<std::string, std::string> below,
                                        const std::map<std::string, std::string> &above) {
    for (const auto &[name, value] : above)
        below[name] = value;
    return below;
}

Json target_of(const compose::Project &project, const compose::Service &service, const TargetNames &targets,
               const BakeSettings &settings) {
    const compose::Build &build = *service.build;
    Target target;
    target.text("context", build.context);
    target.map("contexts", contexts(build, targets));
    target.text("dockerfile", dockerfile(build));
    target.text("dockerfile-inline", build.dockerfile_inline.value_or(""));
    target.map("args", over(build.args, settings.flags.args));
    target.map("labels", image_labels(project, service));
    Texts tags = build.tags;
    tags.push_back(service.image);
    target.list("tags", tags);
    target.list("cache-from", build.cache_from);
    target.list("cache-to", build.cache_to);
    target.list("attest", attestations(build, settings.flags));
    target.text("target", build.target);
    target.list("secret", secrets(project, build));
    target.list("ssh", keys(over(build.ssh, settings.flags.ssh)));
    target.list("platforms", build.platforms);
    target.flag("pull", build.pull || settings.pull);
    target.flag("no-cache", build.no_cache || settings.no_cache);
    target.text("network", build.network);
    target.list("no-cache-filter", build.no_cache_filter);
    target.text("shm-size", build.shm_size ? std::to_string(build.shm_size->value) : "");
    target.list("ulimits", ulimits(build));
    target.text("call", settings.check ? "lint" : "");
    target.list("entitlements", entitlements(build));
    target.map("extra-hosts", extra_hosts(build));
    if (!settings.check)
        target.list("output", {output(project, service, settings.push)});
    return target.take();
}

} // namespace

base::Json bake_file(const compose::Project &project, const std::set<std::string> &services,
                     const BakeSettings &settings) {
    const TargetNames names = target_names(project);
    Json targets = Json::object();
    for (const auto &[name, service] : project.services)
        if (service.build)
            targets[names.at(name)] = target_of(project, service, names, settings);
    Json chosen = Json::array();
    for (const std::string &service : services)
        chosen.push_back(names.at(service));
    return {{"group", {{"default", {{"targets", std::move(chosen)}}}}}, {"target", std::move(targets)}};
}

} // namespace cli

#include "engine/build/provenance.hpp"

#include "base/json.hpp"
#include "engine/image/credentials.hpp"

namespace build {

namespace {

using base::Json;

constexpr const char *statement_type = "https://in-toto.io/Statement/v1";
constexpr const char *predicate_type = "https://slsa.dev/provenance/v1";
constexpr const char *build_type =
    "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md";

std::string hex_of(const std::string &digest) {
    return digest.substr(digest.find(':') + 1);
}

std::string dockerfile_name(const BuildOptions &options) {
    return options.dockerfile_path.empty() ? "Dockerfile" : options.dockerfile_path.filename().string();
}

Json ids(const auto &named) {
    Json list = Json::array();
    for (const auto &[id, value] : named)
        list.push_back({{"id", id}});
    return list;
}

Json request_of(const BuildOptions &options) {
    Json args = Json::object();
    if (!options.request.target.empty())
        args["target"] = options.request.target;
    if (options.provenance->max) {
        for (const auto &[name, value] : options.request.args)
            args["build-arg:" + name] = value;
        for (const auto &[name, value] : options.request.labels)
            args["label:" + name] = value;
    }
    Json request{{"frontend", "dockerfile.v0"},
                 {"args", std::move(args)},
                 {"locals", {{{"name", "context"}}, {{"name", "dockerfile"}}}}};
    if (options.provenance->max) {
        request["secrets"] = ids(options.secrets);
        request["ssh"] = ids(options.ssh);
    }
    return request;
}

Json dependencies(const std::vector<Material> &materials) {
    Json list = Json::array();
    for (const Material &material : materials)
        list.push_back({{"uri", material.uri}, {"digest", {{material.algorithm, material.hex}}}});
    return list;
}

Json metadata(const BuildOptions &options, const BuildFacts &facts, const std::string &invocation) {
    Json own = Json::object();
    if (options.provenance->max)
        own["source"] = {
            {"infos", Json::array({{{"filename", dockerfile_name(options)},
                                    {"language", "Dockerfile"},
                                    {"data", image::base64_encode(options.dockerfile->text)}}})}};
    // Files of the context are no dependencies that a digest tells of.
    return {
        {"invocationId", invocation},
        {"startedOn", base::format_rfc3339(facts.started)},
        {"finishedOn", base::format_rfc3339(facts.finished)},
        {"buildkit_metadata", std::move(own)},
        {"buildkit_hermetic", facts.hermetic},
        {"buildkit_completeness", {{"request", options.provenance->max}, {"resolvedDependencies", false}}},
        {"buildkit_reproducible", options.provenance->reproducible}};
}

} // namespace

std::string package_url(const image::Reference &name, const image::Platform &platform) {
    std::string text = "pkg:docker/" + name.familiar_repository();
    if (!name.tag.empty())
        text += "@" + name.tag;
    text += name.digest.empty() ? "?" : "?digest=" + name.digest + "&";
    text += "platform=";
    for (const char c : platform.text())
        text += c == '/' ? std::string("%2F") : std::string(1, c);
    return text;
}

image::Statement provenance(const BuildOptions &options, const BuildFacts &facts,
                            const image::Descriptor &image, const std::string &invocation) {
    const Json digest{{"sha256", hex_of(image.digest)}};
    Json subjects = Json::array();
    for (const image::Reference &name : options.names)
        subjects.push_back(
            {{"name", package_url(name, image.platform.value_or(image::Platform{}))}, {"digest", digest}});
    if (subjects.empty())
        subjects.push_back({{"name", "_"}, {"digest", digest}});
    const Json definition{
        {"buildType", build_type},
        {"externalParameters",
         {{"configSource", {{"path", dockerfile_name(options)}}}, {"request", request_of(options)}}},
        {"internalParameters", {{"builderPlatform", options.request.build_platform.text()}}},
        {"resolvedDependencies", dependencies(facts.materials)}};
    const Json run{{"builder", {{"id", options.provenance->builder_id}}},
                   {"metadata", metadata(options, facts, invocation)}};
    return {predicate_type,
            base::dump_json({{"_type", statement_type},
                             {"predicateType", predicate_type},
                             {"subject", std::move(subjects)},
                             {"predicate", {{"buildDefinition", definition}, {"runDetails", run}}}})};
}

} // namespace build

#include "engine/build/provenance.hpp"

#include "base/json.hpp"
#include "engine/build/in_toto.hpp"
#include "engine/image/credentials.hpp"

namespace build {

namespace {

using base::Json;

constexpr const char *predicate_type = "https://slsa.dev/provenance/v1";
constexpr const char *build_type =
    "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md";

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

image::Statement provenance(const BuildOptions &options, const BuildFacts &facts,
                            const image::Descriptor &image, const std::string &invocation) {
    const Json definition{
        {"buildType", build_type},
        {"externalParameters",
         {{"configSource", {{"path", dockerfile_name(options)}}}, {"request", request_of(options)}}},
        {"internalParameters", {{"builderPlatform", options.request.build_platform.text()}}},
        {"resolvedDependencies", dependencies(facts.materials)}};
    const Json run{{"builder", {{"id", options.provenance->builder_id}}},
                   {"metadata", metadata(options, facts, invocation)}};
    return statement_about(options.names, image, predicate_type,
                           {{"buildDefinition", definition}, {"runDetails", run}});
}

} // namespace build

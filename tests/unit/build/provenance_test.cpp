#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/build/provenance.hpp"

#include <catch2/catch.hpp>

using namespace build;

namespace {

std::optional<ProvenanceOptions> parsed(const std::string &text) {
    return parse_provenance(text, "--provenance");
}

struct World {
    BuildOptions options;
    BuildFacts facts;
    image::Descriptor manifest;

    World() {
        options.dockerfile = std::make_shared<base::Source>(base::Source{"Dockerfile", "FROM scratch\n"});
        options.request.build_platform = image::Platform::parse("linux/amd64");
        options.request.target = "web";
        options.request.args["SECRET"] = "value";
        options.request.labels["made"] = "here";
        options.secrets["token"] = {};
        options.names = {image::Reference::parse("localhost:5000/team/app:1"),
                         image::Reference::parse("app")};
        options.provenance = ProvenanceOptions{};
        facts.materials = {
            {"pkg:docker/busybox@latest?platform=linux%2Farm64", "sha256", std::string(64, 'b')}};
        manifest.digest = "sha256:" + std::string(64, 'a');
        manifest.platform = image::Platform::parse("linux/arm64");
    }

    [[nodiscard]] base::Json statement() const {
        return base::parse_json(provenance(options, facts, manifest, "once").text, "it");
    }
};

} // namespace

TEST_CASE("Provenance is asked for with true, or by its parameters", "[build][provenance]") {
    for (const char *none : {"", "false", "0", "disabled=true", "mode=max,disabled=true"})
        CHECK_FALSE(parsed(none));
    REQUIRE(parsed("true"));
    CHECK(parsed("true")->max);
    CHECK(parsed("mode=max")->max);
    CHECK_FALSE(parsed("mode=min")->max);
    CHECK(parsed("mode=min,builder-id=https://ci/1,reproducible=true")->builder_id == "https://ci/1");
    CHECK(parsed("reproducible=true")->reproducible);
    CHECK(parsed("version=v1,inline-only=true"));
    for (const char *wrong :
         {"maybe", "mode=", "mode=middle", "version=v0.2", "mode=min,x=y", ",", "reproducible"})
        CHECK_THROWS_WITH(parsed(wrong), Catch::Contains("--provenance is"));
}

TEST_CASE("Provenance is of the manifest, by every name", "[build][provenance]") {
    const World world;
    const base::Json statement = world.statement();
    CHECK(statement["_type"] == "https://in-toto.io/Statement/v1");
    CHECK(statement["predicateType"] == "https://slsa.dev/provenance/v1");
    REQUIRE(statement["subject"].size() == 2);
    CHECK(statement["subject"][0]["name"] == "pkg:docker/localhost:5000/team/app@1?platform=linux%2Farm64");
    CHECK(statement["subject"][1]["name"] == "pkg:docker/app@latest?platform=linux%2Farm64");
    CHECK(statement["subject"][0]["digest"]["sha256"] == std::string(64, 'a'));
    const base::Json &definition = statement["predicate"]["buildDefinition"];
    CHECK(definition["internalParameters"]["builderPlatform"] == "linux/amd64");
    CHECK(definition["resolvedDependencies"][0]["digest"]["sha256"] == std::string(64, 'b'));
    CHECK(definition["externalParameters"]["request"]["locals"].size() == 2);
    CHECK(statement["predicate"]["runDetails"]["metadata"]["invocationId"] == "once");
}

TEST_CASE("The little provenance tells no values", "[build][provenance]") {
    World world;
    const std::string much = provenance(world.options, world.facts, world.manifest, "once").text;
    CHECK(much.find("\"build-arg:SECRET\":\"value\"") != std::string::npos);
    CHECK(much.find("\"secrets\":[{\"id\":\"token\"}]") != std::string::npos);
    CHECK(much.find("\"data\":\"RlJPTSBzY3JhdGNoCg==\"") != std::string::npos);
    CHECK(world.statement()["predicate"]["runDetails"]["metadata"]["buildkit_completeness"]["request"]
          == true);
    world.options.provenance->max = false;
    const std::string little = provenance(world.options, world.facts, world.manifest, "once").text;
    for (const char *hidden : {"SECRET", "value", "token", "here", "RlJPT"}) {
        CAPTURE(hidden);
        CHECK(little.find(hidden) == std::string::npos);
    }
    CHECK(little.find("\"target\":\"web\"") != std::string::npos);
}

#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/build/sbom.hpp"
#include "engine/build/sbom_options.hpp"

#include <catch2/catch.hpp>

using namespace build;

namespace {

std::optional<SbomOptions> parsed(const std::string &text) {
    return parse_sbom(text, "--sbom");
}

} // namespace

TEST_CASE("A scanner is asked for with true, or by its name", "[build][sbom]") {
    for (const char *none : {"", "false", "0", "disabled=true", "generator=x,disabled=true"})
        CHECK_FALSE(parsed(none));
    for (const char *usual : {"true", "1", "type=sbom", "disabled=false"}) {
        REQUIRE(parsed(usual));
        CHECK(parsed(usual)->generator == "docker/buildkit-syft-scanner:stable-1");
        CHECK(parsed(usual)->parameters.empty());
    }
    const auto other = parsed("generator=localhost:5000/mine,SELECT_CATALOGERS=dpkg,EMPTY=");
    REQUIRE(other);
    CHECK(other->generator == "localhost:5000/mine:latest");
    CHECK(other->parameters
          == std::map<std::string, std::string>{{"EMPTY", ""}, {"SELECT_CATALOGERS", "dpkg"}});
    for (const char *wrong : {"maybe", ",", "=x", "generator=x,y", "disabled=perhaps"})
        CHECK_THROWS_WITH(parsed(wrong), Catch::Contains("--sbom is"));
    CHECK_THROWS_AS(parsed("generator=A B"), base::Error);
}

TEST_CASE("A scanner writes documents, or statements of them", "[build][sbom]") {
    const auto parse = [](const std::string &text) { return parse_sbom_document(text, "its file x"); };
    CHECK(parse("{ \"spdxVersion\": \"SPDX-2.3\" }")
          == SbomDocument{"https://spdx.dev/Document", "{\"spdxVersion\":\"SPDX-2.3\"}"});
    const std::string head = "{\"_type\":\"https://in-toto.io/Statement/v0.1\",";
    CHECK(parse(head + "\"predicateType\":\"https://cyclonedx.org/bom\",\"predicate\":{\"a\":1}}")
          == SbomDocument{"https://cyclonedx.org/bom", "{\"a\":1}"});
    CHECK(parse(head + "\"predicate\":{}}") == SbomDocument{"https://spdx.dev/Document", "{}"});
    for (const std::string &wrong : {std::string(), std::string("[]"), std::string("words"),
                                     head + "\"predicate\":[]}", head + "\"a\":1}"}) {
        CAPTURE(wrong);
        CHECK_THROWS_WITH(parse(wrong), Catch::Contains("its file x"));
    }
}

TEST_CASE("Documents are kept as one text", "[build][sbom]") {
    const std::vector<SbomDocument> documents{{"a", "{\"x\":\"y\"}"}, {"b", "{}"}};
    CHECK(split_sbom_documents(join_sbom_documents(documents)) == documents);
    for (const char *damaged : {"", "{}", "[]", "[1]", "[[\"a\"]]"})
        CHECK_THROWS_AS(split_sbom_documents(damaged), base::Error);
}

TEST_CASE("A document tells of the manifest, by every name", "[build][sbom]") {
    image::Descriptor manifest;
    manifest.digest = "sha256:" + std::string(64, 'a');
    manifest.platform = image::Platform::parse("linux/arm64");
    const auto statements = sbom_statements({{"https://spdx.dev/Document", "{\"x\":1}"}},
                                            {image::Reference::parse("app")}, manifest);
    REQUIRE(statements.size() == 1);
    CHECK(statements[0].predicate_type == "https://spdx.dev/Document");
    const base::Json statement = base::parse_json(statements[0].text, "it");
    CHECK(statement["predicateType"] == "https://spdx.dev/Document");
    CHECK(statement["subject"][0]["name"] == "pkg:docker/app@latest?platform=linux%2Farm64");
    CHECK(statement["subject"][0]["digest"]["sha256"] == std::string(64, 'a'));
    CHECK(statement["predicate"]["x"] == 1);
}

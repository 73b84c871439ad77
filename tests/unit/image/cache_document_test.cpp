#include "base/error.hpp"
#include "engine/image/cache_document.hpp"
#include "engine/image/config.hpp"

#include <catch2/catch.hpp>

using namespace image;
using Catch::Matchers::Contains;

namespace {

std::string digest(char digit) {
    return "sha256:" + std::string(64, digit);
}

CacheDocument document() {
    CacheDocument document;
    document.layers.push_back({{media_type::oci_layer_gzip, digest('a'), 10, {}, {}}, digest('b')});
    document.steps[digest('1')] = {base::parse_rfc3339("2024-05-06T07:08:09Z").value(), 0};
    document.steps[digest('2')] = {base::parse_rfc3339("2024-05-06T07:08:10Z").value(), {}};
    return document;
}

CacheManifest manifest_of(const CacheDocument &document) {
    const Descriptor config{media_type::build_cache, digest('c'), 5, {}, {}};
    return std::get<CacheManifest>(
        parse_cache_manifest(document.manifest_json(config), Platform::host(), "the cache"));
}

std::string failure_of_config(const std::string &text) {
    try {
        static_cast<void>(parse_cache_config(text, manifest_of(document()), "the cache"));
    } catch (const base::Error &error) {
        return error.what();
    }
    return "no failure";
}

std::string failure_of_manifest(const std::string &text) {
    try {
        static_cast<void>(parse_cache_manifest(text, Platform::host(), "the cache"));
    } catch (const base::Error &error) {
        return error.what();
    }
    return "no failure";
}

} // namespace

TEST_CASE("what is written of a cache is read again") {
    const CacheDocument written = document();
    const CacheManifest manifest = manifest_of(written);
    CHECK(manifest.config.digest == digest('c'));
    REQUIRE(manifest.layers.size() == 1);
    const auto read = parse_cache_config(written.config_json(), manifest, "the cache");
    REQUIRE(read);
    CHECK(read->layers.at(0).blob == written.layers.at(0).blob);
    CHECK(read->layers.at(0).diff_id == digest('b'));
    REQUIRE(read->steps.size() == 2);
    CHECK(read->steps.at(digest('1')).layer == 0);
    CHECK(read->steps.at(digest('1')).created == written.steps.at(digest('1')).created);
    CHECK_FALSE(read->steps.at(digest('2')).layer);
}

TEST_CASE("an image has the steps in its configuration, or not") {
    ImageConfig config;
    config.platform = Platform::host();
    config.diff_ids = {digest('b')};
    CacheManifest manifest = manifest_of(document());
    manifest.config.media_type = media_type::oci_config;
    CHECK_FALSE(parse_cache_config(config.json(), manifest, "the image"));
    config.build_cache = document().steps_json();
    CHECK(ImageConfig::parse(config.json(), "again") == config);
    const auto read = parse_cache_config(config.json(), manifest, "the image");
    REQUIRE(read);
    CHECK(read->steps.size() == 2);
    CHECK(read->layers.at(0).diff_id == digest('b'));
}

TEST_CASE("of an image for several platforms one is read") {
    const std::string list = R"({"manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": ")" + digest('d')
                             + R"(", "size": 3, "platform": {"os": "linux", "architecture": ")"
                             + Platform::host().architecture + R"("}}]})";
    CHECK(std::get<Descriptor>(parse_cache_manifest(list, Platform::host(), "the cache")).digest
          == digest('d'));
}

TEST_CASE("a cache of BuildKit's is told from one that is broken") {
    const std::string list = R"({"manifests": [{"mediaType": "application/vnd.buildkit.cacheconfig.v0",
        "digest": ")" + digest('d')
                             + R"(", "size": 3}]})";
    CHECK_THAT(failure_of_manifest(list), Contains("is a cache of BuildKit's"));
    const std::string manifest = R"({"config": {"mediaType": "application/vnd.buildkit.cacheconfig.v0",
        "digest": ")" + digest('d')
                                 + R"(", "size": 3}, "layers": []})";
    CHECK_THAT(failure_of_manifest(manifest), Contains("is a cache of BuildKit's"));
}

TEST_CASE("manifests that are no cache's") {
    for (const char *text : {"", "[]", "1", "{}", R"({"config": 1, "layers": []})", R"({"config": {}})",
                             R"({"manifests": [1]})", R"({"config": {"digest": "x"}, "layers": []})"}) {
        CAPTURE(text);
        CHECK(failure_of_manifest(text) != "no failure");
    }
}

TEST_CASE("configurations that do not fit") {
    const auto [text, expected] = GENERATE(table<std::string, const char *>({
        {"", "the cache"},
        {"[]", "its configuration is no object"},
        {"{}", "it has no diff_ids"},
        {R"({"diff_ids": []})", "its manifest has 1 layers, its configuration 0"},
        {R"({"diff_ids": [1]})", "a value of diff_ids is no text"},
        {R"({"diff_ids": ["x"]})", "malformed digest"},
        {R"({"diff_ids": [")" + digest('b') + R"("]})", "it is of another version"},
        {R"({"diff_ids": [")" + digest('b') + R"("], "version": 1})", "it has no steps"},
        {R"({"diff_ids": [")" + digest('b') + R"("], "version": 1, "steps": [1]})", "a step is no object"},
        {R"({"diff_ids": [")" + digest('b') + R"("], "version": 1, "steps": [{"key": "x"}]})",
         "no key or no time"},
        {R"({"diff_ids": [")" + digest('b') + R"("], "version": 1, "steps": [{"key": ")" + digest('1')
             + R"(", "created": "2024-05-06T07:08:09Z", "layer": 1}]})",
         "a layer that is not there"},
        {R"({"diff_ids": [")" + digest('b') + R"("], "version": 1, "steps": [{"key": ")" + digest('1')
             + R"(", "created": "2024-05-06T07:08:09Z", "layer": -1}]})",
         "a layer that is not there"},
    }));
    CAPTURE(text);
    CHECK_THAT(failure_of_config(text), Contains(expected) && !Contains("no failure"));
}

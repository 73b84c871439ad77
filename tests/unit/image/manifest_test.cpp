#include "base/error.hpp"
#include "engine/image/manifest.hpp"

#include <catch2/catch.hpp>

using namespace image;

namespace {

const std::string a = "sha256:" + std::string(64, 'a');
const std::string b = "sha256:" + std::string(64, 'b');

std::string entry(const std::string &digest, const std::string &platform) {
    return R"({"mediaType":"application/vnd.oci.image.manifest.v1+json","size":2,"digest":")" + digest + "\""
           + (platform.empty() ? "" : ",\"platform\":" + platform) + "}";
}

ManifestList list(const std::string &entries) {
    return std::get<ManifestList>(
        parse_manifest(R"({"schemaVersion":2,"manifests":[)" + entries + "]}", media_type::oci_index, "x"));
}

std::string manifest(const std::string &config_type, const std::string &layer_type,
                     const std::string &digest = a) {
    return R"({"schemaVersion":2,"config":{"mediaType":")" + config_type + R"(","size":1,"digest":")" + digest
           + R"("},"layers":[{"mediaType":")" + layer_type + R"(","size":5,"digest":")" + b + R"("}]})";
}

} // namespace

TEST_CASE("The manifest for the platform is chosen", "[image][manifest]") {
    const auto images = list(entry(a, R"({"os":"linux","architecture":"arm","variant":"v5"})") + ","
                             + entry(b, R"({"os":"linux","architecture":"arm","variant":"v6"})"));
    CHECK(images.select({"linux", "arm", "v7"}, "x").digest == b);
    CHECK(images.select({"linux", "arm", "v5"}, "x").digest == a);
    CHECK_THROWS_WITH(images.select({"linux", "amd64", ""}, "redis:7"),
                      Catch::Contains("redis:7 has no image for platform linux/amd64"));
    try {
        (void)images.select({"linux", "amd64", ""}, "x");
    } catch (const base::Error &error) {
        CHECK(error.hint() == "it is available for: linux/arm/v5, linux/arm/v6");
    }
}

TEST_CASE("Attestations are passed over and a lone entry needs no platform", "[image][manifest]") {
    CHECK(list(entry(a, R"({"os":"unknown","architecture":"unknown"})") + "," + entry(b, ""))
              .select({"linux", "amd64", ""}, "x")
              .digest
          == b);
    CHECK_THROWS_AS(list("").select({"linux", "amd64", ""}, "x"), base::Error);
}

TEST_CASE("Docker and OCI manifests are read", "[image][manifest]") {
    const auto docker = std::get<Manifest>(parse_manifest(
        manifest(media_type::docker_config, "application/vnd.docker.image.rootfs.diff.tar.gzip"),
        std::string(media_type::docker_manifest) + "; charset=utf-8", "x"));
    CHECK(docker.media_type == media_type::docker_manifest);
    CHECK(docker.config.digest == a);
    CHECK(docker.layers.at(0).size == 5);
    const auto again = std::get<Manifest>(parse_manifest(docker.json(), "", "x"));
    CHECK(again.layers == docker.layers);
    CHECK(again.media_type == docker.media_type);
}

TEST_CASE("Manifests that can't be used say why", "[image][manifest]") {
    const std::vector<std::pair<std::string, std::string>> rows{
        {R"({"schemaVersion":1,"fsLayers":[]})", "schema 1"},
        {"[]", "not a JSON object"},
        {"{", "not valid JSON"},
        {"{}", "unsupported type"},
        {manifest("application/vnd.cncf.helm.config.v1+json", media_type::oci_layer), "artifact"},
        {manifest(media_type::oci_config, "application/octet-stream"), "layer of unsupported type"},
        {manifest(media_type::oci_config, media_type::oci_layer, "sha256:../../etc/passwd"),
         "malformed digest"},
        {manifest(media_type::oci_config, media_type::oci_layer, "md5:00"), "malformed digest"},
        {R"({"mediaType":"application/vnd.oci.image.index.v1+json","config":{},"layers":[]})",
         "unsupported type"},
        {R"({"schemaVersion":2,"manifests":[{"digest":")" + a + R"(","size":-5}]})", "size"},
        {R"({"schemaVersion":2,"manifests":[{"digest":")" + a + R"(","size":1e25}]})", "size"},
        {R"({"schemaVersion":2,"manifests":[{"digest":")" + a + R"(","size":18446744073709551615}]})",
         "size"},
    };
    for (const auto &[text, why] : rows) {
        CAPTURE(text);
        CHECK_THROWS_WITH(parse_manifest(text, "", "redis:7"),
                          Catch::Contains(why) && Catch::Contains("redis:7"));
    }
}

TEST_CASE("More layers than one mount takes are refused", "[image][manifest]") {
    std::string layers;
    for (int i = 0; i < 501; ++i)
        layers += (i == 0 ? "" : ",") + (R"({"mediaType":"x.tar","size":1,"digest":")" + a + "\"}");
    const std::string text =
        R"({"config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":1,"digest":")" + a
        + R"("},"layers":[)" + layers + "]}";
    CHECK_THROWS_WITH(parse_manifest(text, "", "x"), Catch::Contains("501 layers"));
}

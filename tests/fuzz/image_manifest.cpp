// Manifests, configurations, build caches and docker logins: refused with an error of ours, or the same again
// when printed.
#include "base/error.hpp"
#include "engine/image/cache_document.hpp"
#include "engine/image/changed_digests.hpp"
#include "engine/image/config.hpp"
#include "engine/image/credentials.hpp"
#include "engine/image/manifest.hpp"
#include "engine/image/members.hpp"
#include "engine/image/registry_config.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

template <typename Parse>
void attempt(const Parse &parse) {
    try {
        parse();
    } catch (const base::Error &) {
        return;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    attempt([&] {
        const auto document = image::parse_manifest(text, "", "fuzz");
        if (const auto *list = std::get_if<image::ManifestList>(&document)) {
            (void)list->select({"linux", "amd64", ""}, "fuzz");
            (void)image::parse_manifest(list->json(), "", "again");
        } else
            (void)image::parse_manifest(std::get<image::Manifest>(document).json(), "", "fuzz");
    });
    attempt([&] {
        const auto config = image::ImageConfig::parse(text, "fuzz");
        (void)image::ImageConfig::parse(config.json(), "again");
    });
    attempt([&] {
        const auto parsed = image::parse_cache_manifest(text, {"linux", "amd64", ""}, "fuzz");
        if (const auto *manifest = std::get_if<image::CacheManifest>(&parsed))
            if (const auto cache = image::parse_cache_config(text, *manifest, "fuzz"))
                (void)image::parse_cache_config(cache->config_json(), *manifest, "again");
    });
    attempt([&] {
        // The list is its own member, if the sizes say so.
        for (const image::Member &member : image::read_members(
                 text, [&](const std::string &) { return std::string(text); }, "fuzz"))
            (void)member.blobs();
    });
    attempt([&] { (void)image::parse_attestation(text, "fuzz"); });
    attempt([&] {
        image::ChangedDigests changed;
        changed.add("sha256:" + std::string(64, 'a'), text);
        (void)changed.apply(std::string(text), "fuzz");
    });
    attempt([&] { (void)image::inline_credentials(text, "docker.io", "fuzz"); });
    attempt([&] { (void)image::RegistryConfig::parse(text, "fuzz"); });
    return 0;
}

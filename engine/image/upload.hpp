// Blobs and manifests into one repository of a registry (OCI distribution API 1.1). Repeats what is worth
// repeating, a blob always from its beginning. Blocks; shared by the threads of a push.
#pragma once

#include "engine/image/byte_source.hpp"
#include "engine/image/registry_client.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace image {

struct Upload {
    // The bytes from the beginning, as often as it takes.
    std::function<std::unique_ptr<ByteSource>()> open;
    std::string digest;     // empty when only the bytes tell
    std::int64_t size = -1; // with a digest
    std::string mount_from; // a repository that may have it, or empty; with a digest
};

struct Uploaded {
    std::string digest;
    std::int64_t size = 0;
    bool mounted = false; // nothing was sent: the registry took it from the other repository
};

class Uploader {
  public:
    // @param subject the image as the user names it. @pre registry outlives the uploader.
    Uploader(RegistryClient &registry, std::string subject)
        : registry_(registry), subject_(std::move(subject)) {}

    [[nodiscard]] bool has(HttpClient &http, const std::string &digest) const;

    Uploaded send(HttpClient &http, const Upload &upload) const;

    // @param where tag or digest.
    void put_manifest(HttpClient &http, const std::string &where, std::string_view manifest,
                      const std::string &media_type) const;

  private:
    struct Attempt;
    [[nodiscard]] Attempt begin(HttpClient &http, const Upload &upload) const;
    [[nodiscard]] Attempt send_known(HttpClient &http, const Upload &upload, const std::string &url) const;
    [[nodiscard]] Attempt send_unknown(HttpClient &http, const Upload &upload, const std::string &url) const;

    RegistryClient &registry_;
    std::string subject_;
};

// Where an upload goes on, after a registry's Location header, which may be without a host. A registry behind
// a proxy that ends TLS often names plain HTTP for its own host: it stays with the endpoint's scheme.
[[nodiscard]] std::string upload_url(const std::string &endpoint, const std::string &location);

} // namespace image

// Which hosts serve a registry and how: mirrors and plain HTTP, from /etc/compose/registries.json or the file
// that COMPOSE_REGISTRIES_CONFIG names:
//   {"mirrors": {"docker.io": ["http://127.0.0.1:5000"]}, "insecure": ["registry.lan:5000"]}
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace image {

// One base URL to try, without the /v2/ suffix.
struct Endpoint {
    std::string url;        // "https://registry-1.docker.io"
    bool verify_tls = true; // false for insecure registries
    bool mirror = false;

    bool operator==(const Endpoint &) const = default;
};

// "localhost:5000", "127.0.0.1", "[::1]:5000".
[[nodiscard]] bool is_loopback_registry(const std::string &registry);

struct RegistryConfig {
    std::map<std::string, std::vector<std::string>> mirrors; // registry -> base URLs, tried in order
    std::set<std::string> insecure;                          // host or host:port

    // A missing file is an empty configuration. @throws base::Error naming the file and what is wrong in it.
    static RegistryConfig load();
    static RegistryConfig parse(std::string_view json, const std::string &subject);

    // In the order to try: mirrors, then the registry itself. A loopback or insecure registry is tried over
    // HTTPS without verification and then over HTTP, as Docker does.
    [[nodiscard]] std::vector<Endpoint> endpoints(const std::string &registry) const;
};

} // namespace image

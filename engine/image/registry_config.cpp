#include "engine/image/registry_config.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"

#include <cstdlib>

namespace image {

namespace {

constexpr const char *default_file = "/etc/compose/registries.json";
constexpr const char *example =
    R"(expected {"mirrors": {"docker.io": ["http://host:5000"]}, "insecure": ["host:5000"]})";

std::string host_of(const std::string &registry) {
    if (registry.starts_with('['))
        return registry.substr(1, registry.find(']') - 1);
    return registry.substr(0, registry.find(':'));
}

std::string without_trailing_slash(std::string url) {
    while (url.ends_with('/'))
        url.pop_back();
    return url;
}

} // namespace

bool is_loopback_registry(const std::string &registry) {
    const std::string host = host_of(registry);
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

RegistryConfig RegistryConfig::load() {
    const char *chosen = std::getenv("COMPOSE_REGISTRIES_CONFIG");
    const bool is_chosen = chosen != nullptr && *chosen != '\0';
    const std::string path = is_chosen ? chosen : default_file;
    const auto text = base::read_file_if(path);
    if (!text && is_chosen)
        throw base::Error(path + ", named by COMPOSE_REGISTRIES_CONFIG, does not exist");
    return text ? parse(*text, path) : RegistryConfig{};
}

RegistryConfig RegistryConfig::parse(std::string_view text, const std::string &subject) {
    const base::Json json = base::parse_json(text, subject);
    RegistryConfig config;
    try {
        if (!json.is_object())
            throw base::Error(subject + ": not an object", example);
        for (const auto &item : json.items()) {
            if (item.key() == "mirrors")
                config.mirrors = item.value().get<decltype(config.mirrors)>();
            else if (item.key() == "insecure")
                config.insecure = item.value().get<decltype(config.insecure)>();
            else
                throw base::Error(subject + ": unknown key \"" + item.key() + "\"", example);
        }
    } catch (const nlohmann::json::exception &error) {
        throw base::Error(subject + ": " + error.what(), example);
    }
    for (auto &[registry, urls] : config.mirrors)
        for (std::string &url : urls) {
            if (!url.starts_with("http://") && !url.starts_with("https://"))
                throw base::Error(subject + ": the mirror \"" + url + "\" of " + registry
                                      + " must begin with http:// or https://",
                                  example);
            url = without_trailing_slash(url);
        }
    return config;
}

std::vector<Endpoint> RegistryConfig::endpoints(const std::string &registry) const {
    std::vector<Endpoint> result;
    if (const auto found = mirrors.find(registry); found != mirrors.end())
        for (const std::string &url : found->second) {
            const std::string host = url.substr(url.find("//") + 2);
            result.push_back({url, !insecure.contains(host) && !is_loopback_registry(host), true});
        }
    const bool lax =
        insecure.contains(registry) || insecure.contains(host_of(registry)) || is_loopback_registry(registry);
    const std::string host = registry == "docker.io" ? "registry-1.docker.io" : registry;
    result.push_back({"https://" + host, !lax, false});
    if (lax)
        result.push_back({"http://" + host, false, false});
    return result;
}

} // namespace image

#include "engine/image/registry_error.hpp"

#include "base/json.hpp"
#include "engine/image/registry_client.hpp"

namespace image {

namespace {

using Kind = RegistryError::Kind;

constexpr const char *offline_hint =
    "check the network, the proxy and the name; without a network, name a mirror in "
    "/etc/compose/registries.json or load the image from a file with compose image load";

std::string host_and_port(const Endpoint &endpoint) {
    std::string host = endpoint.url.substr(endpoint.url.find("://") + 3);
    host = host.substr(0, host.find('/'));
    const bool has_port =
        host.find(':', host.rfind(']') == std::string::npos ? 0 : host.rfind(']')) != std::string::npos;
    return has_port ? host : host + (endpoint.url.starts_with("https") ? ":443" : ":80");
}

// {"errors": [{"code": "...", "message": "..."}]}; empty when the body is something else.
std::string message_of(const std::string &body) {
    try {
        const base::Json json = base::parse_json(body, "answer");
        if (!json.is_object() || !json.contains("errors") || !json["errors"].is_array()
            || json["errors"].empty())
            return {};
        return base::json_or<std::string>(json["errors"][0], "message", "").substr(0, 200);
    } catch (const base::Error &) {
        return {};
    }
}

[[noreturn]] void throw_transport(const TransportError &error, const Endpoint &endpoint,
                                  const std::string &subject) {
    const std::string host = host_and_port(endpoint);
    switch (error.failure) {
    case TransportFailure::unreachable:
        throw RegistryError(Kind::unreachable,
                            "cannot pull " + subject + ": cannot reach registry " + host + ": " + error.text,
                            offline_hint);
    case TransportFailure::tls:
        throw RegistryError(
            Kind::tls, "cannot pull " + subject + ": no secure connection to " + host + ": " + error.text,
            "for a registry without a valid certificate, add it to \"insecure\" in "
            "/etc/compose/registries.json");
    case TransportFailure::interrupted:
        throw RegistryError(Kind::unreachable,
                            "cannot pull " + subject + ": the connection to " + host
                                + " kept breaking: " + error.text,
                            offline_hint);
    case TransportFailure::other:
        break;
    }
    throw RegistryError(Kind::other, "cannot pull " + subject + " from " + host + ": " + error.text, "");
}

} // namespace

void throw_registry_error(const HttpResult &result, const Endpoint &endpoint, const Reference &reference,
                          const std::string &subject) {
    if (result.error)
        throw_transport(*result.error, endpoint, subject);
    const HttpResponse &response = result.response;
    const std::string host = host_and_port(endpoint);
    const std::string detail = message_of(response.body);
    const std::string because = detail.empty() ? "" : " (" + detail + ")";
    switch (response.status) {
    case 401:
    case 403:
        throw RegistryError(
            Kind::denied,
            "pull access denied for " + reference.familiar_repository() + ": it does not exist on " + host
                + " or needs a login" + because,
            "check the name, log in with docker login "
                + (reference.registry == "docker.io" ? std::string{} : reference.registry + " ")
                + "(its config.json is read), or load the image with compose image load");
    case 404:
        throw RegistryError(Kind::not_found, "image " + subject + " not found on " + host + because,
                            "check the name and the tag, or load the image with compose image load");
    case 429:
        throw RegistryError(
            Kind::other,
            "cannot pull " + subject + ": " + host + " refuses more requests for now (429)" + because,
            "wait, log in for a higher limit, or name a mirror in /etc/compose/registries.json");
    default:
        break;
    }
    throw RegistryError(
        Kind::other,
        "cannot pull " + subject + ": " + host + " answered with status " + std::to_string(response.status)
            + because,
        response.status >= 500 ? "the registry has a problem: try again later, or another mirror" : "");
}

} // namespace image

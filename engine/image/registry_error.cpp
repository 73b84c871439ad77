#include "engine/image/registry_error.hpp"

#include "base/json.hpp"

namespace image {

namespace {

using Kind = RegistryError::Kind;

constexpr const char *offline_hint =
    "check the network, the proxy and the name; without a network, name a mirror in "
    "/etc/compose/registries.json or load the image from a file with compose image load";

constexpr const char *unreachable_hint =
    "check the network, the proxy, that the registry runs, and the host in the image's name";

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
                                  const std::string &subject, Access access) {
    const std::string host = host_and_port(endpoint);
    const std::string failed = (access == Access::push ? "cannot push " : "cannot pull ") + subject;
    const char *hint = access == Access::push ? unreachable_hint : offline_hint;
    switch (error.failure) {
    case TransportFailure::unreachable:
        throw RegistryError(Kind::unreachable, failed + ": cannot reach registry " + host + ": " + error.text,
                            hint);
    case TransportFailure::tls:
        throw RegistryError(Kind::tls, failed + ": no secure connection to " + host + ": " + error.text,
                            "for a registry without a valid certificate, add it to \"insecure\" in "
                            "/etc/compose/registries.json");
    case TransportFailure::interrupted:
        throw RegistryError(Kind::unreachable,
                            failed + ": the connection to " + host + " kept breaking: " + error.text, hint);
    case TransportFailure::other:
        break;
    }
    throw RegistryError(Kind::other, failed + " from " + host + ": " + error.text, "");
}

std::string login_command(const Reference &reference) {
    return reference.registry == "docker.io" ? "docker login" : "docker login " + reference.registry;
}

[[noreturn]] void throw_pull_refused(int status, const std::string &host, const std::string &because,
                                     const Reference &reference, const std::string &subject) {
    switch (status) {
    case 401:
    case 403:
        throw RegistryError(Kind::denied,
                            "pull access denied for " + reference.familiar_repository()
                                + ": it does not exist on " + host + " or needs a login" + because,
                            "check the name, log in with " + login_command(reference)
                                + " (its config.json is read), or load the image with compose image load");
    case 404:
        throw RegistryError(Kind::not_found, "image " + subject + " not found on " + host + because,
                            "check the name and the tag, or load the image with compose image load");
    case 429:
        throw RegistryError(
            Kind::other,
            "cannot pull " + subject + ": " + host + " refuses more requests for now (429)" + because,
            "wait, log in for a higher limit, or name a mirror in /etc/compose/registries.json");
    default:
        throw RegistryError(Kind::other,
                            "cannot pull " + subject + ": " + host + " answered with status "
                                + std::to_string(status) + because,
                            status >= 500 ? "the registry has a problem: try again later, or another mirror"
                                          : "");
    }
}

[[noreturn]] void throw_push_refused(int status, const std::string &host, const std::string &because,
                                     const Reference &reference, const std::string &subject) {
    const std::string failed = "cannot push " + subject + ": ";
    switch (status) {
    case 401:
    case 403:
        throw RegistryError(Kind::denied,
                            "push access denied for " + reference.familiar_repository() + ": " + host
                                + (status == 401 ? " wants a login that may write there"
                                                 : " does not let this login write there")
                                + because,
                            "log in as somebody who may write there with " + login_command(reference)
                                + " (its config.json is read), or give the image a name in a repository of "
                                  "yours");
    case 404:
        throw RegistryError(Kind::not_found,
                            failed + host + " has no repository " + reference.repository + because,
                            "create the repository there first, or correct the image's name");
    case 405:
        throw RegistryError(Kind::other, failed + host + " takes no images" + because,
                            "it is read-only, perhaps a mirror: name the registry itself");
    case 413:
        throw RegistryError(Kind::other, failed + "a layer is too large for " + host + because,
                            "raise the limit of the registry, or of the proxy before it");
    case 429:
        throw RegistryError(Kind::other, failed + host + " refuses more requests for now (429)" + because,
                            "wait, and push again: what is there already is not sent again");
    default:
        throw RegistryError(
            Kind::other, failed + host + " answered with status " + std::to_string(status) + because,
            status >= 500 ? "the registry has a problem: look into its log, or try again later" : "");
    }
}

} // namespace

void throw_registry_error(const HttpResult &result, const Endpoint &endpoint, const Reference &reference,
                          const std::string &subject, Access access) {
    if (result.error)
        throw_transport(*result.error, endpoint, subject, access);
    const std::string detail = message_of(result.response.body);
    const std::string because = detail.empty() ? "" : " (" + detail + ")";
    const std::string host = host_and_port(endpoint);
    if (access == Access::push)
        throw_push_refused(result.response.status, host, because, reference, subject);
    throw_pull_refused(result.response.status, host, because, reference, subject);
}

} // namespace image

#include "engine/image/registry_client.hpp"

#include "base/digest.hpp"
#include "base/json.hpp"
#include "engine/image/content.hpp"
#include "engine/image/manifest.hpp"
#include "engine/image/registry_error.hpp"

#include <algorithm>

namespace image {

namespace {

std::string authority(const std::string &url) {
    const auto start = url.find("://") + 3;
    return url.substr(start, url.find('/', start) - start);
}

bool is_transient(int status) {
    return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

std::string joined(const std::vector<std::string> &words, const char *separator) {
    std::string text;
    for (const std::string &word : words)
        text += (text.empty() ? "" : separator) + word;
    return text;
}

std::string accepted_types() {
    return std::string("Accept: ") + media_type::oci_index + ", " + media_type::docker_list + ", "
           + media_type::oci_manifest + ", " + media_type::docker_manifest;
}

} // namespace

std::vector<std::string> RegistryClient::scopes() const {
    const char *actions = access_ == Access::push ? ":pull,push" : ":pull";
    std::vector<std::string> result{"repository:" + reference_.repository + actions};
    for (const std::string &source : sources_)
        result.push_back("repository:" + source + ":pull");
    return result;
}

std::string RegistryClient::repository_url() const {
    return endpoint_.url + "/v2/" + reference_.repository + "/";
}

const Credentials &RegistryClient::credentials() {
    if (!credentials_) {
        const std::string host = authority(endpoint_.url);
        credentials_ = find_credentials(host == "registry-1.docker.io" ? "docker.io" : host);
    }
    return *credentials_;
}

std::string RegistryClient::bearer_token(HttpClient &http, const Challenge &challenge) {
    const std::string realm = challenge.parameter("realm");
    if (!realm.starts_with("http://") && !realm.starts_with("https://"))
        throw base::Error(authority(endpoint_.url) + " asks to log in at \"" + realm + "\", which is no URL");
    const Credentials &login = credentials();
    if (endpoint_.url.starts_with("https://") && !realm.starts_with("https://") && !login.empty()
        && endpoint_.verify_tls)
        throw base::Error(authority(endpoint_.url) + " asks to send the password unencrypted to " + realm);
    const std::string service = challenge.parameter("service");

    HttpRequest request;
    request.url = realm;
    request.verify_tls = endpoint_.verify_tls;
    if (!login.identity_token.empty()) {
        request.method = "POST";
        request.body = "grant_type=refresh_token&client_id=compose&service=" + percent_encode(service)
                       + "&scope=" + percent_encode(joined(scopes(), " "))
                       + "&refresh_token=" + percent_encode(login.identity_token);
    } else {
        request.url += realm.find('?') == std::string::npos ? "?" : "&";
        request.url += "service=" + percent_encode(service);
        for (const std::string &scope : scopes())
            request.url += "&scope=" + percent_encode(scope);
        if (!login.empty())
            request.headers.push_back("Authorization: Basic "
                                      + base64_encode(login.username + ":" + login.password));
    }
    for (int attempt = 1;; ++attempt) {
        const HttpResult result = http.perform(request);
        if (!result.error && result.response.status == 200) {
            const base::Json json =
                base::parse_json(result.response.body, "the answer of " + authority(realm));
            std::string token = base::json_or<std::string>(json, "token", "");
            if (token.empty())
                token = base::json_or<std::string>(json, "access_token", "");
            if (token.empty())
                throw base::Error(authority(realm) + " answered the login without a token");
            return token;
        }
        wait_or_throw(http, result, attempt, reference_.familiar());
    }
}

// The value of the Authorization header that answers the registry's refusal; empty when it asks for nothing
// that can be given.
std::string RegistryClient::authorize(HttpClient &http, const HttpResponse &refusal) {
    for (const Challenge &challenge : parse_challenges(refusal.header("www-authenticate"))) {
        if (challenge.scheme == "bearer")
            return "Bearer " + bearer_token(http, challenge);
        const Credentials &login = credentials();
        if (challenge.scheme == "basic" && !login.username.empty())
            return "Basic " + base64_encode(login.username + ":" + login.password);
    }
    return {};
}

HttpResult RegistryClient::send(HttpClient &http, HttpRequest request) {
    request.verify_tls = endpoint_.verify_tls;
    if (authority(request.url) != authority(endpoint_.url))
        return http.perform(request);
    const std::vector<std::string> plain_headers = request.headers;
    std::string sent;
    const auto attempt = [&](std::string authorization) {
        sent = std::move(authorization);
        request.headers = plain_headers;
        if (!sent.empty())
            request.headers.push_back("Authorization: " + sent);
        return http.perform(request);
    };
    std::string known;
    {
        const std::lock_guard lock(mutex_);
        known = authorization_;
    }
    HttpResult result = attempt(known);
    if (result.error || result.response.status != 401)
        return result;
    {
        // One thread logs in, the others use what it got; a token that expired is replaced the same way.
        const std::lock_guard lock(mutex_);
        if (authorization_ == sent)
            authorization_ = authorize(http, result.response);
        known = authorization_;
    }
    return known.empty() ? result : attempt(known);
}

RegistryClient::ManifestAnswer RegistryClient::manifest(HttpClient &http, const std::string &which,
                                                        const char *method) {
    HttpRequest request;
    request.method = method;
    request.url = repository_url() + "manifests/" + which;
    request.headers.push_back(accepted_types());
    const std::string subject = reference_.familiar();
    for (int attempt = 1;; ++attempt) {
        HttpResult result = send(http, request);
        if (result.error || result.response.status != 200) {
            wait_or_throw(http, result, attempt, subject);
            continue;
        }
        ManifestAnswer answer;
        answer.content_type = result.response.header("content-type");
        answer.digest = result.response.header("docker-content-digest");
        if (request.method == "HEAD")
            return answer;
        const std::string actual = "sha256:" + base::sha256_hex(result.response.body);
        const std::string expected = is_sha256_digest(which) ? which : answer.digest;
        if (is_sha256_digest(expected) && expected != actual)
            throw_wrong_digest("the manifest of " + subject, expected, actual);
        answer.digest = actual;
        answer.body = std::move(result.response.body);
        return answer;
    }
}

HttpResult RegistryClient::blob(HttpClient &http, const std::string &digest, std::int64_t from,
                                const std::function<void(int, std::int64_t, std::string_view)> &on_body) {
    HttpRequest request;
    request.url = repository_url() + "blobs/" + digest;
    request.range_from = from;
    request.on_body = on_body;
    return send(http, request);
}

void RegistryClient::wait_or_throw(HttpClient &http, const HttpResult &result, int attempt,
                                   const std::string &subject) const {
    const bool transient = result.error ? result.error->failure == TransportFailure::interrupted
                                        : is_transient(result.response.status);
    std::chrono::milliseconds delay = policy_.backoff * (1 << std::min(attempt - 1, 6));
    if (!result.error && result.response.retry_after)
        delay = std::max<std::chrono::milliseconds>(delay, *result.response.retry_after);
    if (!transient || attempt >= policy_.attempts || delay > policy_.retry_after_limit)
        throw_registry_error(result, endpoint_, reference_, subject, access_);
    http.sleep(delay);
}

} // namespace image

// One registry endpoint as seen by one pull: logs in as asked, repeats what is worth repeating, and turns
// answers into errors a person can act on. Shared by the threads of a pull; each brings its own HttpClient.
#pragma once

#include "base/error.hpp"
#include "engine/image/challenge.hpp"
#include "engine/image/credentials.hpp"
#include "engine/image/http.hpp"
#include "engine/image/reference.hpp"
#include "engine/image/registry_config.hpp"

#include <chrono>
#include <functional>
#include <mutex>
#include <string>

namespace image {

struct RetryPolicy {
    int attempts = 6;
    std::chrono::milliseconds backoff{500};
    std::chrono::seconds retry_after_limit{60};
};

// A failure that another endpoint (mirror, plain HTTP) may not have.
class RegistryError : public base::Error {
  public:
    enum class Kind { unreachable, tls, denied, not_found, other };

    RegistryError(Kind kind, const std::string &message, const std::string &hint)
        : base::Error(message, hint), kind_(kind) {}

    [[nodiscard]] Kind kind() const { return kind_; }

  private:
    Kind kind_;
};

class RegistryClient {
  public:
    RegistryClient(Endpoint endpoint, Reference reference, RetryPolicy policy)
        : endpoint_(std::move(endpoint)), reference_(std::move(reference)), policy_(policy) {}

    struct ManifestAnswer {
        std::string body; // empty for a HEAD
        std::string content_type;
        std::string digest; // of the body, or as the registry says for a HEAD (may be empty)
    };

    // @param which tag or digest. A body fetched by digest is verified.
    ManifestAnswer manifest(HttpClient &http, const std::string &which, const char *method = "GET");

    // One attempt at a blob from `from` on; @returns the answer whatever it is, after logging in.
    HttpResult blob(HttpClient &http, const std::string &digest, std::int64_t from,
                    const std::function<void(int, std::int64_t, std::string_view)> &on_body);

    // Decides about a failed attempt: waits and returns, or throws what the user should read.
    // @param attempt counted from 1. @param subject e.g. "docker.io/library/redis:7".
    void wait_or_throw(HttpClient &http, const HttpResult &result, int attempt,
                       const std::string &subject) const;

    [[nodiscard]] const Endpoint &endpoint() const { return endpoint_; }

    [[nodiscard]] const Reference &reference() const { return reference_; }

  private:
    HttpResult authorized(HttpClient &http, HttpRequest request);
    std::string authorize(HttpClient &http, const HttpResponse &refusal);
    std::string bearer_token(HttpClient &http, const Challenge &challenge);
    const Credentials &credentials();

    Endpoint endpoint_;
    Reference reference_;
    RetryPolicy policy_;
    std::mutex mutex_;
    std::string authorization_; // header value, empty until the registry asks
    std::optional<Credentials> credentials_;
};

} // namespace image

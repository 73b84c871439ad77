// One registry endpoint as seen by one pull or push: logs in as asked, repeats what is worth repeating, and
// turns answers into errors a person can act on. Shared by the threads of a transfer; each brings its own
// HttpClient.
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
#include <vector>

namespace image {

struct RetryPolicy {
    int attempts = 6;
    std::chrono::milliseconds backoff{500};
    std::chrono::seconds retry_after_limit{60};
};

enum class Access { pull, push };

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
    // @param sources other repositories of the registry that a push may take blobs from.
    RegistryClient(Endpoint endpoint, Reference reference, RetryPolicy policy, Access access = Access::pull,
                   std::vector<std::string> sources = {})
        : endpoint_(std::move(endpoint)), reference_(std::move(reference)), policy_(policy), access_(access),
          sources_(std::move(sources)) {}

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

    // One attempt at any request, after logging in. A login goes to the registry's own host only.
    HttpResult send(HttpClient &http, HttpRequest request);

    // "https://registry-1.docker.io/v2/library/redis/"
    [[nodiscard]] std::string repository_url() const;

    // Decides about a failed attempt: waits and returns, or throws what the user should read.
    // @param attempt counted from 1. @param subject e.g. "docker.io/library/redis:7".
    void wait_or_throw(HttpClient &http, const HttpResult &result, int attempt,
                       const std::string &subject) const;

    [[nodiscard]] const Endpoint &endpoint() const { return endpoint_; }

    [[nodiscard]] const Reference &reference() const { return reference_; }

  private:
    [[nodiscard]] std::vector<std::string> scopes() const;
    std::string authorize(HttpClient &http, const HttpResponse &refusal);
    std::string bearer_token(HttpClient &http, const Challenge &challenge);
    const Credentials &credentials();

    Endpoint endpoint_;
    Reference reference_;
    RetryPolicy policy_;
    Access access_;
    std::vector<std::string> sources_;
    std::mutex mutex_;
    std::string authorization_; // header value, empty until the registry asks
    std::optional<Credentials> credentials_;
};

} // namespace image

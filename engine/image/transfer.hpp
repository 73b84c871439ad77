// What pulling and pushing share: how patiently a registry is asked, cancellation, and which of its
// addresses.
#pragma once

#include "base/error.hpp"
#include "engine/image/http.hpp"
#include "engine/image/reference.hpp"
#include "engine/image/registry_client.hpp"
#include "engine/image/registry_config.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace image {

// The defaults suit the internet.
struct TransferOptions {
    RegistryConfig registries = RegistryConfig::load();

    // Cancellation: set the flag (from a signal handler if you like), or make the descriptor readable for an
    // answer without delay. The transfer then throws Cancelled.
    const std::atomic<bool> *cancelled = nullptr;
    int cancel_fd = -1;

    int parallel = 4; // layers at once
    int attempts = 6; // per request, with exponential backoff from `backoff` on
    std::chrono::milliseconds backoff{500};
    std::chrono::seconds retry_after_limit{60};
    std::chrono::seconds stall_timeout{30}; // without a byte
    std::chrono::seconds connect_timeout{15};
};

class Cancelled : public base::Error {
  public:
    explicit Cancelled(const std::string &subject) : base::Error(subject + ": cancelled", {}, 130) {}
};

// Of one transfer of `subject`. @pre options outlive the result.
[[nodiscard]] HttpSettings http_settings(const TransferOptions &options, const std::string &subject);

[[nodiscard]] RetryPolicy retry_policy(const TransferOptions &options);

// Whether the next address of a registry may do better than the one that failed so.
// @pre the failure was thrown while `endpoint` was used.
[[nodiscard]] bool is_worth_another(const Endpoint &endpoint, const base::Error &error);

// What `use` makes of the first endpoint that does not fail. Plain HTTP is only a second way to a registry
// that does not speak TLS; a mirror that fails is named beside the failure of the last.
template <typename Use>
auto from_first_endpoint(const std::vector<Endpoint> &endpoints, const Use &use) {
    std::string failures;
    for (std::size_t i = 0;; ++i) {
        try {
            return use(endpoints[i]);
        } catch (const Cancelled &) {
            throw;
        } catch (const base::SystemError &) {
            throw; // of this machine: no other registry would help
        } catch (const base::Error &error) {
            if (i + 1 == endpoints.size() || !is_worth_another(endpoints[i], error))
                throw base::Error(error.what() + failures, error.hint());
            if (endpoints[i].mirror)
                failures += "\n  mirror " + endpoints[i].url + ": " + error.what();
        }
    }
}

} // namespace image

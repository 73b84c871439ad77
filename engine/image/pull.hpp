// Fetching an image from a registry into the store (OCI distribution API 1.1). Blocks until done, failed or
// cancelled; runs worker threads of its own, none of which outlives the call.
#pragma once

#include "base/error.hpp"
#include "engine/image/platform.hpp"
#include "engine/image/reference.hpp"
#include "engine/image/registry_config.hpp"
#include "engine/image/store.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace image {

enum class PullPhase { waiting, downloading, verifying, extracting, done, exists };

[[nodiscard]] const char *phase_name(PullPhase phase);

struct PullEvent {
    std::string layer; // first 12 hex digits of the layer's digest
    PullPhase phase = PullPhase::waiting;
    std::int64_t bytes = 0; // compressed bytes received or unpacked so far
    std::int64_t total = 0; // compressed size
};

// What was tried and how patiently; the defaults suit the internet.
struct PullOptions {
    std::optional<Platform> platform; // the host's when missing
    RegistryConfig registries = RegistryConfig::load();
    // Called from several threads, never two at once; must not throw.
    std::function<void(const PullEvent &)> on_event;

    // Cancellation: set the flag (from a signal handler if you like), or make the descriptor readable for an
    // answer without delay. pull() then throws Cancelled; what was received of a blob stays for a resume.
    const std::atomic<bool> *cancelled = nullptr;
    int cancel_fd = -1;

    int parallel_downloads = 4;
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

// @returns the image as find() would. Nothing is fetched when the store already has what the registry serves.
// @throws base::Error (unknown image, dead registry, wrong digest, no such platform, no space ...),
// Cancelled. After an error the store's images are as before.
Image pull(Store &store, const Reference &reference, const PullOptions &options = {});

// The digest of what the registry serves under the reference now: of the list, where it serves one for
// several platforms. Fetches no content. @throws as pull().
std::string registry_digest(const Reference &reference, const PullOptions &options = {});

} // namespace image

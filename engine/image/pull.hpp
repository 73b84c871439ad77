// Fetching an image from a registry into the store (OCI distribution API 1.1). Blocks until done, failed or
// cancelled; runs worker threads of its own, none of which outlives the call.
#pragma once

#include "engine/image/platform.hpp"
#include "engine/image/reference.hpp"
#include "engine/image/store.hpp"
#include "engine/image/transfer.hpp"

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

// What was received of a blob when it is cancelled stays for a resume.
struct PullOptions : TransferOptions {
    std::optional<Platform> platform; // the host's when missing
    // Called from several threads, never two at once; must not throw.
    std::function<void(const PullEvent &)> on_event;
};

// @returns the image as find() would. Nothing is fetched when the store already has what the registry serves.
// @throws base::Error (unknown image, dead registry, wrong digest, no such platform, no space ...),
// Cancelled. After an error the store's images are as before.
Image pull(Store &store, const Reference &reference, const PullOptions &options = {});

// The configuration of what pull() would fetch, without its layers; of the registry, whatever the store has.
// @throws as pull().
ImageConfig fetch_config(Store &store, const Reference &reference, const PullOptions &options = {});

// The digest of what the registry serves under the reference now: of the list, where it serves one for
// several platforms. Fetches no content. @throws as pull().
std::string registry_digest(const Reference &reference, const PullOptions &options = {});

} // namespace image

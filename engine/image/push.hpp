// Sending an image of the store to a registry (OCI distribution API 1.1). Blocks until done, failed or
// cancelled; runs worker threads of its own, none of which outlives the call.
#pragma once

#include "engine/image/reference.hpp"
#include "engine/image/store.hpp"
#include "engine/image/transfer.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace image {

enum class PushPhase { waiting, preparing, pushing, pushed, exists, mounted };

[[nodiscard]] const char *phase_name(PushPhase phase);

struct PushEvent {
    std::string layer; // first 12 hex digits of the layer's digest in the store
    PushPhase phase = PushPhase::waiting;
    std::int64_t bytes = 0; // of the layer as it is in the store: what has been read to be sent
    std::int64_t total = 0;
};

struct PushOptions : TransferOptions {
    // Called from several threads, never two at once; must not throw.
    std::function<void(const PushEvent &)> on_event;
};

struct Pushed {
    std::string digest; // of the manifest in the registry
    std::int64_t size = 0;
};

// Sends the image that has this name in the store to the registry, under the same name. Layers that are plain
// tars are sent as gzip, always as the same bytes, so that they are sent once; everything else is sent as
// it came. Mirrors are not used. The store then knows the image by the digest it has in the registry.
// @throws base::Error (no such image, a name with a digest, dead registry, no right to write ...), Cancelled.
Pushed push(Store &store, const Reference &reference, const PushOptions &options = {});

} // namespace image

// A layer on its way to a registry: as it is in the store, or compressed while it is sent. What a layer
// became is remembered, so that the next push need not compress it to ask whether it is there. Blocks.
#pragma once

#include "engine/image/byte_source.hpp"
#include "engine/image/content.hpp"
#include "engine/image/layer_cache.hpp"
#include "engine/image/manifest.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace image {

class OutgoingLayer {
  public:
    // @param image for messages. @throws base::Error when the blob is not in the store.
    OutgoingLayer(const base::Paths &paths, Descriptor stored, const std::string &image);

    [[nodiscard]] const Descriptor &stored() const { return stored_; }

    [[nodiscard]] bool is_compressed_to_send() const { return compress_; }

    // As the registry gets it; unknown until a layer was compressed for the first time.
    [[nodiscard]] const std::optional<Descriptor> &sent() const { return sent_; }

    void set_sent(const std::string &digest, std::int64_t size);

    // The bytes to send. @param progress told how much of the stored blob was read; may throw to stop.
    [[nodiscard]] std::unique_ptr<ByteSource> open(std::function<void(std::int64_t)> progress) const;

  private:
    [[nodiscard]] std::string key() const;
    [[nodiscard]] std::string sent_type() const;

    Content content_;
    LayerCache cache_;
    Descriptor stored_;
    bool compress_ = false;
    std::optional<Descriptor> sent_;
};

} // namespace image

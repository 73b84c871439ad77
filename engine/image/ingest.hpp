// Bringing one or more images into the store: blobs, then layers, then the name. Nothing is visible before
// commit(); what is left when it is not reached are unreferenced blobs and layers, which serve the next try
// until they are collected. Blocks.
#pragma once

#include "base/file.hpp"
#include "engine/image/content.hpp"
#include "engine/image/index.hpp"
#include "engine/image/layers.hpp"
#include "engine/image/store.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace image {

// Progress and cancellation of unpacking; may throw to stop it. @param consumed compressed bytes so far.
using UnpackTick = std::function<void(std::int64_t consumed)>;

class Ingest {
  public:
    // Keeps the collection away until it is destroyed.
    explicit Ingest(const Store &store);

    [[nodiscard]] const Content &content() const { return content_; }

    [[nodiscard]] const Layers &layers() const { return layers_; }

    // Unpacks the blob unless the layer is there. May be called from several threads for different layers.
    // @param subject what the user knows the layer by.
    void unpack_layer(const Descriptor &layer, const std::string &diff_id, const std::string &chain_id,
                      const std::string &subject, const UnpackTick &tick = {}) const;

    // The upper directory of an overlay that is no longer mounted, on the store's file system, becomes the
    // layer above those. It is moved away, or left where it is when the layer is there already.
    // @returns its blob, whose digest is the diff id.
    Descriptor add_layer(const base::fs::path &directory, const std::vector<std::string> &below,
                         const PackOptions &options) const;

    // @throws base::Error when it is not in the store, or is no image's.
    [[nodiscard]] Manifest manifest(const std::string &digest) const;

    // Stores configuration and manifest of an image of these layers, for commit().
    [[nodiscard]] Descriptor put_manifest(const ImageConfig &config,
                                          const std::vector<Descriptor> &layers) const;

    // Stores a list of what is in the store, for commit_list().
    [[nodiscard]] Descriptor put_list(const ManifestList &list) const;

    // Publishes the image whose blobs are all in the store, with its layers unpacked.
    // @param names canonical or empty for none. @param source as in IndexEntry.
    Image commit(const Descriptor &manifest, const std::vector<std::string> &names,
                 const std::string &source = {});

    // Publishes the images and attestations of a list, whose blobs are all in the store, as one image. It is
    // found as the member that this host runs best, or else as its first.
    Image commit_list(const Descriptor &list, const std::vector<std::string> &names);

  private:
    // @returns the size of its unpacked layers. @throws base::Error when a part is missing.
    std::int64_t check_whole(const Manifest &manifest, ImageConfig &config) const;
    Image publish(IndexEntry entry, const std::vector<std::string> &names) const;

    const Store &store_;
    base::FileLock hold_;
    Content content_;
    Layers layers_;
};

} // namespace image

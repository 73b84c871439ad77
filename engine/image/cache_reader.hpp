// Reading the cache of builds that another machine wrote: from a registry, or from a directory in the OCI
// layout. Thread-safe once loaded; blocks.
#pragma once

#include "engine/image/cache_document.hpp"
#include "engine/image/content.hpp"
#include "engine/image/reference.hpp"
#include "engine/image/transfer.hpp"

#include <memory>
#include <string>

namespace image {

class CacheReader {
  public:
    CacheReader(const CacheReader &) = delete;
    CacheReader &operator=(const CacheReader &) = delete;
    virtual ~CacheReader() = default;

    // Empty for an image that has no cache in it.
    // @throws base::Error when there is none, or what there is can't be read; Cancelled.
    [[nodiscard]] virtual CacheDocument load(const Platform &platform) = 0;

    // Brings the layer into the store, as a plain tar, unless it is there.
    // @returns its blob, whose digest is the diff id. @throws base::Error, Cancelled.
    [[nodiscard]] Descriptor bring(const CacheDocument::Layer &layer);

  protected:
    explicit CacheReader(const base::Paths &paths) : content_(paths) {}

    // Brings the blob into the store as it is, verified.
    virtual void fetch(const Descriptor &blob) = 0;

    [[nodiscard]] const Content &content() const { return content_; }

  private:
    Content content_;
};

// @pre options outlive it.
[[nodiscard]] std::unique_ptr<CacheReader>
registry_cache(const base::Paths &paths, const Reference &reference, const TransferOptions &options);

// @param tag of the manifest in the directory's index. @param digest of it instead, or empty.
[[nodiscard]] std::unique_ptr<CacheReader> directory_cache(const base::Paths &paths,
                                                           const base::fs::path &directory,
                                                           const std::string &tag, const std::string &digest);

} // namespace image

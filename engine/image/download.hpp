// One blob from a registry into the content store: resumes what an earlier try left, verifies the digest and
// renames it into place. Two processes that want the same blob cooperate: the second waits for the first.
#pragma once

#include "base/digest.hpp"
#include "base/fd.hpp"
#include "engine/image/content.hpp"
#include "engine/image/manifest.hpp"
#include "engine/image/registry_client.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace image {

// The bytes of a blob received so far; its own lock file. What is there when it is destroyed stays for a
// resume.
class PartialBlob {
  public:
    // nullopt when the whole blob appeared meanwhile. @param waiting called while another process has it.
    static std::optional<PartialBlob> open(const Content &content, const Descriptor &blob,
                                           const std::function<void()> &waiting);

    [[nodiscard]] std::int64_t size() const { return size_; }

    [[nodiscard]] bool complete() const { return size_ == blob_.size; }

    // @throws base::Error when it grows beyond the blob's size; when the disk is full it is deleted first.
    void append(std::string_view bytes);
    void restart();
    // @pre complete(). Verifies and publishes. false when the digest is wrong; then it starts anew.
    bool commit(std::string &actual_digest);

  private:
    PartialBlob(base::fs::path path, base::fs::path final_path, Descriptor blob, base::UniqueFd fd)
        : path_(std::move(path)), final_(std::move(final_path)), blob_(std::move(blob)), fd_(std::move(fd)) {}

    void hash_present();

    base::fs::path path_;
    base::fs::path final_;
    Descriptor blob_;
    base::UniqueFd fd_;
    std::int64_t size_ = 0;
    base::Sha256 hash_;
};

enum class DownloadStep { waiting, verifying, downloading };

struct Downloader {
    RegistryClient &registry;
    const Content &content;
    RetryPolicy policy;
    std::string subject;         // the image's name
    std::function<void()> check; // throws to cancel

    // @returns false when the blob was there already. @throws base::Error.
    bool fetch(HttpClient &http, const Descriptor &blob,
               const std::function<void(DownloadStep, std::int64_t bytes)> &on_step = {}) const;

  private:
    // One request; whatever came is in `partial` afterwards.
    HttpResult attempt(HttpClient &http, const Descriptor &blob, PartialBlob &partial,
                       const std::function<void(std::int64_t)> &on_bytes) const;
};

} // namespace image

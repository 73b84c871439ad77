#include "engine/image/outgoing_layer.hpp"

#include "base/error.hpp"
#include "engine/image/decompress.hpp"
#include "engine/image/gzip.hpp"
#include "engine/image/reference.hpp"
#include "engine/image/sources.hpp"

#include <array>
#include <charconv>
#include <fcntl.h>
#include <unistd.h>

namespace image {

namespace {

// The whole way from the file to what is sent.
class LayerStream : public ByteSource {
  public:
    LayerStream(const base::fs::path &path, bool compress, std::function<void(std::int64_t)> progress)
        : fd_(base::open_file(path, O_RDONLY)), file_(fd_.get(), path.string()),
          counted_(file_,
                   [this, progress = std::move(progress)](std::string_view bytes) {
                       read_ += static_cast<std::int64_t>(bytes.size());
                       progress(read_);
                   }),
          gzip_(compress ? std::make_unique<GzipSource>(counted_) : nullptr) {}

    std::size_t read(char *buffer, std::size_t size) override {
        return gzip_ ? gzip_->read(buffer, size) : counted_.read(buffer, size);
    }

  private:
    base::UniqueFd fd_;
    FdSource file_;
    std::int64_t read_ = 0;
    TapSource counted_;
    std::unique_ptr<GzipSource> gzip_;
};

// Whatever its media type claims.
bool is_plain(const base::fs::path &path) {
    const base::UniqueFd fd = base::open_file(path, O_RDONLY);
    std::array<char, 6> first{};
    const ssize_t count = base::check(::read(fd.get(), first.data(), first.size()), "read", path.string());
    return detect_compression({first.data(), static_cast<std::size_t>(count)}) == Compression::none;
}

} // namespace

OutgoingLayer::OutgoingLayer(const base::Paths &paths, Descriptor stored, const std::string &image)
    : content_(paths), cache_(paths), stored_(std::move(stored)) {
    if (content_.size(stored_.digest) != stored_.size)
        throw base::Error("layer " + stored_.digest + " of " + image + " is missing from the store",
                          "build, pull or load the image again");
    compress_ = stored_.media_type.ends_with(".tar") && is_plain(content_.path(stored_.digest));
    if (!compress_) {
        sent_ = stored_;
        return;
    }
    const std::string known = cache_.find_fact(key()).value_or("");
    const auto blank = known.find(' ');
    std::int64_t size = 0;
    if (blank == std::string::npos || !is_sha256_digest(known.substr(0, blank)))
        return;
    const auto parsed = std::from_chars(known.data() + blank + 1, known.data() + known.size(), size);
    if (parsed.ec == std::errc() && size > 0)
        sent_ = Descriptor{sent_type(), known.substr(0, blank), size, {}, {}};
}

std::string OutgoingLayer::key() const {
    return "sha256:" + base::sha256_hex(GzipSource::recipe() + " " + stored_.digest);
}

std::string OutgoingLayer::sent_type() const {
    const bool docker = stored_.media_type.starts_with("application/vnd.docker.");
    return stored_.media_type + (docker ? ".gzip" : "+gzip");
}

void OutgoingLayer::set_sent(const std::string &digest, std::int64_t size) {
    if (!compress_)
        return;
    sent_ = Descriptor{sent_type(), digest, size, {}, {}};
    cache_.put_fact(key(), digest + " " + std::to_string(size));
}

std::unique_ptr<ByteSource> OutgoingLayer::open(std::function<void(std::int64_t)> progress) const {
    return std::make_unique<LayerStream>(content_.path(stored_.digest), compress_, std::move(progress));
}

} // namespace image

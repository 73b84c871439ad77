#include "engine/image/content.hpp"

#include "base/error.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace image {

namespace {

constexpr std::int64_t largest_document = 16 << 20;

} // namespace

base::fs::path Content::path(const std::string &digest) const {
    return blobs() / digest.substr(7);
}

base::fs::path Content::partial(const std::string &digest) const {
    return partials() / digest.substr(7);
}

base::fs::path Content::new_temporary() const {
    return temporaries() / base::random_hex(16);
}

void Content::initialize() const {
    for (const auto &directory : {blobs(), partials(), temporaries(), root_ / "layers"})
        base::make_dirs(directory, 0711);
    if (!base::read_file_if(root_ / "oci-layout"))
        base::write_file_atomic(root_ / "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
}

std::optional<std::int64_t> Content::size(const std::string &digest) const {
    struct stat status {};

    if (::stat(path(digest).c_str(), &status) < 0)
        return std::nullopt;
    return status.st_size;
}

std::optional<std::string> Content::document(const std::string &digest) const {
    const auto bytes = size(digest);
    if (!bytes)
        return std::nullopt;
    if (*bytes > largest_document)
        throw base::Error(path(digest).string() + ": larger than any manifest or configuration");
    auto text = base::read_file_if(path(digest));
    if (text && "sha256:" + base::sha256_hex(*text) != digest)
        throw base::Error("the image store is damaged: " + path(digest).string()
                              + " does not match its digest",
                          "remove that file and pull or load the image again");
    return text;
}

std::string Content::put(std::string_view bytes) const {
    const std::string digest = "sha256:" + base::sha256_hex(bytes);
    if (size(digest) != static_cast<std::int64_t>(bytes.size()))
        base::write_file_atomic(path(digest), bytes);
    return digest;
}

void throw_wrong_digest(const std::string &subject, const std::string &expected, const std::string &actual) {
    throw base::Error(subject + ": wrong digest: expected " + expected + ", got " + actual,
                      "the data was changed or damaged on its way: try again, or another mirror");
}

BlobWriter::BlobWriter(const Content &content)
    : content_(content), temporary_(content.new_temporary()),
      fd_(base::open_file(temporary_, O_WRONLY | O_CREAT | O_EXCL)) {}

BlobWriter::~BlobWriter() {
    if (fd_)
        ::unlink(temporary_.c_str());
}

void BlobWriter::write(std::string_view bytes) {
    base::write_all(fd_.get(), bytes, temporary_.string());
    hash_.update(bytes);
    size_ += static_cast<std::int64_t>(bytes.size());
}

std::string BlobWriter::commit(const std::string &expected) {
    const std::string digest = "sha256:" + hash_.hex();
    if (!expected.empty() && digest != expected)
        throw_wrong_digest("blob", expected, digest);
    if (::rename(temporary_.c_str(), content_.path(digest).c_str()) < 0)
        base::throw_errno("store", content_.path(digest).string());
    fd_.reset();
    return digest;
}

} // namespace image

#include "engine/image/decompress.hpp"

#include "base/error.hpp"
#include "engine/image/shared_library.hpp"

#include <archive.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <vector>

namespace image {

namespace {

constexpr std::size_t magic_size = 6;
constexpr std::size_t input_size = 256 * 1024;

struct LibArchive {
    decltype(::archive_read_new) *read_new = nullptr;
    decltype(::archive_read_free) *read_free = nullptr;
    decltype(::archive_read_support_format_raw) *support_raw = nullptr;
    decltype(::archive_read_support_format_empty) *support_empty = nullptr;
    decltype(::archive_read_support_filter_gzip) *support_gzip = nullptr;
    decltype(::archive_read_support_filter_zstd) *support_zstd = nullptr;
    decltype(::archive_read_support_filter_xz) *support_xz = nullptr;
    decltype(::archive_read_support_filter_bzip2) *support_bzip2 = nullptr;
    decltype(::archive_read_open) *open = nullptr;
    decltype(::archive_read_next_header) *next_header = nullptr;
    decltype(::archive_read_data) *read_data = nullptr;
    decltype(::archive_error_string) *error_string = nullptr;
    decltype(::archive_set_error) *set_error = nullptr;
};

LibArchive load_library() {
    const SharedLibrary library("libarchive.so.13", "libarchive13");
    LibArchive table;
    library.find(table.read_new, "archive_read_new");
    library.find(table.read_free, "archive_read_free");
    library.find(table.support_raw, "archive_read_support_format_raw");
    library.find(table.support_empty, "archive_read_support_format_empty");
    library.find(table.support_gzip, "archive_read_support_filter_gzip");
    library.find(table.support_zstd, "archive_read_support_filter_zstd");
    library.find(table.support_xz, "archive_read_support_filter_xz");
    library.find(table.support_bzip2, "archive_read_support_filter_bzip2");
    library.find(table.open, "archive_read_open");
    library.find(table.next_header, "archive_read_next_header");
    library.find(table.read_data, "archive_read_data");
    library.find(table.error_string, "archive_error_string");
    library.find(table.set_error, "archive_set_error");
    return table;
}

const LibArchive &libarchive() {
    static const LibArchive table = load_library();
    return table;
}

// The bytes that were looked at to recognise the format, then the rest.
class Rewound : public ByteSource {
  public:
    explicit Rewound(ByteSource &source) : source_(source) {
        while (filled_ < first_.size()) {
            const std::size_t count = source_.read(first_.data() + filled_, first_.size() - filled_);
            if (count == 0)
                break;
            filled_ += count;
        }
    }

    [[nodiscard]] std::string_view first() const { return {first_.data(), filled_}; }

    std::size_t read(char *buffer, std::size_t size) override {
        if (given_ == filled_)
            return source_.read(buffer, size);
        const std::size_t count = std::min(size, filled_ - given_);
        std::copy_n(first_.data() + given_, count, buffer);
        given_ += count;
        return count;
    }

  private:
    ByteSource &source_;
    std::array<char, magic_size> first_{};
    std::size_t filled_ = 0;
    std::size_t given_ = 0;
};

// libarchive as a pure decompressor: one filter, one "raw" member.
class Inflater : public ByteSource {
  public:
    Inflater(std::unique_ptr<ByteSource> source, Compression compression, std::string subject)
        : source_(std::move(source)), subject_(std::move(subject)), input_(input_size),
          archive_(libarchive().read_new()) {
        const LibArchive &library = libarchive();
        library.support_raw(archive_);
        library.support_empty(archive_);
        switch (compression) {
        case Compression::gzip:
            library.support_gzip(archive_);
            break;
        case Compression::zstd:
            library.support_zstd(archive_);
            break;
        case Compression::xz:
            library.support_xz(archive_);
            break;
        case Compression::bzip2:
            library.support_bzip2(archive_);
            break;
        case Compression::none:
            break;
        }
        archive_entry *entry = nullptr;
        int status = library.open(archive_, this, nullptr, refill, nullptr);
        if (status == ARCHIVE_OK)
            status = library.next_header(archive_, &entry);
        at_end_ = status == ARCHIVE_EOF;
        if (status != ARCHIVE_OK && !at_end_)
            opening_error_ = error();
    }

    ~Inflater() override { libarchive().read_free(archive_); }

    std::size_t read(char *buffer, std::size_t size) override {
        if (failure_)
            std::rethrow_exception(failure_);
        if (!opening_error_.empty())
            throw base::Error(opening_error_);
        if (at_end_ || size == 0)
            return 0;
        const la_ssize_t count = libarchive().read_data(archive_, buffer, size);
        if (failure_)
            std::rethrow_exception(failure_);
        if (count < 0)
            throw base::Error(error(), "the file is damaged or cut short: fetch it again");
        return static_cast<std::size_t>(count);
    }

  private:
    // No exception may cross the C library: it is kept and thrown on our side.
    static la_ssize_t refill(archive *handle, void *self, const void **data) {
        auto &inflater = *static_cast<Inflater *>(self);
        try {
            *data = inflater.input_.data();
            return static_cast<la_ssize_t>(
                inflater.source_->read(inflater.input_.data(), inflater.input_.size()));
        } catch (...) {
            inflater.failure_ = std::current_exception();
            libarchive().set_error(handle, EIO, "read failed");
            return ARCHIVE_FATAL;
        }
    }

    std::string error() {
        const char *text = libarchive().error_string(archive_);
        return "cannot decompress " + subject_ + ": " + (text == nullptr ? "unknown error" : text);
    }

    std::unique_ptr<ByteSource> source_;
    std::string subject_;
    std::vector<char> input_;
    archive *archive_;
    std::exception_ptr failure_;
    std::string opening_error_;
    bool at_end_ = false;
};

} // namespace

Compression detect_compression(std::string_view bytes) {
    using namespace std::string_view_literals;
    if (bytes.starts_with("\x1f\x8b"sv))
        return Compression::gzip;
    if (bytes.starts_with("\x28\xb5\x2f\xfd"sv))
        return Compression::zstd;
    if (bytes.starts_with("\xfd"
                          "7zXZ\0"sv))
        return Compression::xz;
    if (bytes.starts_with("BZh"sv))
        return Compression::bzip2;
    return Compression::none;
}

std::unique_ptr<ByteSource> decompress(ByteSource &source, const std::string &subject,
                                       Compression *compression) {
    auto rewound = std::make_unique<Rewound>(source);
    const Compression found = detect_compression(rewound->first());
    if (compression != nullptr)
        *compression = found;
    if (found == Compression::none)
        return rewound;
    return std::make_unique<Inflater>(std::move(rewound), found, subject);
}

} // namespace image

#include "engine/image/tar_reader.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace image {

namespace {

constexpr std::size_t chunk_size = 256 * 1024;
constexpr std::uint64_t largest_extension = 1 << 20; // long names and pax records, as in Go
constexpr std::size_t most_segments = 1 << 20;

std::uint64_t padding_of(std::uint64_t size) {
    return (tar_block_size - size % tar_block_size) % tar_block_size;
}

[[noreturn]] void cut_short() {
    throw base::Error("the tar archive is cut short", "fetch or write the archive again");
}

std::string without_nul(std::string text) {
    text.resize(std::min(text.find('\0'), text.size()));
    return text;
}

void check_segments(const TarHeader &header) {
    std::uint64_t end = 0;
    std::uint64_t stored = 0;
    for (const TarSegment &segment : header.entry.segments) {
        if (segment.offset < end || segment.length > header.entry.size
            || segment.offset > header.entry.size - segment.length)
            throw base::Error("malformed tar archive: the map of sparse file " + header.entry.name
                              + " is wrong");
        end = segment.offset + segment.length;
        stored += segment.length;
    }
    if (stored != header.stored_size)
        throw base::Error("malformed tar archive: sparse file " + header.entry.name + " has a wrong size");
}

} // namespace

TarReader::TarReader(ByteSource &source) : source_(source), buffer_(std::make_unique<char[]>(chunk_size)) {}

void TarReader::read_exactly(char *buffer, std::size_t size) {
    while (size > 0) {
        const std::size_t count = source_.read(buffer, size);
        if (count == 0)
            cut_short();
        buffer += count;
        size -= count;
    }
}

// false when the source ends exactly here.
bool TarReader::read_block(TarBlock &block) {
    const std::size_t count = source_.read(block.data(), block.size());
    if (count == 0)
        return false;
    read_exactly(block.data() + count, block.size() - count);
    return true;
}

std::string TarReader::read_small(std::uint64_t size, const char *what) {
    if (size > largest_extension)
        throw base::Error(std::string("malformed tar archive: ") + what + " is larger than 1 MiB");
    std::string text(size, '\0');
    read_exactly(text.data(), text.size());
    skip(padding_of(size));
    return text;
}

void TarReader::skip(std::uint64_t size) {
    while (size > 0) {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(size, chunk_size));
        read_exactly(buffer_.get(), count);
        size -= count;
    }
}

void TarReader::finish_member() {
    skip(remaining_ + padding_);
    remaining_ = padding_ = 0;
    segments_.clear();
    segment_ = within_ = 0;
}

// What follows the end mark belongs to the stream that digests are computed over.
void TarReader::drain() {
    while (source_.read(buffer_.get(), chunk_size) > 0) {
    }
}

bool TarReader::next(TarEntry &entry) {
    finish_member();
    PaxRecords records;
    std::string long_name;
    std::string long_link;
    for (;;) {
        TarBlock block;
        if (!read_block(block)) {
            if (!records.empty() || !long_name.empty() || !long_link.empty())
                cut_short();
            return false;
        }
        if (is_zero_block(block)) {
            if (read_block(block) && !is_zero_block(block))
                throw base::Error("malformed tar archive: an empty block among its members");
            drain();
            return false;
        }
        TarHeader header = parse_tar_header(block);
        switch (header.type_flag) {
        case 'x':
            records = parse_pax_records(read_small(header.stored_size, "a pax header"));
            continue;
        case 'g':
            (void)read_small(header.stored_size, "a global pax header");
            continue;
        case 'L':
            long_name = without_nul(read_small(header.stored_size, "a long name"));
            continue;
        case 'K':
            long_link = without_nul(read_small(header.stored_size, "a long link target"));
            continue;
        default:
            break;
        }
        if (!long_name.empty())
            header.entry.name = long_name;
        if (!long_link.empty())
            header.entry.link = long_link;
        begin_member(header, block, records);
        entry = std::move(header.entry);
        return true;
    }
}

void TarReader::begin_member(TarHeader &header, const TarBlock &block, const PaxRecords &records) {
    constexpr std::string_view known_types("01234567S\0", 10);
    if (known_types.find(header.type_flag) == std::string_view::npos)
        throw base::Error("the tar archive holds a member of unknown type '"
                          + std::string(1, header.type_flag) + "': " + header.entry.name);
    apply_pax_records(records, header);
    TarEntry &entry = header.entry;
    if (entry.type == TarType::file && entry.name.ends_with('/') && header.type_flag == '0'
        && header.stored_size == 0)
        entry.type = TarType::directory;
    if (entry.type != TarType::file)
        header.stored_size = 0; // a size here describes something else, e.g. the target of a hard link
    remaining_ = header.stored_size;
    padding_ = padding_of(header.stored_size);
    entry.size = header.stored_size;
    if (entry.type != TarType::file)
        return;

    if (header.type_flag == 'S') {
        entry.sparse = true;
        entry.size = gnu_real_size(block);
        append_gnu_segments({block.data() + 386, 96}, entry.segments);
        for (bool more = gnu_map_continues(block); more;) {
            TarBlock extension;
            read_exactly(extension.data(), extension.size());
            append_gnu_segments({extension.data(), 504}, entry.segments);
            if (entry.segments.size() > most_segments)
                throw base::Error("malformed tar archive: the map of a sparse file is too large");
            more = extension[504] != '\0';
        }
    } else {
        read_pax_sparse(header, records);
    }
    if (entry.sparse) {
        check_segments(header);
        segments_ = entry.segments;
    } else if (entry.size > 0) {
        segments_ = {{0, entry.size}};
    }
}

bool TarReader::read(Chunk &chunk) {
    while (segment_ < segments_.size() && within_ == segments_[segment_].length) {
        ++segment_;
        within_ = 0;
    }
    if (segment_ == segments_.size())
        return false;
    const TarSegment &segment = segments_[segment_];
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(segment.length - within_, chunk_size));
    const std::size_t count = source_.read(buffer_.get(), wanted);
    if (count == 0)
        cut_short();
    chunk = {segment.offset + within_, {buffer_.get(), count}};
    within_ += count;
    remaining_ -= count;
    return true;
}

} // namespace image

// Reads tar archives (ustar, pax, GNU with long names and all sparse forms) member by member, with the
// meaning Go's archive/tar gives them, for that is what wrote and reads every image. An own reader because
// libarchive normalises UTF-8 names to NFC under a UTF-8 locale, which renames files.
#pragma once

#include "engine/image/byte_source.hpp"
#include "engine/image/tar_header.hpp"

#include <memory>
#include <string_view>

namespace image {

class TarReader {
  public:
    explicit TarReader(ByteSource &source);

    // The next member, skipping what is left of the one before. false at the end of the archive, after the
    // source was read to its end. @throws base::Error for anything malformed or cut short.
    bool next(TarEntry &entry);

    struct Chunk {
        std::uint64_t offset = 0; // in the unpacked file
        std::string_view data;    // valid until the next call
    };

    // The next stored stretch of the current member. false when there is no more.
    bool read(Chunk &chunk);

  private:
    void read_exactly(char *buffer, std::size_t size);
    bool read_block(TarBlock &block);
    std::string read_small(std::uint64_t size, const char *what);
    void skip(std::uint64_t size);
    void finish_member();
    void drain();
    void begin_member(TarHeader &header, const TarBlock &block, const PaxRecords &records);
    void read_pax_sparse(TarHeader &header, const PaxRecords &records);
    std::vector<TarSegment> read_sparse_map();

    ByteSource &source_;
    std::unique_ptr<char[]> buffer_;
    std::uint64_t remaining_ = 0; // stored bytes of the current member not read yet
    std::uint64_t padding_ = 0;
    std::vector<TarSegment> segments_;
    std::size_t segment_ = 0;
    std::uint64_t within_ = 0; // read of the current segment
};

} // namespace image

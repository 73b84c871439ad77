// Writes plain ustar archives of regular files and directories with short names. Blocks.
#pragma once

#include "engine/image/byte_source.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace image {

class TarWriter {
  public:
    // @param fd stays open and belongs to the caller.
    TarWriter(int fd, std::string subject) : fd_(fd), subject_(std::move(subject)) {}

    // @pre names have at most 99 bytes.
    void directory(const std::string &name);
    void file(const std::string &name, std::string_view content);
    // @throws base::Error when the source has another size.
    void file(const std::string &name, std::uint64_t size, ByteSource &content);
    // The end mark.
    void finish();

  private:
    void header(const std::string &name, char type, std::uint64_t size, unsigned mode);
    void pad(std::uint64_t size);

    int fd_;
    std::string subject_;
};

} // namespace image

// Writes tar archives of regular files and directories that belong to nobody in particular. Blocks.
#pragma once

#include "engine/image/byte_source.hpp"
#include "engine/image/tar_entry.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace image {

class TarWriter {
  public:
    // @param fd stays open and belongs to the caller.
    TarWriter(int fd, std::string subject) : fd_(fd), subject_(std::move(subject)) {}

    void directory(const std::string &name);
    void file(const std::string &name, std::string_view content);
    // @throws base::Error when the source has another size.
    void file(const std::string &name, std::uint64_t size, ByteSource &content);
    // The end mark.
    void finish();

  private:
    void header(const std::string &name, TarType type, std::uint64_t size, unsigned mode);

    int fd_;
    std::string subject_;
};

} // namespace image

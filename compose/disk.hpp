// Where the files come from that a Compose file names by extends and include: the seam that lets a fuzzer
// hold them in memory.
#pragma once

#include "compose/read_source.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace compose {

class Disk {
  public:
    Disk() = default;
    Disk(const Disk &) = delete;
    Disk &operator=(const Disk &) = delete;
    virtual ~Disk() = default;

    // Something other than a directory has this path.
    [[nodiscard]] virtual bool has_file(const std::filesystem::path &path) const = 0;
    // What a directory holds, sorted; nothing when it can't be read.
    [[nodiscard]] virtual std::vector<std::string> names_in(const std::filesystem::path &directory) const = 0;
    // As read_source.
    [[nodiscard]] virtual std::shared_ptr<const Source> read(const std::filesystem::path &path,
                                                             std::string shown, SourceKind kind,
                                                             Diagnostics &diagnostics) const = 0;
};

// The file system. Blocks.
[[nodiscard]] const Disk &file_system();

} // namespace compose

// One member of a tar archive, whichever dialect (ustar, pax, GNU) described it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <map>
#include <string>
#include <vector>

namespace image {

enum class TarType { file, hard_link, symlink, char_device, block_device, directory, fifo };

// A stretch of a sparse file that is stored; the rest are holes.
struct TarSegment {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

struct TarEntry {
    std::string name; // as written: may be absolute, hold "..", end in "/"
    std::string link; // target of a link, as written
    TarType type = TarType::file;
    mode_t mode = 0; // permission bits with setuid, setgid and sticky
    uid_t uid = 0;
    gid_t gid = 0;
    timespec mtime{};
    unsigned device_major = 0;
    unsigned device_minor = 0;
    std::uint64_t size = 0; // of the file once unpacked, holes included
    bool sparse = false;
    std::vector<TarSegment> segments; // of a sparse file, ascending, within size
    std::map<std::string, std::string> xattrs;
};

} // namespace image

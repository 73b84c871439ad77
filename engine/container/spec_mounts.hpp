// What is mounted into a container, as data. Applied in the order of their targets' depth.
#pragma once

#include "base/units.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace container {

struct IdMapping {
    std::uint32_t inside = 0;
    std::uint32_t outside = 0;
    std::uint32_t size = 0;
    bool operator==(const IdMapping &) const = default;
};

enum class Propagation { rprivate, private_, rslave, slave, rshared, shared };

struct BindMount {
    std::string source;
    bool create_source = false; // a missing source becomes a directory
    Propagation propagation = Propagation::rprivate;
    bool recursive = true;           // mounts below the source come along
    bool recursive_read_only = true; // read_only holds for those too
    std::vector<IdMapping> id_map;
    bool nosuid = false, nodev = false, noexec = false;
    bool operator==(const BindMount &) const = default;
};

struct VolumeMount {
    std::string name;
    std::string source;  // the directory that holds the volume's data
    std::string subpath; // below source
    bool copy = true;    // fill it with the image's content while it is empty
    bool operator==(const VolumeMount &) const = default;
};

struct TmpfsMount {
    std::optional<base::Bytes> size;
    std::optional<std::uint32_t> mode; // empty: that of the directory it covers, else 01777
    std::optional<std::uint32_t> uid, gid;
    bool exec = false;
    bool suid = false;
    bool dev = false;
    std::string nr_inodes, nr_blocks; // numbers as tmpfs(5) reads them, "" is the kernel's own limit
    std::string access_times;         // noatime, strictatime or "" for relatime
    bool directory_access_times = true;
    bool operator==(const TmpfsMount &) const = default;
};

struct Mount {
    std::string target;
    bool read_only = false;
    std::variant<BindMount, VolumeMount, TmpfsMount> source;
    bool operator==(const Mount &) const = default;
};

// A file of its own, kept in memory while the container runs.
struct GrantedFile {
    std::string target;
    std::optional<std::uint32_t> uid, gid; // empty: those of the process
    std::uint32_t mode = 0444;
    std::string content;
    bool operator==(const GrantedFile &) const = default;
};

// The value of a service's tmpfs entry, PATH[:OPTIONS] with mount(8)'s options (size, nr_inodes, nr_blocks,
// mode, uid, gid, ro, rw, exec, noexec, suid, nosuid, dev, nodev and those of access times). @throws
// base::Error naming the option.
[[nodiscard]] Mount parse_tmpfs(const std::string &text);

} // namespace container

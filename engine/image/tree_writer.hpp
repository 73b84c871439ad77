// Makes files inside one directory tree from names nobody trusts. Every name is cleaned, resolved by the
// kernel beneath the root descriptor (RESOLVE_IN_ROOT: absolute links and ".." stay inside), and created
// without following a final symbolic link. Blocks.
#pragma once

#include "base/fd.hpp"
#include "engine/image/tar_entry.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace image {

using PathParts = std::vector<std::string>;

// "/a/./b/../c/" -> {"a", "c"}; empty for the root itself.
// @throws base::Error when it climbs above the root, holds a NUL or is deeper than max_depth.
[[nodiscard]] PathParts clean_path(std::string_view name, std::size_t max_depth);

class TreeWriter {
  public:
    // @pre root is an open directory that outlives this object.
    TreeWriter(int root, bool privileged) : root_(root), privileged_(privileged) {}

    enum class Kind { missing, directory, whiteout, other };

    [[nodiscard]] Kind kind(const PathParts &path);
    void remove(const PathParts &path);

    // Each creates missing parents (root, 0755). @pre there is nothing at path.
    base::UniqueFd create_file(const PathParts &path);
    void create_directory(const PathParts &path);
    void create_symlink(const PathParts &path, const std::string &target);
    void create_node(const PathParts &path, mode_t type, unsigned major, unsigned minor);
    void create_hard_link(const PathParts &path, const PathParts &target);

    // Owner, mode, extended attributes and, except for directories, times.
    void set_metadata(const PathParts &path, const TarEntry &entry);
    void set_file_metadata(int fd, const TarEntry &entry);
    void set_xattr(const PathParts &directory, const char *name, std::string_view value);
    // For directories once everything in them is made; one that was replaced meanwhile is left alone.
    void set_directory_time(const PathParts &path, const timespec &mtime);

  private:
    int parent_of(const PathParts &path, bool create);
    base::UniqueFd open_directory(const std::string &path, bool create);
    void apply_xattrs(int parent, const std::string &name, const TarEntry &entry);

    int root_;
    bool privileged_;
    std::map<std::string, base::UniqueFd> parents_; // emptied whenever a removal may have moved a name
};

} // namespace image

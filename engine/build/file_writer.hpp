// One entry of a tree at a time into the file system of a step: content, links, nodes, owners, modes, times.
// Files with several names keep them among what one writer wrote. Blocks.
#pragma once

#include "engine/build/copy_files.hpp"
#include "engine/build/source_tree.hpp"

#include <map>
#include <string>
#include <utility>

namespace build {

// An entry of an open directory of the step.
struct CopyPlace {
    int directory;
    std::string name;
    std::string path; // from the root, for messages
};

class FileWriter {
  public:
    // References are kept. @param root the step's file system.
    FileWriter(int root, const SourceTree &tree, const FileRights &rights)
        : root_(root), tree_(tree), rights_(rights) {}

    // Anything but a directory; what is there gives way. Sockets are left out.
    // @throws base::Error over a directory; base::SystemError.
    void write(const SourceTree::Entry &entry, const CopyPlace &place);

    // Owner, mode and attributes of a directory that is there.
    void describe(const SourceTree::Entry &entry, int directory, const std::string &path) const;
    // Owner and mode alone.
    void finish(int fd, const struct stat &status, const std::string &path) const;

  private:
    using Owner = std::pair<uid_t, gid_t>;

    [[nodiscard]] bool link_to_copy(const SourceTree::Entry &entry, const CopyPlace &place) const;
    void regular(const SourceTree::Entry &entry, const CopyPlace &place) const;
    void special(const SourceTree::Entry &entry, const CopyPlace &place) const;
    [[nodiscard]] Owner owner_for(const struct stat &status) const;
    void copy_attributes(const SourceTree::Entry &entry, int fd, const std::string &path) const;

    int root_;
    const SourceTree &tree_;
    const FileRights &rights_;
    std::map<std::pair<dev_t, ino_t>, std::string> copies_; // of files with several names
};

// A new file in place of whatever file is there.
[[nodiscard]] base::UniqueFd create_file(const CopyPlace &place);

[[nodiscard]] mode_t mode_for(const FileRights &rights, mode_t mode);

// Of a path in a root, which begins with "/".
[[nodiscard]] std::string parent_of(const std::string &path);
[[nodiscard]] std::string last_of(const std::string &path);

} // namespace build

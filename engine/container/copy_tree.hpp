// Copying a directory tree with everything the kernel knows about it.
#pragma once

#include "engine/container/id_map.hpp"

#include <functional>
#include <string>

namespace container {

struct CopyOptions {
    // What is there gives way; else it is kept, so that an interrupted copy may be repeated. A directory is
    // merged into one that is there, and never replaces anything else, nor is replaced.
    bool replace = false;
    // Whose the copy is, of what belongs to the argument; none: the same.
    std::function<Owner(Owner)> owner;
    // On the disk when the call returns.
    bool durable = true;
};

// The content of directory `from` into the existing directory `to`: owners, modes, times, extended
// attributes, hard links, devices, and those of the directory itself. Each file appears whole.
// @param subject names the destination in errors. @throws base::SystemError.
void copy_tree(int from, int to, const std::string &subject, const CopyOptions &options = {});

// One entry of directory `from`, whatever it is, as entry `as` of directory `to`. Neither name is followed
// when it is a symbolic link.
void copy_entry(int from, const std::string &name, int to, const std::string &as, const std::string &subject,
                const CopyOptions &options = {});

} // namespace container

// Copying a directory tree with everything the kernel knows about it.
#pragma once

#include <string>

namespace container {

// The content of directory `from` into the existing directory `to`: owners, modes, times, extended
// attributes, hard links, devices, and those of the directory itself. Entries that are already there are
// kept, and each file appears whole, so that an interrupted copy may be repeated. Durable when it returns.
// @param subject names the destination in errors. @throws base::SystemError.
void copy_tree(int from, int to, const std::string &subject);

} // namespace container

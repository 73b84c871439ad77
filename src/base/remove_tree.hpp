// rm -rf, for trees that others have filled.
#pragma once

#include <filesystem>

namespace base {

// Removes the file or directory. Never follows a symbolic link, never leaves the tree, and holds few
// descriptors and little stack however deep or wide it is. Where a removal has to wait for the disk (freeing
// blocks with `discard` takes 4 ms a file), several threads wait together. A missing path is fine. @throws
// base::SystemError for the first entry that can't be removed, after which the rest may be there or not.
void remove_tree(const std::filesystem::path &path);

} // namespace base

#include "engine/build/remote_place.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/build/step_directory.hpp"

#include <cerrno>
#include <cstdio>

namespace build {

std::filesystem::path remote_root(const base::Paths &paths) {
    return build_directory(paths) / "remote";
}

void keep_remote(const base::Paths &paths, const std::filesystem::path &made, const std::string &name) {
    const std::filesystem::path root = remote_root(paths);
    base::make_dirs(root, 0700);
    if (::rename(made.c_str(), (root / name).c_str()) < 0 && errno != EEXIST && errno != ENOTEMPTY)
        base::throw_errno("keep", (root / name).string());
}

} // namespace build

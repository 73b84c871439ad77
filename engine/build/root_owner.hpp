// Files of whoever owns a context, shown as root's: builds see 0:0 wherever the context comes from. Blocks.
#pragma once

#include "base/fd.hpp"
#include "engine/container/detached_mount.hpp"

#include <sys/stat.h>

#include <string>

namespace build {

class RootOwner {
  public:
    // context: its top directory, whose owner changes places with root.
    explicit RootOwner(const struct stat &context) : uid_(context.st_uid), gid_(context.st_gid) {}

    [[nodiscard]] uid_t uid(uid_t id) const { return id == uid_ ? 0 : id == 0 ? uid_ : id; }

    [[nodiscard]] gid_t gid(gid_t id) const { return id == gid_ ? 0 : id == 0 ? gid_ : id; }

    // Whether it shows anything else than what is there.
    [[nodiscard]] bool changes() const { return uid_ != 0 || gid_ != 0; }

    // As container::clone_tree() of what is open; with the owners that are there where the file system can't
    // show others.
    [[nodiscard]] base::UniqueFd clone_tree(int file, container::TreeOptions options,
                                            const std::string &subject) const;

  private:
    uid_t uid_;
    gid_t gid_;
};

} // namespace build

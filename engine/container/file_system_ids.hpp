// Who this thread is to file systems, for a while: what it creates belongs to these ids, and it may still do
// everything. The root of a container with its own users has ids that the host's root, who has none in an
// id-mapped mount, could only give away there and not use.
#pragma once

#include "engine/container/id_map.hpp"

namespace container {

class FileSystemIds {
  public:
    // Blocks never. @throws base::SystemError.
    explicit FileSystemIds(Owner owner);
    // Back to who it was.
    ~FileSystemIds();
    FileSystemIds(const FileSystemIds &) = delete;
    FileSystemIds &operator=(const FileSystemIds &) = delete;

  private:
    Owner before_;
};

} // namespace container

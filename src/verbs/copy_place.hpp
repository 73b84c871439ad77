// A file system to copy from or into: this machine's, or a container's, whose links and ".." never lead out
// of it. Blocks.
#pragma once

#include "base/fd.hpp"
#include "base/paths.hpp"
#include "supervisor/observer.hpp"

#include <optional>
#include <string>

namespace cli {

// One entry, named by the open directory it is in. The name is no symbolic link that still has to be
// followed.
struct Entry {
    base::UniqueFd directory;
    std::string name;   // "." is the directory itself
    std::string called; // by the path, links not followed
    bool exists = false;
    bool is_directory = false;
};

class CopyPlace {
  public:
    // The machine: paths are relative to the working directory.
    CopyPlace() = default;
    // A container, whether it runs or not. @throws base::Error when its file system can't be mounted.
    CopyPlace(const base::Paths &paths, const supervisor::ContainerInfo &container);

    // @param follow a symbolic link at the end. @throws base::Error when the directory above it is missing.
    [[nodiscard]] Entry find(const std::string &path, bool follow) const;

    // The directory itself, for its content. @pre it is one.
    [[nodiscard]] base::UniqueFd open_directory(const std::string &path) const;

    // For messages: "demo-web-1:/etc/hosts".
    [[nodiscard]] std::string describe(const std::string &path) const;

  private:
    // An invalid descriptor when there is nothing.
    [[nodiscard]] base::UniqueFd open(const std::string &path, int flags) const;

    struct Root {
        std::string mount; // of a container that doesn't run: what is mounted there when it does
        base::UniqueFd directory;
    };

    std::string name_;
    std::vector<Root> roots_; // empty: the machine; the root file system last
};

} // namespace cli

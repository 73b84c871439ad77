// The devices of this machine that have a CDI specification, and giving them to containers. Reads files when
// it is made, and blocks then; a file that is wrong only takes its own devices away.
#pragma once

#include "base/error.hpp"
#include "engine/container/cdi_spec.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace container {

// $COMPOSE_CDI_DIRS, separated by colons, else /etc/cdi, /var/run/cdi and /run/cdi.
[[nodiscard]] std::vector<std::filesystem::path> cdi_directories();

class CdiRegistry {
  public:
    // Of a device that several directories have, the last one's counts. Directories that are missing are
    // empty.
    explicit CdiRegistry(const std::vector<std::filesystem::path> &directories);

    // "vendor.com/class=name", sorted.
    [[nodiscard]] std::vector<std::string> names() const;

    [[nodiscard]] bool knows(const std::string &name) const { return devices_.contains(name); }

    // The device's annotations over its file's. The device must be known.
    [[nodiscard]] std::map<std::string, std::string> annotations(const std::string &name) const;

    // That there is no such device, which directories were searched, and what is there.
    [[nodiscard]] base::Error missing(const std::string &name) const;

    // Adds what the devices and their files ask for, each once. @throws base::Error for a device that is
    // unknown, defined twice in a directory, or asks for what can't be done here.
    void add_to(Spec &spec, const std::vector<std::string> &names) const;

  private:
    struct Found {
        std::size_t directory = 0;
        std::size_t spec = 0, device = 0; // indices
        std::string also_in;              // another file of the same directory that has it
    };

    void read_file(const std::filesystem::path &path, std::size_t directory);
    [[nodiscard]] const Found &find(const std::string &name) const;

    std::vector<std::filesystem::path> directories_;
    std::vector<CdiSpec> specs_;
    std::map<std::string, Found> devices_;
    std::vector<std::string> problems_; // of files that can't be read
};

// The specification with its cdi_devices resolved, by what the directories hold now. @throws base::Error.
[[nodiscard]] Spec with_cdi_devices(Spec spec);

} // namespace container

// Choosing the host's ids for containers with a user namespace of their own: a block of 65536 in the range
// that systemd keeps for containers (UIDS-GIDS: 524288 to 1879048191). No process and no file of ours gives
// them out: a container's id says where to look, and what the host uses is stepped over.
#pragma once

#include "base/paths.hpp"
#include "engine/container/spec.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace container {

// First and last id, both included.
struct IdRange {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    bool operator==(const IdRange &) const = default;
};

// The ids of a passwd or group file's entries.
[[nodiscard]] std::vector<IdRange> ids_of_accounts(std::string_view file);
// The ranges of a subuid or subgid file.
[[nodiscard]] std::vector<IdRange> ids_of_subordinates(std::string_view file);

// The block a container of this id gets: the first one free from where its hash points. Pure.
// @throws base::Error when every block is taken.
[[nodiscard]] IdMapping choose_block(std::string_view id, const std::vector<IdRange> &taken);

// Gives a container that is about to be created its ids, when it wants its own; else does nothing. Stepped
// over is what the host's account files and the containers of all projects use: two that are created in the
// same moment may still get one block, if their hashes say so. @throws base::Error.
void give_ids(const base::Paths &paths, Spec &spec, const std::filesystem::path &etc = "/etc");

} // namespace container

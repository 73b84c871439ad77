// Who a program runs as: Docker's rules, applied to the image's own passwd and group files. Pure.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace container {

// A uid or gid as account files have it: decimal, below 2^32. nullopt for anything else.
[[nodiscard]] std::optional<std::uint32_t> parse_id(std::string_view text);

struct UserFiles {
    std::string passwd; // the texts; empty when there is no such file
    std::string group;
};

struct Identity {
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups; // supplementary and primary, ascending
    std::string home = "/";
    bool operator==(const Identity &) const = default;
};

// user: "", NAME, UID, NAME:GROUP, UID:GID and mixtures. A number needs no entry, a name does.
// @throws base::Error as Docker words it, exit code 126.
[[nodiscard]] Identity resolve_user(const UserFiles &files, std::string_view user,
                                    const std::vector<std::string> &group_add);

// From the file system of this root directory, never leaving it. @throws base::SystemError.
[[nodiscard]] UserFiles read_user_files(int root);

} // namespace container

// User namespaces: making one, and giving a new process its ids. The host's root does it from outside.
#pragma once

#include "base/fd.hpp"
#include "engine/container/launch.hpp"
#include "engine/container/spec.hpp"

#include <functional>
#include <string>
#include <vector>

namespace container {

// Opens /proc/PID/NAME of a child, sure that it is that child's.
using OpenProc = std::function<base::UniqueFd(const char *name, int flags)>;

// A namespace with the container's ids and no process, to map mounts with. Blocks under a millisecond.
// @throws base::SystemError when the kernel gives none.
[[nodiscard]] base::UniqueFd make_user_namespace(const Namespaces &ids);

// For a child made with CLONE_NEWUSER, which waits. @throws base::SystemError.
void write_id_maps(const Namespaces &ids, const OpenProc &open);

// Hard limits can only be raised outside of the user namespace. These are what `wanted` needs, before it.
struct RaisedLimit {
    std::string name;
    int resource = 0; // RLIMIT_*
    rlimit limit{};
};

[[nodiscard]] std::vector<RaisedLimit> raised_limits(const std::vector<Rlimit> &wanted);

// @throws base::Error when the specification wants its own user namespace together with what can't be had in
// one: a namespace of the host or another container, or all privileges.
void check_own_users(const Spec &spec);

} // namespace container

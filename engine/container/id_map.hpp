// Which ids of the host stand for a container's: the same ones, or those of its user namespace. Pure.
#pragma once

#include "engine/container/spec.hpp"

#include <sys/types.h>

namespace container {

struct Owner {
    uid_t uid = 0;
    gid_t gid = 0;
    bool operator==(const Owner &) const = default;
};

// True when it has a user namespace of its own, and ids for it.
[[nodiscard]] bool has_own_users(const Spec &spec);

// From the container's ids to the host's. @throws base::Error when the user namespace lacks one of them.
[[nodiscard]] Owner host_owner(const Spec &spec, Owner inside);

// The reverse; what is not the container's is nobody (65534), as inside.
[[nodiscard]] Owner inside_owner(const Spec &spec, Owner outside);

} // namespace container

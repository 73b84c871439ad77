// Pseudo terminals of a container's own devpts instance.
#pragma once

#include "base/fd.hpp"
#include "engine/container/mount_steps.hpp"

#include <sys/types.h>

namespace container {

// A new pair from the devpts mount (or its directory) `pts`; the first one of an instance is number 0. The
// slave belongs to `owner`. @throws base::SystemError.
[[nodiscard]] Terminal open_terminal(int pts, WindowSize window, uid_t owner);

} // namespace container

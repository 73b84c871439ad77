// Work in another mount namespace, on a thread of its own that ends with it: the calling thread never leaves
// its own. Costs about 0.1 ms.
#pragma once

#include "base/fd.hpp"

#include <functional>

namespace container {

// In a copy of this process's namespace from which nothing propagates back; all of it is gone afterwards,
// except detached mounts that `work` returns.
[[nodiscard]] base::UniqueFd in_private_mount_namespace(const std::function<base::UniqueFd()> &work);

// In the namespace (and root) of the process of this pidfd. What `work` throws is thrown here.
[[nodiscard]] base::UniqueFd in_mount_namespace_of(int pidfd, const std::function<base::UniqueFd()> &work);

} // namespace container

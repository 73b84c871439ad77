// Whether a bind mount can be kept in step with the host, as its propagation asks for.
#pragma once

#include "engine/container/spec_mounts.hpp"

namespace container {

// A private mount has no peers to share with: shared needs a source below a shared mount, slave below a
// shared or a slave one. @throws base::Error that names source and target.
void check_propagation(const BindMount &bind, const std::string &target);

} // namespace container

// The small init that is PID 1 of containers with `init: true` (source: init/init.c).
#pragma once

#include "base/paths.hpp"

#include <filesystem>

namespace container {

inline constexpr const char *init_target = "/sbin/docker-init";

// The executable on the host, written once per version and shared by all containers. Blocks on file I/O the
// first time. @throws base::SystemError.
[[nodiscard]] std::filesystem::path install_init(const base::Paths &paths);

} // namespace container

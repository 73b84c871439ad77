// Which paths of a Compose file are not on this machine. Pure.
#pragma once

#include <string_view>

namespace compose {

// A Git repository, an OCI artifact or a URL.
[[nodiscard]] bool is_remote(std::string_view path);

} // namespace compose

// The keeper's executable, embedded.
#pragma once

#include <string_view>

namespace container {

[[nodiscard]] std::string_view keeper_executable();

} // namespace container

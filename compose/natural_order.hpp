// The order in which Go's YAML library writes the keys of a map: letters before other characters' order of
// code points, digits by their number. Pure.
#pragma once

#include <string_view>

namespace compose {

// "a2" < "a10".
[[nodiscard]] bool natural_less(std::string_view a, std::string_view b);

} // namespace compose

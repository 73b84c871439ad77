// Which strings another YAML reader would take for something else when they stand unquoted. Pure.
#pragma once

#include <string_view>

namespace compose {

// A number, a boolean (of YAML 1.1 as well: y, on, No), null, a date or a base-60 number such as 22:22.
[[nodiscard]] bool reads_as_other_type(std::string_view text);

} // namespace compose

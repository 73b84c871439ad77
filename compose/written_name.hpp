// The project's name in a file that is no YAML at the moment, so that a broken file can still be brought
// down. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace compose {

// The plain value of the only `name:` at the beginning of a line, or "" when the text certainly gives none.
// nullopt when that can't be told from lines alone: a name with a variable, two names, or anything at the
// beginning of a line that is not `KEY:`, for that may be what is left of one.
[[nodiscard]] std::optional<std::string> written_name(std::string_view text);

} // namespace compose

// Where text came from: every node, diagnostic and model element carries a Location.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace base {

// One file (or other text) as it was read. Shared by all locations in it.
struct Source {
    std::string name; // as shown to the user: relative to the working directory where that is shorter
    std::string text;
};

struct Location {
    std::shared_ptr<const Source> source; // null: made up by us (a default)
    std::uint32_t line = 0;               // from 1; 0: the file as a whole
    std::uint32_t column = 0;             // from 1, in bytes

    [[nodiscard]] bool known() const { return source != nullptr; }
};

// "compose.yaml:12:5", or "" when it isn't known.
[[nodiscard]] std::string to_string(const Location &location);

} // namespace base

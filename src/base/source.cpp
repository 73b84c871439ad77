#include "base/source.hpp"

namespace base {

std::string to_string(const Location &location) {
    if (!location.known())
        return {};
    std::string text = location.source->name;
    if (location.line == 0)
        return text;
    text += ':';
    text += std::to_string(location.line);
    if (location.column != 0) {
        text += ':';
        text += std::to_string(location.column);
    }
    return text;
}

} // namespace base

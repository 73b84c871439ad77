#include "compose/cdi_name.hpp"

namespace compose {

bool is_cdi_device(std::string_view text) {
    constexpr std::string_view separators = "/=:";
    const std::size_t slash = text.find_first_of(separators);
    if (slash == std::string_view::npos || slash == 0 || text[slash] != '/' || text[0] == '.')
        return false;
    const std::size_t equals = text.find_first_of(separators, slash + 1);
    return equals != std::string_view::npos && equals > slash + 1 && text[equals] == '='
           && equals + 1 < text.size();
}

} // namespace compose

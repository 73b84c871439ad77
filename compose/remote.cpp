#include "compose/remote.hpp"

namespace compose {

bool is_remote(std::string_view path) {
    return path.find("://") != std::string_view::npos || path.starts_with("git@")
           || path.starts_with("github.com/");
}

} // namespace compose

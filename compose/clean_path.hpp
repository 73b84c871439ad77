// Paths within a container, compared and printed in one form.
#pragma once

#include <string>

namespace compose {

// Without . and .., repeated slashes and the slash at the end, as Go's path.Clean has it.
[[nodiscard]] std::string clean_path(const std::string &path);

} // namespace compose

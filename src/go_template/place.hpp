// Where in a template something is, for errors.
#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace go_template {

// @throws base::Error "template, line 1, column 5: MESSAGE"; offset in bytes.
[[noreturn]] void fail_at(std::string_view text, std::size_t offset, const std::string &message,
                          std::string hint = {});

} // namespace go_template

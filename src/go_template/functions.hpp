// The functions a template may call: Go's, and those that Docker adds. Pure.
#pragma once

#include "go_template/value.hpp"

#include <stdexcept>
#include <string>
#include <vector>

namespace go_template {

// What a function says of its arguments; the caller knows the place.
class BadCall : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

[[nodiscard]] bool is_function(const std::string &name);
[[nodiscard]] std::vector<std::string> function_names();

// @throws BadCall.
[[nodiscard]] Value call(const std::string &name, const std::vector<Value> &arguments);

} // namespace go_template

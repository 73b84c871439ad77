// Variables in the order they were first set, as an image's Env has them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace build {

class Environment {
  public:
    Environment() = default;
    // Of "NAME=VALUE".
    explicit Environment(const std::vector<std::string> &list);

    void set(const std::string &name, std::string value);
    // nullptr when it is not set; valid until the next set().
    [[nodiscard]] const std::string *find(std::string_view name) const;

    [[nodiscard]] std::vector<std::string> list() const;
    [[nodiscard]] std::vector<std::string> names() const;

  private:
    std::vector<std::pair<std::string, std::string>> values_;
};

} // namespace build

// A digest of several values. Pure.
#pragma once

#include "base/digest.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace build {

// Every value with its length in front, so that no two lists of values look the same.
class KeyBuilder {
  public:
    KeyBuilder &add(std::string_view value) {
        const std::string length = std::to_string(value.size()) + ":";
        hash_.update(length);
        hash_.update(value);
        return *this;
    }

    KeyBuilder &add(const std::vector<std::string> &values) {
        add(std::to_string(values.size()));
        for (const std::string &value : values)
            add(value);
        return *this;
    }

    KeyBuilder &flag(bool value) { return add(value ? "1" : "0"); }

    // "sha256:..."; the object can't be used afterwards.
    std::string finish() { return "sha256:" + hash_.hex(); }

  private:
    base::Sha256 hash_;
};

} // namespace build

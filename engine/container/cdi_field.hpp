// A value of a CDI specification together with where it stands, so that whatever is wrong with it is told by
// file and field. Pure.
#pragma once

#include "base/error.hpp"
#include "base/json.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace container {

class CdiField {
  public:
    // References are kept. path: "devices[0].name", empty for the whole file.
    CdiField(const base::Json &value, std::string path, const std::string &file)
        : value_(value), path_(std::move(path)), file_(file) {}

    // @throws base::Error "FILE: PATH WHAT".
    [[noreturn]] void fail(const std::string &what, const std::string &hint = {}) const;

    // Of an object: that it is one and has no member but these.
    void allow_only(std::initializer_list<const char *> keys) const;
    // A member that is missing, null or empty is none.
    [[nodiscard]] std::optional<CdiField> find(const char *key) const;
    [[nodiscard]] CdiField need(const char *key) const;
    [[nodiscard]] std::vector<std::pair<std::string, CdiField>> members() const;

    [[nodiscard]] std::vector<CdiField> items() const;
    [[nodiscard]] std::string text() const; // without NUL
    // Absolute, without "..", "." and "//", and not the root directory.
    [[nodiscard]] std::string absolute_path() const;

    template <typename T>
    [[nodiscard]] T number() const {
        const auto result = base::json_as<T>(value_);
        if (!result)
            fail("is not a whole number in its range");
        return *result;
    }

    [[nodiscard]] const std::string &path() const { return path_; }

  private:
    const base::Json &value_;
    std::string path_;
    const std::string &file_;
};

} // namespace container

// JSON, where text meets types. Include json_fwd.hpp in headers that only name the type.
#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace base {

// Keys keep the order they were written in.
using Json = nlohmann::ordered_json;

// @throws Error naming `subject` and the byte offset when the text is not JSON. Nesting is bounded to 128.
[[nodiscard]] Json parse_json(std::string_view text, const std::string &subject);

// One line, no trailing newline; invalid UTF-8 becomes U+FFFD.
[[nodiscard]] std::string dump_json(const Json &value);
// Indented by two spaces, with a trailing newline: for files a person may read.
[[nodiscard]] std::string pretty_json(const Json &value);

// value[key] as T, or fallback when it is missing, null or of another type.
template <typename T>
[[nodiscard]] T json_or(const Json &value, const char *key, T fallback) {
    if (!value.is_object())
        return fallback;
    const auto found = value.find(key);
    if (found == value.end() || found->is_null())
        return fallback;
    try {
        return found->template get<T>();
    } catch (const nlohmann::json::exception &) {
        return fallback;
    }
}

} // namespace base

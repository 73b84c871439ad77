// JSON, where text meets types. Include json_fwd.hpp in headers that only name the type.
#pragma once

#include <nlohmann/json.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace base {

// Keys keep the order they were written in.
using Json = nlohmann::ordered_json;

// @throws Error naming `subject` and the byte offset when the text is not JSON. Nesting is bounded to 128.
[[nodiscard]] Json parse_json(std::string_view text, const std::string &subject);

// One line, no trailing newline; invalid UTF-8 becomes U+FFFD.
[[nodiscard]] std::string dump_json(const Json &value);
// Indented by two spaces, with a trailing newline: for files a person may read.
[[nodiscard]] std::string pretty_json(const Json &value);

// The value as T, nullopt when it is of another type. A whole number must be one and within T's range: the
// library's own conversion cuts it down, and a huge float is undefined behaviour.
template <typename T>
[[nodiscard]] std::optional<T> json_as(const Json &value) {
    if constexpr (std::integral<T> && !std::same_as<T, bool>) {
        if (value.is_number_unsigned()) {
            const auto number = value.get<std::uint64_t>();
            return std::in_range<T>(number) ? std::optional(static_cast<T>(number)) : std::nullopt;
        }
        if (value.is_number_integer()) {
            const auto number = value.get<std::int64_t>();
            return std::in_range<T>(number) ? std::optional(static_cast<T>(number)) : std::nullopt;
        }
        return std::nullopt;
    } else {
        try {
            return value.get<T>();
        } catch (const nlohmann::json::exception &) {
            return std::nullopt;
        }
    }
}

// value[key] as T, or fallback when it is missing, null or not a T.
template <typename T>
[[nodiscard]] T json_or(const Json &value, const char *key, T fallback) {
    if (!value.is_object())
        return fallback;
    const auto found = value.find(key);
    if (found == value.end() || found->is_null())
        return fallback;
    return json_as<T>(*found).value_or(std::move(fallback));
}

} // namespace base

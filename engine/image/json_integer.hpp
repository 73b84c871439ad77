// Whole numbers from JSON that strangers wrote: a fraction, an exponent or a value out of range is not one.
#pragma once

#include "base/json.hpp"

#include <cstdint>
#include <limits>

namespace image {

// value[key], or fallback when it is missing or no signed 64-bit integer.
[[nodiscard]] inline std::int64_t integer_or(const base::Json &value, const char *key,
                                             std::int64_t fallback) {
    if (!value.is_object())
        return fallback;
    const auto found = value.find(key);
    if (found == value.end() || !found->is_number_integer())
        return fallback;
    if (found->is_number_unsigned()
        && found->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return fallback;
    return found->get<std::int64_t>();
}

} // namespace image

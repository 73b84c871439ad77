// Characters and words as Dockerfiles see them. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace build {

// Bytes of the white space (Unicode's White_Space, as Go has it) that begins at `at`; 0 when there is none.
[[nodiscard]] std::size_t space_at(std::string_view text, std::size_t at);

// The first offset from `at` on without white space, or the size of text.
[[nodiscard]] std::size_t skip_space(std::string_view text, std::size_t at);

[[nodiscard]] std::string_view trim_left(std::string_view text);
[[nodiscard]] std::string_view trim(std::string_view text);

// ASCII letters only: keywords, flags and stage names have no others.
[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] std::string upper(std::string_view text);

// strconv.ParseBool's spellings, as a Dockerfile's `--flag=value` and mount options take them.
[[nodiscard]] bool is_true(std::string_view text);
[[nodiscard]] bool is_false(std::string_view text);

} // namespace build

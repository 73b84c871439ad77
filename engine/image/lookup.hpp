// Which image a user means: by name, by name and digest, or by id. Pure over an index.
#pragma once

#include "engine/image/index.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace image {

struct Match {
    std::string image_id;
    std::string name; // canonical name that matched; empty when it was an id or a digest
};

// Names win over ids, as in Docker. @throws base::Error when an id prefix fits several images, or the text
// is neither a name nor an id.
[[nodiscard]] std::optional<Match> look_up(const Index &index, std::string_view name_or_id);

// "sha256:12ab" of what may be (the beginning of) an id; nullopt when it can't be one.
[[nodiscard]] std::optional<std::string> id_prefix(std::string_view text);

[[noreturn]] void throw_ambiguous_id(const std::string &prefix);
[[noreturn]] void throw_unknown_image(std::string_view name_or_id);

} // namespace image

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

[[noreturn]] void throw_unknown_image(std::string_view name_or_id);

} // namespace image

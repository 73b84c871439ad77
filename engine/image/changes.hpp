// Dockerfile instructions that only change an image's configuration, as `docker import --change` takes them.
// Pure.
#pragma once

#include "engine/image/config.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace image {

// Applies one instruction, e.g. `CMD ["redis-server"]` or `ENV PATH=/opt/bin:$PATH`.
// @throws base::Error quoting the instruction and saying what is wrong.
void apply_change(ImageConfig &config, std::string_view instruction);

// Splits at blanks outside of quotes, removes quotes and backslashes, and replaces $NAME and ${NAME} from env
// ("NAME=VALUE"), except within single quotes. @throws base::Error for an open quote.
[[nodiscard]] std::vector<std::string> split_words(std::string_view text,
                                                   const std::vector<std::string> &env);

} // namespace image

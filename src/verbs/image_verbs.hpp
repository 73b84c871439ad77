// The parts of `compose image`, and how they show images.
#pragma once

#include "engine/image/store.hpp"
#include "terminal/command_line.hpp"
#include "verbs/context.hpp"

#include <string>
#include <utility>

namespace cli {

void add_image_list(Command &image, Context &context);
// rm, tag, prune.
void add_image_store(Command &image, Context &context);
// inspect, history.
void add_image_inspect(Command &image, Context &context);

// The first twelve digits.
[[nodiscard]] std::string short_image_id(const std::string &id);

// "redis:7-alpine" as {"redis", "7-alpine"}.
[[nodiscard]] std::pair<std::string, std::string> repository_and_tag(const std::string &name);

// "3 hours ago", or "N/A".
[[nodiscard]] std::string age_of(const std::optional<base::Timestamp> &created);

// RFC 3339, or "N/A".
[[nodiscard]] std::string time_of(const std::optional<base::Timestamp> &created);

} // namespace cli

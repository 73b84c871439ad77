// --filter of `image ls`. Pure.
#pragma once

#include "engine/image/store.hpp"
#include "verbs/prune_filter.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cli {

class ImageFilter {
  public:
    // The image that before=IMAGE or since=IMAGE names. @throws base::Error when there is none.
    using Find = std::function<image::Image(const std::string &)>;

    // Each is dangling=BOOL, label=KEY[=VALUE], label!=KEY[=VALUE], reference=PATTERN, before=IMAGE,
    // since=IMAGE or until=TIME. Of several references one must fit, of the others all. @throws base::Error.
    ImageFilter(const std::vector<std::string> &filters, const Find &find);

    [[nodiscard]] bool matches(const image::Image &image) const;

    // Of an image that matches: whether this name of it is to be shown.
    [[nodiscard]] bool matches_name(const std::string &name) const;

  private:
    void add(const std::string &key, const std::string &value, const Find &find);

    std::optional<bool> dangling_;
    std::vector<std::string> references_;
    std::vector<base::Timestamp> before_, since_;
    PruneFilter rest_; // labels and until
};

} // namespace cli

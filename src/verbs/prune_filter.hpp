// --filter of the prune verbs.
#pragma once

#include "base/units.hpp"
#include "engine/image/config.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cli {

class PruneFilter {
  public:
    // Each is until=TIME, until=AGE ("24h"), label=KEY, label=KEY=VALUE, or the latter with !=.
    // @throws base::Error naming what is wrong.
    explicit PruneFilter(const std::vector<std::string> &filters);

    [[nodiscard]] bool empty() const { return !until_ && labels_.empty(); }

    [[nodiscard]] bool matches(const std::optional<base::Timestamp> &created,
                               const std::map<std::string, std::string> &labels) const;

    // Empty when everything matches.
    [[nodiscard]] std::function<bool(const image::ImageConfig &)> for_images() const;

  private:
    struct Label {
        std::string key;
        std::optional<std::string> value; // any when missing
        bool wanted = true;
    };

    std::optional<base::Timestamp> until_;
    std::vector<Label> labels_;
};

} // namespace cli

#include "verbs/prune_filter.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cli {

namespace {

base::Timestamp parse_until(const std::string &text) {
    if (const auto age = base::parse_duration(text))
        return base::now() - *age;
    if (const auto time = base::parse_rfc3339(text))
        return *time;
    throw base::Error(fmt::format("filter until={}: neither a time nor an age", text),
                      "write for example until=24h or until=2026-01-02T15:04:05Z");
}

} // namespace

PruneFilter::PruneFilter(const std::vector<std::string> &filters) {
    for (const std::string &filter : filters) {
        const std::size_t equals = filter.find('=');
        std::string key = filter.substr(0, equals);
        const std::string value = equals == std::string::npos ? "" : filter.substr(equals + 1);
        if (key == "until" && !value.empty()) {
            until_ = parse_until(value);
            continue;
        }
        const bool wanted = !key.ends_with('!');
        if (!wanted)
            key.pop_back();
        if (key != "label" || value.empty())
            throw base::Error(fmt::format("unknown filter \"{}\"", filter),
                              "use until=AGE, label=KEY, label=KEY=VALUE or label!=KEY");
        const std::size_t split = value.find('=');
        labels_.push_back({value.substr(0, split),
                           split == std::string::npos ? std::nullopt : std::optional(value.substr(split + 1)),
                           wanted});
    }
}

bool PruneFilter::matches(const std::optional<base::Timestamp> &created,
                          const std::map<std::string, std::string> &labels) const {
    if (until_ && created && *created >= *until_)
        return false;
    return std::all_of(labels_.begin(), labels_.end(), [&](const Label &label) {
        const auto found = labels.find(label.key);
        const bool has = found != labels.end() && (!label.value || found->second == *label.value);
        return has == label.wanted;
    });
}

std::function<bool(const image::ImageConfig &)> PruneFilter::for_images() const {
    if (empty())
        return {};
    return [filter = *this](const image::ImageConfig &config) {
        return filter.matches(config.created, config.labels);
    };
}

} // namespace cli

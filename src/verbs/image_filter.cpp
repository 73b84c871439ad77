#include "verbs/image_filter.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fnmatch.h>

namespace cli {

namespace {

std::string key_of(const std::string &filter) {
    return filter.substr(0, filter.find('='));
}

bool is_own(const std::string &filter) {
    constexpr std::array own{"dangling", "reference", "before", "since"};
    return std::find(own.begin(), own.end(), key_of(filter)) != own.end();
}

// What is left to PruneFilter, which does not know of the others.
std::vector<std::string> others(std::vector<std::string> filters) {
    std::erase_if(filters, is_own);
    for (const std::string &filter : filters)
        if (key_of(filter) != "until" && key_of(filter) != "label" && key_of(filter) != "label!")
            throw base::Error(
                fmt::format("unknown filter \"{}\"", filter),
                "use dangling=true, label=KEY, label=KEY=VALUE, reference=PATTERN, before=IMAGE, "
                "since=IMAGE or until=AGE");
    return filters;
}

base::Timestamp time_of(const image::Image &image) {
    return image.config.created.value_or(base::Timestamp());
}

} // namespace

ImageFilter::ImageFilter(const std::vector<std::string> &filters, const Find &find) : rest_(others(filters)) {
    for (const std::string &filter : filters)
        if (is_own(filter))
            add(key_of(filter), filter.substr(std::min(key_of(filter).size() + 1, filter.size())), find);
}

void ImageFilter::add(const std::string &key, const std::string &value, const Find &find) {
    if (key == "dangling") {
        if (value != "true" && value != "false" && value != "1" && value != "0")
            throw base::Error(fmt::format("filter dangling={}: neither true nor false", value),
                              "write dangling=true for images without a name");
        dangling_ = value == "true" || value == "1";
    } else if (value.empty()) {
        throw base::Error(fmt::format("filter {} has no value", key),
                          key == "reference" ? "write for example reference='redis:*'"
                                             : fmt::format("name an image: {}=redis:7", key));
    } else if (key == "reference") {
        references_.push_back(value);
    } else {
        (key == "before" ? before_ : since_).push_back(time_of(find(value)));
    }
}

bool ImageFilter::matches_name(const std::string &name) const {
    const std::string repository = name.substr(0, name.find(':', name.rfind('/') + 1));
    return references_.empty()
           || std::any_of(references_.begin(), references_.end(), [&](const std::string &pattern) {
                  return ::fnmatch(pattern.c_str(), name.c_str(), FNM_PATHNAME) == 0
                         || ::fnmatch(pattern.c_str(), repository.c_str(), FNM_PATHNAME) == 0;
              });
}

bool ImageFilter::matches(const image::Image &image) const {
    const base::Timestamp created = time_of(image);
    const auto earlier = [&](base::Timestamp other) { return created < other; };
    const auto later = [&](base::Timestamp other) { return created > other; };
    if ((dangling_ && *dangling_ != image.names.empty())
        || !std::all_of(before_.begin(), before_.end(), earlier)
        || !std::all_of(since_.begin(), since_.end(), later))
        return false;
    if (!references_.empty()
        && std::none_of(image.names.begin(), image.names.end(),
                        [&](const std::string &name) { return matches_name(name); }))
        return false;
    return rest_.matches(image.config.created, image.config.labels);
}

} // namespace cli

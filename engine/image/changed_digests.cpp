#include "engine/image/changed_digests.hpp"

#include "base/digest.hpp"
#include "base/json.hpp"

#include <vector>

namespace image {

namespace {

constexpr std::size_t algorithm_length = sizeof "sha256:" - 1;

} // namespace

std::string ChangedDigests::add(const std::string &before, std::string_view text) {
    const After after{base::sha256_hex(text), static_cast<std::int64_t>(text.size())};
    const std::string old = before.substr(algorithm_length);
    if (old != after.hex)
        after_[old] = after;
    return "sha256:" + after.hex;
}

std::string ChangedDigests::apply(const std::string &document, const std::string &subject) const {
    std::string text = document;
    bool changed = false;
    for (const auto &[before, after] : after_)
        for (std::size_t at = text.find(before); at != std::string::npos; at = text.find(before, at)) {
            text.replace(at, before.size(), after.hex);
            changed = true;
        }
    if (!changed)
        return document;
    std::map<std::string, std::int64_t> sizes;
    for (const auto &[before, after] : after_)
        sizes["sha256:" + after.hex] = after.size;
    base::Json json = base::parse_json(text, subject);
    std::vector<base::Json *> open{&json};
    while (!open.empty()) {
        base::Json &node = *open.back();
        open.pop_back();
        if (!node.is_structured())
            continue;
        if (node.is_object() && node.contains("size") && node.contains("digest")
            && node["digest"].is_string())
            if (const auto size = sizes.find(node["digest"].get<std::string>()); size != sizes.end())
                node["size"] = size->second;
        for (base::Json &child : node)
            open.push_back(&child);
    }
    return base::dump_json(json);
}

} // namespace image

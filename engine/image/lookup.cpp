#include "engine/image/lookup.hpp"

#include "base/error.hpp"
#include "engine/image/reference.hpp"

namespace image {

namespace {

constexpr std::string_view algorithm = "sha256:";

bool is_hex(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<Match> by_name(const Index &index, const Reference &reference) {
    if (reference.digest.empty()) {
        const std::string name = reference.canonical();
        for (const IndexEntry &entry : index.entries)
            if (entry.name == name)
                return Match{entry.image_id, name};
        return std::nullopt;
    }
    const std::string source = reference.canonical_repository() + "@" + reference.digest;
    for (const IndexEntry &entry : index.entries) {
        if (entry.source == source)
            return Match{entry.image_id, {}};
        const bool same_repository = entry.name.starts_with(reference.canonical_repository() + ":")
                                     || entry.source.starts_with(reference.canonical_repository() + "@");
        if (same_repository
            && (entry.manifest.digest == reference.digest
                || (entry.list && entry.list->digest == reference.digest)))
            return Match{entry.image_id, {}};
    }
    return std::nullopt;
}

std::optional<Match> by_id(const Index &index, std::string_view text) {
    const auto prefix = id_prefix(text);
    if (!prefix)
        return std::nullopt;
    std::optional<Match> match;
    for (const IndexEntry &entry : index.entries) {
        if (!entry.image_id.starts_with(*prefix))
            continue;
        if (match && match->image_id != entry.image_id)
            throw_ambiguous_id(*prefix);
        match = Match{entry.image_id, {}};
    }
    return match;
}

} // namespace

std::optional<Match> look_up(const Index &index, std::string_view text) {
    const bool only_id = text.starts_with(algorithm) || (text.size() == 64 && is_hex(text));
    if (!only_id)
        if (auto match = by_name(index, Reference::parse(text)))
            return match;
    return by_id(index, text);
}

std::optional<std::string> id_prefix(std::string_view text) {
    if (text.starts_with(algorithm))
        text.remove_prefix(algorithm.size());
    if (!is_hex(text) || text.size() > 64)
        return std::nullopt;
    return std::string(algorithm) + std::string(text);
}

void throw_ambiguous_id(const std::string &prefix) {
    throw base::Error("several images have an id that begins with " + prefix.substr(algorithm.size()),
                      "give more digits of the id, or a name");
}

void throw_unknown_image(std::string_view name_or_id) {
    throw base::Error("no such image: " + std::string(name_or_id),
                      "pull it with compose pull, or load it from a file with compose image load");
}

} // namespace image

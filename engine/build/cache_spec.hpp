// An entry of `cache_from` or `cache_to`: "type=registry,ref=NAME,mode=max", or the name of an image alone.
// Pure. Source: docs.docker.com/build/cache/backends.
#pragma once

#include "engine/image/reference.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace build {

struct CacheSpec {
    enum class Type { registry, local, in_image };

    Type type = Type::registry;
    std::optional<image::Reference> reference; // of a registry's
    std::filesystem::path directory;           // of a local one
    std::string tag = "latest";                // in the directory
    std::string digest;                        // which manifest of the directory is read; empty: the tag's
    bool all_stages = false;                   // mode=max: also of what is not in the image
    bool may_fail = false; // ignore-error=true: a cache that can't be written is only warned of
    std::string text;      // as written

    bool operator==(const CacheSpec &) const = default;
};

enum class CacheUse { from, to };

struct ParsedCache {
    std::optional<CacheSpec> spec;     // none: of a kind that is not supported, to be left out
    std::vector<std::string> warnings; // sentences
};

// Relative directories are of `base`.
// @throws base::Error for what no builder understands: no type, no name, a value that is none of its choices.
[[nodiscard]] ParsedCache parse_cache_spec(std::string_view text, CacheUse use,
                                           const std::filesystem::path &base);

} // namespace build

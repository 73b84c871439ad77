// The value of RUN --mount: `type=cache,target=/root/.cache,sharing=locked`. Pure.
#pragma once

#include "base/diagnostic.hpp"
#include "base/units.hpp"
#include "engine/build/instruction.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace build {

struct Mount {
    enum class Type { bind, cache, tmpfs, secret, ssh };
    enum class Sharing { shared, private_, locked };

    Type type = Type::bind;
    std::string
        from; // a stage, context or image; empty: the build context (bind), an empty directory (cache)
    std::string source;
    std::string target;
    bool read_only = true;
    std::string id; // of a cache, secret or ssh agent; empty: made from the target
    Sharing sharing = Sharing::shared;
    bool required = false;
    std::optional<std::string> env; // of a secret: the variable it goes to; empty is its id
    base::Bytes size;               // of a tmpfs; 0: no limit
    std::optional<std::uint32_t> mode, uid, gid;
};

// One field of the list: "key=value" or "key".
struct MountField {
    std::string key; // lower case
    std::optional<Word> value;
    base::Location location;
};

// Splits at commas as CSV does: "..." may hold commas, "" is a quote. A quote that is not closed is an error.
[[nodiscard]] std::vector<MountField> mount_fields(const Word &mount, base::Diagnostics &diagnostics);

// The stage, context or image that from= names, known before variables are; none of them may be in it.
[[nodiscard]] Word mount_from(const Word &mount, base::Diagnostics &diagnostics);

// expand replaces the variables of a value. Errors go to diagnostics; the mount is what could be read.
[[nodiscard]] Mount parse_mount(const Word &mount, const std::function<std::string(const Word &)> &expand,
                                base::Diagnostics &diagnostics);

} // namespace build

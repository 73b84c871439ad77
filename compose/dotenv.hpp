// The grammar of .env and env_file files, as Docker Compose reads them. Pure.
#pragma once

#include "compose/diagnostic.hpp"
#include "compose/expand.hpp"
#include "compose/source.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace compose {

struct EnvEntry {
    std::string key;
    // No value: KEY stood alone and the lookup does not know it.
    std::optional<std::string> value;
    Location location; // of the key
};

// Entries in order; a later one of the same key wins. Values are unquoted and interpolated: `lookup` first,
// then earlier entries. What is wrong is added to the diagnostics and left out.
[[nodiscard]] std::vector<EnvEntry> parse_env_file(const std::shared_ptr<const Source> &source,
                                                   const Lookup &lookup, Diagnostics &diagnostics);

// `format: raw`: a value is everything after "=", as it is.
[[nodiscard]] std::vector<EnvEntry> parse_raw_env_file(const std::shared_ptr<const Source> &source,
                                                       const Lookup &lookup, Diagnostics &diagnostics);

} // namespace compose

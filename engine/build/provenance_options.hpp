// What `--provenance` and `build.provenance` ask for. Pure. Source: moby/buildkit
// docs/attestations/slsa-provenance.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace build {

struct ProvenanceOptions {
    bool max = true;        // mode=max: with values of arguments, ids of secrets, and the Dockerfile
    std::string builder_id; // where the build is to be seen
    bool reproducible = false;
};

// Of "true", "false", or "mode=min,builder-id=URL": none for what is empty or false.
// @param what for messages: the flag or attribute. @throws base::Error that says what can be given.
[[nodiscard]] std::optional<ProvenanceOptions> parse_provenance(std::string_view text,
                                                                const std::string &what);

} // namespace build

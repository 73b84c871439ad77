// What `--sbom` and `build.sbom` ask for. Pure. Source: moby/buildkit docs/attestations/sbom-protocol.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace build {

struct SbomOptions {
    std::string generator = "docker/buildkit-syft-scanner:stable-1"; // an image
    std::map<std::string, std::string> parameters; // each is BUILDKIT_SCAN_<name> of its environment
};

// Of "true", "false", or "generator=IMAGE,NAME=VALUE": none for what is empty or false.
// @param what for messages: the flag or attribute. @throws base::Error that says what can be given.
[[nodiscard]] std::optional<SbomOptions> parse_sbom(std::string_view text, const std::string &what);

} // namespace build

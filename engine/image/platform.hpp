// What an image was built for, in the vocabulary of the OCI image specification. Pure but for host().
#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace image {

struct Platform {
    std::string os = "linux";
    std::string architecture; // "amd64", "arm64", "arm", ...
    std::string variant;      // "v7"; empty where the default is meant (arm64 is v8, arm is v7)

    // The machine this runs on, from uname(2).
    static Platform host();
    // "linux/arm64", "linux/arm/v7", "arm64": normalised. @throws base::Error.
    static Platform parse(std::string_view text);
    // Other spellings ("x86_64", "aarch64", "arm64/v8") brought to one.
    [[nodiscard]] Platform normalized() const;

    [[nodiscard]] std::string text() const;

    // How well an image for `other` runs here: 0 exactly, larger is worse, negative not at all
    // (an arm/v7 machine runs v6 and v5 as well).
    [[nodiscard]] int distance_to(const Platform &other) const;

    auto operator<=>(const Platform &) const = default;
};

} // namespace image

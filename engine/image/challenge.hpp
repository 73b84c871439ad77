// The WWW-Authenticate header (RFC 9110, 11.6.1), by which a registry says how to log in. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace image {

struct Challenge {
    std::string scheme;                            // lower case: "bearer", "basic"
    std::map<std::string, std::string> parameters; // keys in lower case

    [[nodiscard]] std::string parameter(const std::string &key) const;

    bool operator==(const Challenge &) const = default;
};

// What can't be understood ends the list; never throws on bad input.
[[nodiscard]] std::vector<Challenge> parse_challenges(std::string_view header);

} // namespace image

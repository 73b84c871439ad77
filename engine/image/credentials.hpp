// Logins as `docker login` leaves them: ~/.docker/config.json (or DOCKER_CONFIG) with auths, credHelpers and
// credsStore. Helpers are run; that blocks.
#pragma once

#include <string>
#include <string_view>

namespace image {

struct Credentials {
    std::string username;
    std::string password;
    std::string identity_token; // instead of the two: an OAuth2 refresh token

    [[nodiscard]] bool empty() const { return username.empty() && identity_token.empty(); }

    bool operator==(const Credentials &) const = default;
};

// For "docker.io" or host[:port]; empty when there is no login.
// @throws base::Error when the file is malformed or the helper it names fails.
[[nodiscard]] Credentials find_credentials(const std::string &registry);

// The inline part of a config.json. @throws base::Error.
[[nodiscard]] Credentials inline_credentials(std::string_view config, const std::string &registry,
                                             const std::string &subject);

[[nodiscard]] std::string base64_encode(std::string_view text);
// nullopt-free: what is not base64 gives an empty string.
[[nodiscard]] std::string base64_decode(std::string_view text);

} // namespace image

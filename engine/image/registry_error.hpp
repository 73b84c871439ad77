// What a registry's refusal means to the person who typed the image's name.
#pragma once

#include "engine/image/http.hpp"
#include "engine/image/reference.hpp"
#include "engine/image/registry_client.hpp"

#include <string>

namespace image {

// @pre result is a failure. @throws RegistryError, always.
[[noreturn]] void throw_registry_error(const HttpResult &result, const Endpoint &endpoint,
                                       const Reference &reference, const std::string &subject,
                                       Access access = Access::pull);

} // namespace image

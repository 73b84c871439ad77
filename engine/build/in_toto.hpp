// Statements about an image, in the format of in-toto. Pure. Source: in-toto/attestation
// spec/v1/statement.md.
#pragma once

#include "base/json_fwd.hpp"
#include "engine/image/attestation.hpp"
#include "engine/image/reference.hpp"

#include <string>
#include <vector>

namespace build {

// The image as a package URL.
[[nodiscard]] std::string package_url(const image::Reference &name, const image::Platform &platform);

// @param names of the image, by each of which it is spoken of. @param image the manifest with its platform.
[[nodiscard]] image::Statement statement_about(const std::vector<image::Reference> &names,
                                               const image::Descriptor &image,
                                               const std::string &predicate_type, base::Json predicate);

} // namespace build

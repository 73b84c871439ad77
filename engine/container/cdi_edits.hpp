// The member "containerEdits" of a CDI specification as parts of a container's. Pure.
#pragma once

#include "engine/container/cdi_field.hpp"
#include "engine/container/cdi_spec.hpp"

namespace container {

// @throws base::Error naming the file and the field.
[[nodiscard]] CdiEdits parse_cdi_edits(const CdiField &field, const std::string &file);

} // namespace container

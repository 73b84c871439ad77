// The Dockerfile language: text to types, with every error and warning. Pure.
// Source: the Dockerfile reference (docs.docker.com/reference/dockerfile), stable and labs syntax.
#pragma once

#include "base/diagnostic.hpp"
#include "engine/build/instruction.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace build {

// Never throws; what has an error is left out.
[[nodiscard]] Dockerfile parse_dockerfile(std::shared_ptr<const base::Source> source,
                                          base::Diagnostics &diagnostics);

// An ONBUILD trigger of a base image. nullopt when it is wrong.
[[nodiscard]] std::optional<Instruction> parse_trigger(std::shared_ptr<const base::Source> trigger,
                                                       const Checks &checks, base::Diagnostics &diagnostics);

} // namespace build

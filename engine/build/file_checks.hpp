// Build checks of a whole Dockerfile, of what is beside its instructions: comments, and files that are not
// in the context. Pure.
#pragma once

#include "engine/build/ignore_rules.hpp"
#include "engine/build/instruction.hpp"

namespace build {

// A comment right above a stage or an ARG should describe it: "# NAME DESCRIPTION". Only where the check
// directive asks for this experimental check.
void check_descriptions(const Dockerfile &file, base::Diagnostics &diagnostics);

// COPY and ADD should not name what .dockerignore leaves out.
void check_ignored_files(const Dockerfile &file, const IgnoreRules &ignored, base::Diagnostics &diagnostics);

} // namespace build

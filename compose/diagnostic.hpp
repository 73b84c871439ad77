// What is wrong with a Compose file is collected and shown as what is wrong with any text.
#pragma once

#include "base/diagnostic.hpp"
#include "compose/source.hpp"

namespace compose {

using base::Diagnostic;
using base::Diagnostics;
using base::LoadError;
using base::Note;
using base::Severity;
using base::Unsupported;

} // namespace compose

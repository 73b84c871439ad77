// Every node and model element carries a Location.
#pragma once

#include "base/source.hpp"

namespace compose {

using base::Location;
using base::Source;

} // namespace compose

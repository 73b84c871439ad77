// The JSON type by name only.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace base {

using Json = nlohmann::ordered_json;

} // namespace base

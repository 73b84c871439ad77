// A container's state in words, as `ps` shows it: "Up 3 minutes (healthy)". Pure.
#pragma once

#include "supervisor/record.hpp"

#include <string>

namespace supervisor {

[[nodiscard]] std::string status_text(const StateRecord &state, base::Timestamp now);

} // namespace supervisor

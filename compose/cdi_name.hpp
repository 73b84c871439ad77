// Names of devices that have a specification of the Container Device Interface.
#pragma once

#include <string_view>

namespace compose {

// "vendor.com/class=name": has that form, which no path of a device node has. Whether there is such a device
// is known to the engine.
[[nodiscard]] bool is_cdi_device(std::string_view text);

} // namespace compose

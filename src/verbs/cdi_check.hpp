// Whether the devices of CDI that services ask for are on this machine.
#pragma once

#include "compose/model.hpp"

namespace cli {

// Reads the directories of specifications when a service asks for one.
// @throws base::LoadError with an error at the line of each that is unknown or can't be given to a container.
void check_cdi_devices(const compose::Project &project);

} // namespace cli

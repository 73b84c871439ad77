// Filling volumes with what the image holds at the place they cover, as Docker does when a volume is first
// used.
#pragma once

#include "engine/container/spec.hpp"

namespace container {

// Each volume mount that asks for it, while its directory is empty; an interrupted copy is completed. Several
// processes may do this to one volume at once. Blocks for as long as copying takes. @throws
// base::SystemError.
void fill_volumes(const Spec &spec);

} // namespace container

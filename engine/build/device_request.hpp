// RUN --device: devices that have a CDI specification, for one step.
#pragma once

#include "base/diagnostic.hpp"
#include "engine/build/build_options.hpp"
#include "engine/build/instruction.hpp"
#include "engine/container/cdi_registry.hpp"

#include <functional>
#include <string>
#include <vector>

namespace build {

// "NAME[,required[=BOOL]]", "name=NAME,..."; errors go to diagnostics. Pure.
[[nodiscard]] DeviceRequest parse_device(const Word &written, base::Diagnostics &diagnostics);

// The devices of the registry that a name means: that device, the first or all of its kind, or else those of
// the kind that say by annotation that they are of a class of this name. Pure.
[[nodiscard]] std::vector<std::string> chosen_devices(const std::string &name,
                                                      const container::CdiRegistry &registry);

// Adds what the requests come to. warn is told of devices that are not there and need not be.
// @throws base::Error for one that is required and missing, that the build is not allowed to use, or that
// can't be given to a step.
void give_devices(container::Spec &spec, const std::vector<DeviceRequest> &requests,
                  const BuildOptions &options, const std::function<void(const std::string &)> &warn);

} // namespace build

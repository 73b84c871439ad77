#include "verbs/cdi_check.hpp"

#include "base/diagnostic.hpp"
#include "compose/cdi_name.hpp"
#include "engine/container/cdi_registry.hpp"

#include <optional>

namespace cli {

void check_cdi_devices(const compose::Project &project) {
    std::optional<container::CdiRegistry> registry;
    base::Diagnostics diagnostics;
    for (const auto &[name, service] : project.services)
        for (const compose::Device &device : service.devices) {
            if (!compose::is_cdi_device(device.source))
                continue;
            if (!registry)
                registry.emplace(container::cdi_directories());
            try {
                container::Spec unused;
                registry->add_to(unused, {device.source});
            } catch (const base::Error &error) {
                diagnostics.error(device.location, "services." + name + ".devices", error.what(),
                                  error.hint());
            }
        }
    if (diagnostics.has_errors())
        throw base::LoadError(diagnostics.sorted());
}

} // namespace cli

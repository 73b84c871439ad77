#include "compose/plan/desired.hpp"

namespace plan {

std::string container_name(const Desired &desired, const DesiredService &service, int number) {
    if (!service.container_name.empty())
        return service.container_name;
    return desired.project + desired.separator + service.name + desired.separator + std::to_string(number);
}

} // namespace plan

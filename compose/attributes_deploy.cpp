#include "compose/attributes.hpp"

namespace compose {

namespace {

constexpr std::string_view swarm = "it is for a swarm of machines";
constexpr std::string_view order = "start-first|stop-first";
// The first three are of the specification; the others are the words of restart, which Docker takes too.
constexpr std::string_view conditions = "none|on-failure|any|no|always|unless-stopped";
constexpr auto ignored = Status::ignored;

constexpr Attribute rows[] = {
    {"services.*.deploy.mode", Type::text, 0, ignored, swarm},
    {"services.*.deploy.replicas", Type::integer, kept},
    {"services.*.deploy.labels", Type::pairs, empty_pairs, ignored, "use labels of the service"},
    {"services.*.deploy.update_config", Type::object, kept, ignored, swarm},
    {"services.*.deploy.update_config.parallelism", Type::integer, kept, ignored},
    {"services.*.deploy.update_config.delay", Type::duration, 0, ignored},
    {"services.*.deploy.update_config.failure_action", Type::text, 0, ignored},
    {"services.*.deploy.update_config.monitor", Type::duration, 0, ignored},
    {"services.*.deploy.update_config.max_failure_ratio", Type::number, 0, ignored},
    {"services.*.deploy.update_config.order", Type::text, 0, ignored, {}, order},
    {"services.*.deploy.rollback_config", Type::object, kept, ignored, swarm},
    {"services.*.deploy.rollback_config.parallelism", Type::integer, kept, ignored},
    {"services.*.deploy.rollback_config.delay", Type::duration, 0, ignored},
    {"services.*.deploy.rollback_config.failure_action", Type::text, 0, ignored},
    {"services.*.deploy.rollback_config.monitor", Type::duration, 0, ignored},
    {"services.*.deploy.rollback_config.max_failure_ratio", Type::number, 0, ignored},
    {"services.*.deploy.rollback_config.order", Type::text, 0, ignored, {}, order},
    {"services.*.deploy.resources", Type::object, json_object},
    {"services.*.deploy.resources.limits", Type::object, kept},
    {"services.*.deploy.resources.limits.cpus", Type::number},
    {"services.*.deploy.resources.limits.memory", Type::bytes},
    {"services.*.deploy.resources.limits.pids", Type::integer},
    {"services.*.deploy.resources.reservations", Type::object, kept},
    {"services.*.deploy.resources.reservations.cpus", Type::number, 0, ignored, swarm},
    {"services.*.deploy.resources.reservations.memory", Type::bytes},
    {"services.*.deploy.resources.reservations.devices", Type::list, 0, Status::refused,
     "name the device nodes under devices"},
    {"services.*.deploy.resources.reservations.devices.[]", Type::object},
    {"services.*.deploy.resources.reservations.devices.[].capabilities", Type::texts, needed},
    {"services.*.deploy.resources.reservations.devices.[].driver", Type::text},
    {"services.*.deploy.resources.reservations.devices.[].count", Type::integer, 0, Status::works, {}, "all"},
    {"services.*.deploy.resources.reservations.devices.[].device_ids", Type::texts},
    {"services.*.deploy.resources.reservations.devices.[].options", Type::pairs},
    {"services.*.deploy.resources.reservations.generic_resources", Type::list, 0, ignored, swarm},
    {"services.*.deploy.resources.reservations.generic_resources.[]", Type::object, 0, ignored},
    {"services.*.deploy.resources.reservations.generic_resources.[].discrete_resource_spec", Type::object,
     kept, ignored},
    {"services.*.deploy.resources.reservations.generic_resources.[].discrete_resource_spec.kind", Type::text,
     0, ignored},
    {"services.*.deploy.resources.reservations.generic_resources.[].discrete_resource_spec.value",
     Type::integer, 0, ignored},
    {"services.*.deploy.restart_policy", Type::object, kept},
    {"services.*.deploy.restart_policy.condition", Type::text, 0, Status::works, {}, conditions},
    {"services.*.deploy.restart_policy.delay", Type::duration, kept},
    {"services.*.deploy.restart_policy.max_attempts", Type::integer, kept},
    {"services.*.deploy.restart_policy.window", Type::duration, kept},
    {"services.*.deploy.placement", Type::object, json_object, ignored, swarm},
    {"services.*.deploy.placement.constraints", Type::texts, 0, ignored},
    {"services.*.deploy.placement.preferences", Type::list, 0, ignored},
    {"services.*.deploy.placement.preferences.[]", Type::object, 0, ignored},
    {"services.*.deploy.placement.preferences.[].spread", Type::text, 0, ignored},
    {"services.*.deploy.placement.max_replicas_per_node", Type::integer, 0, ignored},
    {"services.*.deploy.endpoint_mode", Type::text, 0, ignored, "names answer with all addresses (dnsrr)"},
};

} // namespace

std::span<const Attribute> deploy_attributes() {
    return rows;
}

} // namespace compose

#include "compose/attributes.hpp"

namespace compose {

namespace {

constexpr Attribute rows[] = {
    {"networks.*", Type::object, or_null | kept},
    {"networks.*.name", Type::text},
    {"networks.*.driver", Type::text},
    {"networks.*.driver_opts", Type::options},
    {"networks.*.ipam", Type::object, json_object},
    {"networks.*.ipam.driver", Type::text},
    {"networks.*.ipam.config", Type::list},
    {"networks.*.ipam.config.[]", Type::object, kept},
    {"networks.*.ipam.config.[].subnet", Type::text},
    {"networks.*.ipam.config.[].gateway", Type::text},
    {"networks.*.ipam.config.[].ip_range", Type::text},
    {"networks.*.ipam.config.[].aux_addresses", Type::pairs, empty_pairs},
    {"networks.*.ipam.options", Type::options},
    {"networks.*.external", Type::boolean, or_table},
    {"networks.*.external.name", Type::text},
    {"networks.*.internal", Type::boolean},
    {"networks.*.attachable", Type::boolean},
    {"networks.*.labels", Type::pairs, empty_pairs},
    {"networks.*.enable_ipv4", Type::boolean, kept},
    {"networks.*.enable_ipv6", Type::boolean},
};

} // namespace

std::span<const Attribute> network_attributes() {
    return rows;
}

} // namespace compose

#include "compose/attributes.hpp"

namespace compose {

namespace {

constexpr Attribute rows[] = {
    {"networks.*", Type::object, or_null | kept},
    {"networks.*.name", Type::text},
    {"networks.*.driver", Type::text},
    {"networks.*.driver_opts", Type::options, 0, Status::works,
     "mtu and those of Docker's bridge: name, enable_icc, enable_ip_masquerade, host_binding_ipv4"},
    {"networks.*.ipam", Type::object, json_object},
    {"networks.*.ipam.driver", Type::text},
    {"networks.*.ipam.config", Type::list},
    {"networks.*.ipam.config.[]", Type::object, kept},
    {"networks.*.ipam.config.[].subnet", Type::text},
    {"networks.*.ipam.config.[].gateway", Type::text},
    {"networks.*.ipam.config.[].ip_range", Type::text},
    {"networks.*.ipam.config.[].aux_addresses", Type::options},
    {"networks.*.ipam.options", Type::options, 0, Status::ignored,
     "addresses are given out by compose itself"},
    {"networks.*.external", Type::boolean, or_table},
    {"networks.*.external.name", Type::text},
    {"networks.*.internal", Type::boolean},
    {"networks.*.attachable", Type::boolean, 0, Status::works, "every network is"},
    {"networks.*.labels", Type::pairs, empty_pairs},
    {"networks.*.enable_ipv4", Type::boolean, kept},
    {"networks.*.enable_ipv6", Type::boolean, 0, Status::refused,
     "networks have IPv4 addresses; false is accepted"},
};

} // namespace

std::span<const Attribute> network_attributes() {
    return rows;
}

} // namespace compose

#include "compose/attributes.hpp"

namespace compose {

namespace {

constexpr Attribute rows[] = {
    {"volumes.*", Type::object, or_null | kept},
    {"volumes.*.name", Type::text},
    {"volumes.*.driver", Type::text, 0, Status::works, "local"},
    {"volumes.*.driver_opts", Type::options, 0, Status::works,
     "type: none, o: bind and device: DIRECTORY; others are refused by up"},
    {"volumes.*.external", Type::boolean, or_table},
    {"volumes.*.external.name", Type::text},
    {"volumes.*.labels", Type::pairs, empty_pairs},
};

} // namespace

std::span<const Attribute> volume_attributes() {
    return rows;
}

} // namespace compose

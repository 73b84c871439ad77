#include "compose/attributes.hpp"

namespace compose {

namespace {

constexpr std::string_view store = "there is no store of configs besides files, variables and inline content";

constexpr Attribute rows[] = {
    {"configs.*", Type::object},
    {"configs.*.name", Type::text},
    {"configs.*.file", Type::text},
    {"configs.*.environment", Type::text},
    {"configs.*.content", Type::text},
    {"configs.*.external", Type::boolean, or_table, Status::refused, store},
    {"configs.*.external.name", Type::text},
    {"configs.*.labels", Type::pairs, empty_pairs},
    {"configs.*.template_driver", Type::text, 0, Status::refused, store},
};

} // namespace

std::span<const Attribute> config_attributes() {
    return rows;
}

} // namespace compose

#include "compose/attributes.hpp"

namespace compose {

namespace {

constexpr std::string_view store = "there is no store of secrets besides files, variables and inline content";

constexpr Attribute rows[] = {
    {"secrets.*", Type::object},
    {"secrets.*.name", Type::text},
    {"secrets.*.file", Type::text},
    {"secrets.*.environment", Type::text},
    {"secrets.*.external", Type::boolean, or_table, Status::refused, store},
    {"secrets.*.external.name", Type::text},
    {"secrets.*.labels", Type::pairs, empty_pairs},
    {"secrets.*.driver", Type::text, 0, Status::refused, store},
    {"secrets.*.driver_opts", Type::options, 0, Status::refused, store},
    {"secrets.*.template_driver", Type::text, 0, Status::refused, store},
};

} // namespace

std::span<const Attribute> secret_attributes() {
    return rows;
}

} // namespace compose

#include "compose/attributes.hpp"

namespace compose {

namespace {

constexpr Attribute rows[] = {
    {"version", Type::text, or_number, Status::ignored, "it is obsolete and selects nothing; remove it"},
    {"name", Type::text},
    {"include", Type::list, or_null, Status::works,
     "local files only; what the including file defines too is merged over the included, with a warning"},
    {"include.[]", Type::object, or_text},
    {"include.[].path", Type::texts, or_text | needed},
    {"include.[].project_directory", Type::text},
    {"include.[].env_file", Type::texts, or_text},
    {"services", Type::table, or_null | kept},
    {"services.*", Type::object},
    {"networks", Type::table, or_null},
    {"volumes", Type::table, or_null},
    {"secrets", Type::table, or_null},
    {"configs", Type::table, or_null},
    {"models", Type::table, or_null, Status::refused, "run the model as a service"},
    {"models.*", Type::object},
    {"models.*.name", Type::text},
    {"models.*.model", Type::text},
    {"models.*.context_size", Type::integer},
    {"models.*.runtime_flags", Type::texts},
};

} // namespace

std::span<const Attribute> project_attributes() {
    return rows;
}

} // namespace compose

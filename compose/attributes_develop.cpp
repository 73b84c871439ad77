// develop.watch and the hooks of a service, which share their shape.
#include "compose/attributes.hpp"

namespace compose {

namespace {

constexpr std::string_view actions = "rebuild|restart|sync|sync+restart|sync+exec";

constexpr Attribute rows[] = {
    {"services.*.develop.watch", Type::list},
    {"services.*.develop.watch.[]", Type::object},
    {"services.*.develop.watch.[].path", Type::text, needed},
    {"services.*.develop.watch.[].action", Type::text, needed, Status::works, {}, actions},
    {"services.*.develop.watch.[].target", Type::text},
    {"services.*.develop.watch.[].exec", Type::object, json_object},
    {"services.*.develop.watch.[].exec.command", Type::texts, or_text | or_null | needed | kept | json_null},
    {"services.*.develop.watch.[].exec.user", Type::text},
    {"services.*.develop.watch.[].exec.privileged", Type::boolean},
    {"services.*.develop.watch.[].exec.working_dir", Type::text},
    {"services.*.develop.watch.[].exec.environment", Type::pairs},
    {"services.*.develop.watch.[].include", Type::texts, or_text},
    {"services.*.develop.watch.[].ignore", Type::texts, or_text},
    {"services.*.develop.watch.[].initial_sync", Type::boolean},

    {"services.*.pre_start.[]", Type::object},
    {"services.*.pre_start.[].command", Type::texts, or_text | or_null | needed | kept | json_null},
    {"services.*.pre_start.[].image", Type::text},
    {"services.*.pre_start.[].user", Type::text},
    {"services.*.pre_start.[].privileged", Type::boolean},
    {"services.*.pre_start.[].working_dir", Type::text},
    {"services.*.pre_start.[].environment", Type::pairs},
    {"services.*.pre_start.[].per_replica", Type::boolean},
    {"services.*.post_start.[]", Type::object},
    {"services.*.post_start.[].command", Type::texts, or_text | or_null | needed | kept | json_null},
    {"services.*.post_start.[].user", Type::text},
    {"services.*.post_start.[].privileged", Type::boolean},
    {"services.*.post_start.[].working_dir", Type::text},
    {"services.*.post_start.[].environment", Type::pairs},
    {"services.*.pre_stop.[]", Type::object},
    {"services.*.pre_stop.[].command", Type::texts, or_text | or_null | needed | kept | json_null},
    {"services.*.pre_stop.[].user", Type::text},
    {"services.*.pre_stop.[].privileged", Type::boolean},
    {"services.*.pre_stop.[].working_dir", Type::text},
    {"services.*.pre_stop.[].environment", Type::pairs},
};

} // namespace

std::span<const Attribute> develop_attributes() {
    return rows;
}

} // namespace compose

#include "compose/attributes.hpp"

namespace compose {

namespace {

constexpr Attribute rows[] = {
    {"services.*.build.context", Type::text, 0, Status::planned},
    {"services.*.build.dockerfile", Type::text, 0, Status::planned},
    {"services.*.build.dockerfile_inline", Type::text, 0, Status::planned},
    {"services.*.build.entitlements", Type::texts, 0, Status::planned},
    {"services.*.build.args", Type::pairs, 0, Status::planned},
    {"services.*.build.ssh", Type::pairs, 0, Status::planned},
    {"services.*.build.labels", Type::pairs, empty_pairs, Status::planned},
    {"services.*.build.cache_from", Type::texts, 0, Status::planned},
    {"services.*.build.cache_to", Type::texts, 0, Status::planned},
    {"services.*.build.no_cache", Type::boolean, 0, Status::planned},
    {"services.*.build.no_cache_filter", Type::texts, or_text, Status::planned},
    {"services.*.build.additional_contexts", Type::pairs, 0, Status::planned},
    {"services.*.build.pull", Type::boolean, 0, Status::planned},
    {"services.*.build.extra_hosts", Type::texts, or_table, Status::planned},
    {"services.*.build.extra_hosts.*", Type::texts, or_text, Status::planned},
    {"services.*.build.isolation", Type::text, 0, Status::planned},
    {"services.*.build.network", Type::text, 0, Status::planned},
    {"services.*.build.target", Type::text, 0, Status::planned},
    {"services.*.build.secrets", Type::list, 0, Status::planned},
    {"services.*.build.secrets.[]", Type::object, or_text, Status::planned},
    {"services.*.build.secrets.[].source", Type::text, 0, Status::planned},
    {"services.*.build.secrets.[].target", Type::text, 0, Status::planned},
    {"services.*.build.secrets.[].uid", Type::text, 0, Status::planned},
    {"services.*.build.secrets.[].gid", Type::text, 0, Status::planned},
    {"services.*.build.secrets.[].mode", Type::octal, kept, Status::planned},
    {"services.*.build.shm_size", Type::bytes, 0, Status::planned},
    {"services.*.build.tags", Type::texts, 0, Status::planned},
    {"services.*.build.ulimits", Type::table, 0, Status::planned},
    {"services.*.build.ulimits.*", Type::object, or_number | or_text | kept, Status::planned},
    {"services.*.build.ulimits.*.soft", Type::integer, needed | kept, Status::planned},
    {"services.*.build.ulimits.*.hard", Type::integer, needed | kept, Status::planned},
    {"services.*.build.platforms", Type::texts, 0, Status::planned},
    {"services.*.build.privileged", Type::boolean, 0, Status::planned},
    {"services.*.build.provenance", Type::text, or_boolean, Status::planned},
    {"services.*.build.sbom", Type::text, or_boolean, Status::planned},
};

} // namespace

std::span<const Attribute> build_attributes() {
    return rows;
}

} // namespace compose

#include "compose/attributes.hpp"

namespace compose {

namespace {

constexpr Attribute rows[] = {
    {"services.*.build.context", Type::text, 0, Status::works,
     "a directory, a git repository, or an archive of the web"},
    {"services.*.build.dockerfile", Type::text},
    {"services.*.build.dockerfile_inline", Type::text},
    {"services.*.build.entitlements", Type::texts, 0, Status::works,
     "network.host, security.insecure, device and device=NAME"},
    {"services.*.build.args", Type::pairs},
    {"services.*.build.ssh", Type::pairs},
    {"services.*.build.labels", Type::pairs, empty_pairs},
    {"services.*.build.cache_from", Type::texts, 0, Status::works, "of registries and directories"},
    {"services.*.build.cache_to", Type::texts, 0, Status::works, "registries, directories, and the image"},
    {"services.*.build.no_cache", Type::boolean},
    {"services.*.build.no_cache_filter", Type::texts, or_text},
    {"services.*.build.additional_contexts", Type::pairs, 0, Status::works,
     "as context, docker-image:// and service:"},
    {"services.*.build.pull", Type::boolean},
    {"services.*.build.extra_hosts", Type::texts, or_table},
    {"services.*.build.extra_hosts.*", Type::texts, or_text},
    {"services.*.build.isolation", Type::text, 0, Status::refused, "it is for Windows: leave it out"},
    {"services.*.build.network", Type::text, 0, Status::works,
     "default, none, host, or a network that is there"},
    {"services.*.build.target", Type::text},
    {"services.*.build.secrets", Type::list},
    {"services.*.build.secrets.[]", Type::object, or_text},
    {"services.*.build.secrets.[].source", Type::text},
    {"services.*.build.secrets.[].target", Type::text},
    {"services.*.build.secrets.[].uid", Type::text},
    {"services.*.build.secrets.[].gid", Type::text},
    {"services.*.build.secrets.[].mode", Type::octal, kept},
    {"services.*.build.shm_size", Type::bytes},
    {"services.*.build.tags", Type::texts},
    {"services.*.build.ulimits", Type::table},
    {"services.*.build.ulimits.*", Type::object, or_number | or_text | kept},
    {"services.*.build.ulimits.*.soft", Type::integer, needed_merged | kept},
    {"services.*.build.ulimits.*.hard", Type::integer, needed_merged | kept},
    {"services.*.build.platforms", Type::texts, 0, Status::works,
     "`build` builds all, `up` the one to be run"},
    {"services.*.build.privileged", Type::boolean, 0, Status::works, "allows RUN --security=insecure"},
    {"services.*.build.provenance", Type::text, or_boolean, Status::works,
     "in SLSA's format 1, as BuildKit, without the steps"},
    {"services.*.build.sbom", Type::text, or_boolean, Status::works,
     "a scanner of BuildKit's protocol looks at the result, not at other stages or the context"},
};

} // namespace

std::span<const Attribute> build_attributes() {
    return rows;
}

} // namespace compose

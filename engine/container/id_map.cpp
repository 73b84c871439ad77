#include "engine/container/id_map.hpp"

#include "base/error.hpp"

namespace container {

namespace {

constexpr std::uint32_t nobody = 65534; // the kernel's overflowuid

std::uint32_t to_host(const std::vector<IdMapping> &map, std::uint32_t inside, const char *kind) {
    if (map.empty())
        return inside;
    for (const IdMapping &range : map)
        if (inside >= range.inside && inside - range.inside < range.size)
            return range.outside + (inside - range.inside);
    throw base::Error(std::string(kind) + " " + std::to_string(inside)
                          + " does not exist in the container's user namespace",
                      "use an id below 65536, or set `userns_mode: host`");
}

std::uint32_t to_inside(const std::vector<IdMapping> &map, std::uint32_t outside) {
    if (map.empty())
        return outside;
    for (const IdMapping &range : map)
        if (outside >= range.outside && outside - range.outside < range.size)
            return range.inside + (outside - range.outside);
    return nobody;
}

} // namespace

bool has_own_users(const Spec &spec) {
    return !spec.namespaces.uid_map.empty() || !spec.namespaces.gid_map.empty();
}

Owner host_owner(const Spec &spec, Owner inside) {
    return {to_host(spec.namespaces.uid_map, inside.uid, "user"),
            to_host(spec.namespaces.gid_map, inside.gid, "group")};
}

Owner inside_owner(const Spec &spec, Owner outside) {
    return {to_inside(spec.namespaces.uid_map, outside.uid), to_inside(spec.namespaces.gid_map, outside.gid)};
}

} // namespace container

#include "engine/build/root_owner.hpp"

#include "base/error.hpp"
#include "engine/container/user_namespace.hpp"

#include <limits>

namespace build {

namespace {

constexpr std::uint32_t all_ids = std::numeric_limits<std::uint32_t>::max(); // the last one is none

// 0 and the id change places, all others stay.
std::vector<container::IdMapping> exchange(std::uint32_t id) {
    if (id == 0)
        return {{0, 0, all_ids}};
    std::vector<container::IdMapping> map{{0, id, 1}, {id, 0, 1}};
    if (id > 1)
        map.push_back({1, 1, id - 1});
    if (id + 1 < all_ids)
        map.push_back({id + 1, id + 1, all_ids - id - 1});
    return map;
}

} // namespace

base::UniqueFd RootOwner::clone_tree(int file, container::TreeOptions options,
                                     const std::string &subject) const {
    if (changes()) {
        container::Namespaces ids;
        ids.uid_map = exchange(uid_);
        ids.gid_map = exchange(gid_);
        try {
            const base::UniqueFd users = container::make_user_namespace(ids);
            options.user_namespace = users.get();
            return container::clone_tree(file, "", options, subject);
        } catch (const base::Error &) {
            options.user_namespace = -1; // e.g. NFS
        }
    }
    return container::clone_tree(file, "", options, subject);
}

} // namespace build

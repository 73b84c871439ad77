#include "verbs/container_root.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/id_map.hpp"
#include "engine/container/rootfs.hpp"
#include "engine/container/user_namespace.hpp"
#include "verbs/project_state.hpp"

#include <fmt/format.h>

#include <fcntl.h>

namespace cli {

base::UniqueFd open_container_root(const base::Paths &paths, const supervisor::ContainerInfo &info) {
    if (info.state.pid != 0) {
        base::UniqueFd root(
            ::open(fmt::format("/proc/{}/root", info.state.pid).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (root)
            return root;
        if (errno != ENOENT) // it has just ended
            base::throw_errno("open root of", info.spec.name);
    }
    const base::UniqueFd users = container::has_own_users(info.spec)
                                     ? container::make_user_namespace(info.spec.namespaces)
                                     : base::UniqueFd();
    const base::fs::path directory = paths.container(info.spec.project, info.spec.id);
    return container::mount_overlay({.layers = info.spec.layers,
                                     .upper = (directory / "upper").string(),
                                     .work = (directory / "work").string(),
                                     .user_namespace = users.get()},
                                    false);
}

supervisor::ContainerInfo container_of_service(const base::Paths &paths, const std::string &project,
                                               const std::string &service, std::optional<int> index) {
    for (supervisor::ContainerInfo &info :
         containers_of(supervisor::read_containers(paths, project), {service}, false))
        if (!index || info.spec.number == *index)
            return std::move(info);
    throw base::Error(index ? fmt::format("service \"{}\" has no container #{}", service, *index)
                            : fmt::format("service \"{}\" has no container", service),
                      fmt::format("create it with: compose up -d {}", service));
}

} // namespace cli

#include "engine/container/cgroup.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/cgroup_files.hpp"

#include <algorithm>
#include <fcntl.h>

namespace container {

namespace {

namespace files = cgroup_files;
namespace fs = std::filesystem;

std::string relative_path(const std::string &project, const std::string &id, const std::string &parent) {
    const auto relative =
        parent.empty() ? fs::path("compose") / project / id : fs::path(parent).relative_path() / id;
    for (const auto &part : relative)
        if (part == ".." || part.empty())
            throw base::Error("\"" + relative.string() + "\" can't be the path of a control group",
                              "cgroup_parent is a path below the root of the hierarchy, without \"..\"");
    return relative.string();
}

// What needs a group of its own whatever the limits are: accounting, pids, and systemd's book-keeping, where
// the container would otherwise end with the login session that started it.
std::vector<std::string> always_wanted(const Hierarchy &hierarchy) {
    std::vector<std::string> wanted = {"memory", "cpu", "cpuacct", "pids", "name=systemd"};
    if (!hierarchy.unified)
        wanted.insert(wanted.end(), {"freezer", "devices"});
    return wanted;
}

base::UniqueFd open_tasks_of(const fs::path &dir) {
    return base::open_file(dir / "tasks", O_WRONLY);
}

// The last component of every directory create() made for the container.
fs::path container_name(const OwnPlace &place) {
    if (place.unified)
        return place.unified->filename();
    for (const char *controller : {"pids", "memory", "cpu", "freezer"})
        if (const auto found = place.v1.find(controller); found != place.v1.end())
            return found->second.filename();
    return {};
}

bool limits_anything(const Resources &resources) {
    return !(resources == Resources{});
}

} // namespace

Cgroup Cgroup::create(const Hierarchy &hierarchy, const CgroupSpec &spec,
                      std::vector<std::string> &warnings) {
    validate(spec.resources);
    Cgroup made;
    made.hierarchy_ = hierarchy;
    made.relative_ = relative_path(spec.project, spec.id, spec.parent);
    made.own_parents_ = spec.parent.empty();
    if (hierarchy.kind == CgroupKind::none) {
        if (limits_anything(spec.resources))
            warnings.push_back("resource limits are ignored: no control group may be made by this user");
        return made;
    }
    try {
        made.make_unified();
        for (const auto &controller : always_wanted(hierarchy))
            made.add_v1(controller);
        made.apply(spec.resources, warnings);
        made.filter_devices(spec.devices, warnings);
        made.open_tasks();
    } catch (...) {
        made.remove_directories(std::chrono::steady_clock::now());
        throw;
    }
    return made;
}

std::optional<Cgroup> Cgroup::open(const Hierarchy &hierarchy, const std::string &project,
                                   const std::string &id, const std::string &parent) {
    Cgroup found;
    found.hierarchy_ = hierarchy;
    found.relative_ = relative_path(project, id, parent);
    found.own_parents_ = parent.empty();
    if (hierarchy.unified) {
        found.unified_path_ = *hierarchy.unified / found.relative_;
        if (auto dir = files::open_if(found.unified_path_))
            found.unified_ = std::move(*dir);
    }
    for (const auto &[controller, base] : hierarchy.v1)
        if (fs::exists(base / found.relative_))
            found.add_v1(controller);
    if (found.empty())
        return std::nullopt;
    return found;
}

Cgroup Cgroup::of_process(pid_t pid) {
    const auto place = place_of(pid);
    Cgroup found;
    if (place.unified) {
        found.unified_path_ = *place.unified;
        found.unified_ = base::open_dir(*place.unified);
    }
    const auto name = container_name(place);
    for (const auto &[controller, dir] : place.v1) {
        found.tasks_.push_back(open_tasks_of(dir));
        // Where the container has no group of its own, it is in whatever its starter was in: joined, not
        // ruled.
        if (dir.filename() == name) {
            found.hierarchy_.v1.emplace(controller, dir);
            found.add_v1(controller);
        }
    }
    return found;
}

void Cgroup::add_v1(const std::string &controller) {
    const auto base = hierarchy_.v1.find(controller);
    if (base == hierarchy_.v1.end() || find_v1(controller) != nullptr)
        return;
    const auto path = relative_.empty() ? base->second : base->second / relative_;
    const auto joint =
        std::find_if(v1_.begin(), v1_.end(), [&](const Group &group) { return group.path == path; });
    if (joint != v1_.end()) {
        joint->controllers.push_back(controller);
        return;
    }
    auto dir = files::make_group(base->second, relative_);
    // A new cpuset has neither processors nor memory nodes, and nobody may join it: copy the parent's, level
    // by level.
    if (controller == "cpuset") {
        auto level = base->second;
        for (const auto &part : fs::path(relative_)) {
            const auto parent = base::open_dir(level);
            const auto child = base::open_dir(level /= part);
            for (const char *file : {"cpuset.cpus", "cpuset.mems"})
                if (files::read(child.get(), file).value_or("\n") == "\n")
                    if (const int error =
                            files::write(child.get(), file, files::read(parent.get(), file).value_or("")))
                        throw base::SystemError("set", error, (level / file).string());
        }
    }
    v1_.push_back({{controller}, std::move(dir), path});
}

void Cgroup::open_tasks() {
    for (const auto &group : v1_)
        tasks_.push_back(open_tasks_of(group.path));
}

void Cgroup::attach(pid_t pid) {
    for (const auto &[dir, path] : directories())
        if (const int error = files::write(dir, "cgroup.procs", std::to_string(pid)))
            throw base::SystemError("move process " + std::to_string(pid) + " to", error, path.string());
}

const Cgroup::Group *Cgroup::find_v1(const std::string &controller) const {
    for (const auto &group : v1_)
        if (std::find(group.controllers.begin(), group.controllers.end(), controller)
            != group.controllers.end())
            return &group;
    return nullptr;
}

int Cgroup::dir_of(const std::string &controller) const {
    if (const auto *group = find_v1(controller))
        return group->dir.get();
    return hierarchy_.v1.empty() ? unified_.get() : -1;
}

fs::path Cgroup::path(const std::string &controller) const {
    if (const auto *group = find_v1(controller))
        return group->path;
    return hierarchy_.v1.empty() || controller.empty() ? unified_path_ : fs::path();
}

std::vector<std::pair<int, fs::path>> Cgroup::directories() const {
    std::vector<std::pair<int, fs::path>> all;
    if (unified_)
        all.emplace_back(unified_.get(), unified_path_);
    for (const auto &group : v1_)
        all.emplace_back(group.dir.get(), group.path);
    return all;
}

} // namespace container

#include "engine/container/cgroup_hierarchy.hpp"

#include "base/error.hpp"
#include "base/file.hpp"

#include <cstdlib>
#include <unistd.h>
#include <vector>

namespace container {

namespace {

namespace fs = std::filesystem;

struct Mount {
    std::string root; // the directory of the hierarchy that is visible at `point`
    std::string point;
    bool unified = false;
    std::vector<std::string> controllers;
};

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto end = text.find(separator);
        parts.emplace_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return parts;
}

// mountinfo writes space, tab, newline and backslash as \ooo.
std::string unescape(const std::string &text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size()) {
            plain +=
                static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

// The options of a v1 mount are its controllers, among flags that no hierarchy is called.
bool is_controller(const std::string &option) {
    static const std::vector<std::string> flags = {"rw", "ro", "xattr", "clone_children", "noprefix", "none"};
    for (const auto &flag : flags)
        if (option == flag)
            return false;
    return !option.starts_with("release_agent=");
}

std::optional<Mount> parse_mount(std::string_view line) {
    const auto fields = split(line, ' ');
    for (std::size_t i = 6; i + 3 < fields.size(); ++i) {
        if (fields[i] != "-")
            continue;
        const bool unified = fields[i + 1] == "cgroup2";
        if (!unified && fields[i + 1] != "cgroup")
            return std::nullopt;
        Mount mount{unescape(fields[3]), unescape(fields[4]), unified, {}};
        for (auto &option : split(fields[i + 3], ','))
            if (!unified && is_controller(option))
                mount.controllers.push_back(std::move(option));
        return mount;
    }
    return std::nullopt;
}

std::vector<Mount> parse_mounts(std::string_view mountinfo) {
    std::vector<Mount> mounts;
    for (const auto &line : split(mountinfo, '\n'))
        if (auto mount = parse_mount(line))
            mounts.push_back(std::move(*mount));
    return mounts;
}

// Where `path` of the hierarchy is visible through the mount.
std::optional<fs::path> visible(const Mount &mount, const std::string &path) {
    if (path.find("/..") != std::string::npos) // outside of our cgroup namespace
        return std::nullopt;
    if (mount.root == "/")
        return path == "/" ? fs::path(mount.point) : fs::path(mount.point + path);
    if (path == mount.root)
        return fs::path(mount.point);
    if (path.starts_with(mount.root + "/"))
        return fs::path(mount.point + path.substr(mount.root.size()));
    return std::nullopt;
}

bool writable(const fs::path &dir) {
    return ::access(dir.c_str(), W_OK) == 0;
}

// What a test restricts this host to: "v1", "v2", or "" for nothing.
std::string forced_kind() {
    const char *forced = std::getenv("COMPOSE_CGROUP_KIND");
    std::string kind = forced != nullptr ? forced : "";
    if (!kind.empty() && kind != "v1" && kind != "v2")
        throw base::Error("COMPOSE_CGROUP_KIND is \"" + kind + "\"", "it may be v1 or v2");
    return kind;
}

// `root` when we may make directories there, else `own`, else nothing.
std::optional<fs::path> choose(const fs::path &root, const std::optional<fs::path> &own) {
    if (writable(root))
        return root;
    return own && writable(*own) ? own : std::nullopt;
}

} // namespace

OwnPlace parse_place(std::string_view mountinfo, std::string_view cgroup) {
    std::map<std::string, std::string> paths; // by controller; "" is cgroup2
    for (const auto &line : split(cgroup, '\n')) {
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos)
            continue;
        const auto names = line.substr(first + 1, second - first - 1);
        if (names.empty())
            paths[""] = line.substr(second + 1);
        for (const auto &name : split(names, ','))
            paths[name] = line.substr(second + 1);
    }
    OwnPlace place;
    for (const auto &mount : parse_mounts(mountinfo)) {
        if (mount.unified && !place.unified && paths.contains(""))
            place.unified = visible(mount, paths[""]);
        for (const auto &controller : mount.controllers)
            if (const auto path = paths.find(controller);
                path != paths.end() && !place.v1.contains(controller))
                if (const auto dir = visible(mount, path->second))
                    place.v1.emplace(controller, *dir);
    }
    return place;
}

OwnPlace parse_roots(std::string_view mountinfo) {
    OwnPlace roots;
    for (const auto &mount : parse_mounts(mountinfo)) {
        if (mount.unified && !roots.unified)
            roots.unified = mount.point;
        for (const auto &controller : mount.controllers)
            roots.v1.emplace(controller, mount.point);
    }
    return roots;
}

OwnPlace place_of(pid_t pid) {
    const auto mountinfo = base::read_file("/proc/self/mountinfo");
    const auto roots = parse_roots(mountinfo);
    const auto kind = forced_kind();
    auto place = parse_place(mountinfo, base::read_file("/proc/" + std::to_string(pid) + "/cgroup"));
    if (place.unified == roots.unified || kind == "v1")
        place.unified.reset();
    std::erase_if(place.v1, [&](const auto &entry) {
        return kind == "v2" || entry.second == roots.v1.at(entry.first);
    });
    return place;
}

Hierarchy detect_hierarchy() {
    const auto mountinfo = base::read_file("/proc/self/mountinfo");
    const auto roots = parse_roots(mountinfo);
    const auto own = parse_place(mountinfo, base::read_file("/proc/self/cgroup"));
    const auto kind = forced_kind();

    Hierarchy hierarchy;
    if (roots.unified && kind != "v1")
        hierarchy.unified = choose(*roots.unified, own.unified);
    if (kind != "v2")
        for (const auto &[controller, root] : roots.v1) {
            const auto place = own.v1.find(controller);
            if (const auto dir =
                    choose(root, place == own.v1.end() ? std::nullopt : std::optional(place->second)))
                hierarchy.v1.emplace(controller, *dir);
        }
    if (hierarchy.unified)
        hierarchy.kind = hierarchy.v1.empty() ? CgroupKind::v2 : CgroupKind::hybrid;
    else if (!hierarchy.v1.empty())
        hierarchy.kind = CgroupKind::v1;
    if (!kind.empty() && hierarchy.kind == CgroupKind::none)
        throw base::Error("COMPOSE_CGROUP_KIND asks for cgroup " + kind + ", which is not mounted here");
    return hierarchy;
}

} // namespace container

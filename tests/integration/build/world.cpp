#include "integration/build/world.hpp"

#include "base/error.hpp"
#include "engine/build/step_directory.hpp"
#include "engine/container/cgroup.hpp"
#include "engine/container/cgroup_hierarchy.hpp"
#include "engine/container/rootfs.hpp"
#include "engine/image/archive.hpp"

#include <catch2/catch.hpp>

#include <sys/inotify.h>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <set>
#include <unistd.h>

namespace build::test {

namespace {

constexpr const char *applets[] = {
    "sh",    "cat",  "ls",  "id",  "true", "false", "sleep", "mkdir", "echo", "touch", "rm", "chmod", "stat",
    "mount", "grep", "pwd", "env", "ln",   "test",  "wc",    "chown", "ip",   "kill",  "mv", "find",  "sort"};

std::string busybox_archive() {
    image::test::TarBuilder tar;
    tar.directory("bin").file("bin/busybox", base::read_file("/bin/busybox"), 0755);
    for (const char *applet : applets)
        tar.symlink(std::string("bin/") + applet, "busybox");
    tar.directory("etc").directory("root", 0700).directory("tmp", 01777);
    tar.file("etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n");
    tar.file("etc/group", "root:x:0:\napp:x:1001:\n");
    return tar.finish();
}

// Of every step since the world began: a cgroup has no other name.
std::set<std::string> step_ids(int inotify) {
    std::set<std::string> ids;
    alignas(inotify_event) std::array<char, 65536> buffer;
    for (ssize_t count = 0; (count = ::read(inotify, buffer.data(), buffer.size())) > 0;)
        for (ssize_t offset = 0; offset < count;) {
            const auto *event = reinterpret_cast<const inotify_event *>(buffer.data() + offset);
            ids.insert(event->name);
            offset += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
        }
    return ids;
}

} // namespace

World::World() : steps(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    base::make_dirs(context);
    const base::fs::path running = build_directory(store.paths()) / "running";
    base::make_dirs(running, 0700);
    base::check(::inotify_add_watch(steps.get(), running.c_str(), IN_CREATE), "watch", running.string());
    const base::UniqueFd tar = image::test::memory_file(busybox_archive());
    image::ImportOptions import;
    import.name = image::Reference::parse("busybox");
    import.changes = {"CMD [\"sh\"]", "ENV BASE=1"};
    image::import_rootfs(store, tar.get(), import);
    options.context = context;
    options.dockerfile_path = context / "Dockerfile";
    options.request.build_platform = image::Platform::host();
    options.request.target_platform = image::Platform::host();
    options.names = {image::Reference::parse("built")};
    options.on_event = [this](const BuildEvent &event) { events.push_back(event); };
}

void World::write(const std::string &path, std::string_view content, mode_t mode) const {
    base::make_dirs((context / path).parent_path());
    base::write_file_atomic(context / path, content, mode);
}

void World::remove(const std::string &path) const {
    base::remove_tree(context / path);
}

void World::dockerfile(const std::string &text) {
    options.dockerfile = std::make_shared<base::Source>(base::Source{"Dockerfile", text});
}

image::Image World::build() {
    events.clear();
    return build::build(store, options);
}

std::string World::fails() {
    try {
        build();
    } catch (const base::Error &error) {
        return std::string(error.what()) + (error.hint().empty() ? "" : "\n" + error.hint());
    }
    FAIL("the build succeeded");
    return {};
}

std::vector<std::string> World::names(BuildEvent::Kind kind) const {
    std::vector<std::string> found;
    for (const BuildEvent &event : events)
        if (event.kind == kind)
            found.push_back(event.name);
    return found;
}

std::string World::output() const {
    std::string text;
    for (const BuildEvent &event : events)
        if (event.kind == BuildEvent::Kind::output)
            text += event.text;
    return text;
}

std::string World::content(const image::Image &image, const std::string &path) {
    std::vector<std::string> layers;
    for (const base::fs::path &layer : image.layers)
        layers.push_back(layer.string());
    const base::UniqueFd root = container::mount_overlay({layers, {}, {}}, true);
    const base::UniqueFd file = container::open_in_root(root.get(), path, O_RDONLY | O_CLOEXEC);
    return file ? base::read_all(file.get(), path) : "";
}

std::vector<std::string> World::top(const image::Image &image) {
    std::vector<std::string> paths;
    for (const auto &entry : base::fs::recursive_directory_iterator(image.layers.back()))
        paths.push_back(base::fs::relative(entry.path(), image.layers.back()));
    std::sort(paths.begin(), paths.end());
    return paths;
}

std::vector<std::string> leftovers(const World &world) {
    std::vector<std::string> found;
    for (const std::string &name : base::list_dir(build_directory(world.store.paths()) / "running"))
        found.push_back("running/" + name);
    for (const std::string &name : base::list_dir(world.store.paths().images() / "layers"))
        if (name.starts_with('.'))
            found.push_back("layers/" + name);
    for (const std::string &name : base::list_dir(world.store.paths().images() / "tmp"))
        found.push_back("tmp/" + name);
    for (const std::string &id : step_ids(world.steps.get()))
        if (container::Cgroup::open(container::detect_hierarchy(), cgroup_project, id))
            found.push_back("cgroup " + id);
    if (base::read_file("/proc/self/mountinfo").find(world.place.path().string()) != std::string::npos)
        found.push_back("a mount");
    return found;
}

} // namespace build::test

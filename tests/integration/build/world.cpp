#include "integration/build/world.hpp"

#include "base/error.hpp"
#include "engine/build/step_directory.hpp"
#include "engine/container/rootfs.hpp"
#include "engine/image/archive.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fcntl.h>

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

} // namespace

World::World() {
    base::make_dirs(context);
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
    for (const auto &entry : base::fs::recursive_directory_iterator(
             "/sys/fs/cgroup", base::fs::directory_options::skip_permission_denied))
        if (entry.path().filename() == cgroup_project)
            found.push_back(entry.path());
    if (base::read_file("/proc/self/mountinfo").find(world.place.path().string()) != std::string::npos)
        found.push_back("a mount");
    return found;
}

} // namespace build::test

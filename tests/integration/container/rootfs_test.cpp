#include "base/error.hpp"
#include "engine/container/rootfs.hpp"
#include "integration/container/busybox_world.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>

using namespace container;
using namespace container::test;
using Catch::Matchers::Contains;

namespace {

// `count` layers above the image, each with a file of its own and a newer version of /top.
void add_layers(const World &world, Spec &spec, int count, const std::string &long_name = "") {
    for (int index = 1; index <= count; ++index) {
        const base::fs::path layer = world.directory() / ("layer" + long_name + std::to_string(index));
        base::make_dirs(layer);
        base::write_file_atomic(layer / ("file" + std::to_string(index)), "");
        base::write_file_atomic(layer / "top", std::to_string(index) + "\n");
        spec.layers.push_back(layer);
    }
}

} // namespace

TEST_CASE("images of 1 to 300 layers are mounted in order, by either way") {
    const int layers = GENERATE(1, 9, 60, 299);
    World world;
    world.overlay = GENERATE(OverlayApi::automatic, OverlayApi::mount);
    Spec spec = world.spec("cat /top; ls / | grep -c ^file; touch /written");
    add_layers(world, spec, layers);
    const Result result = world.run(spec);
    INFO((result.failure ? result.failure->message() : ""));
    CHECK(result.out == std::to_string(layers) + "\n" + std::to_string(layers) + "\n");
    CHECK(result.code == 0);
}

TEST_CASE("layer paths that are long or hold separators are mounted, by either way") {
    World world;
    world.overlay = GENERATE(OverlayApi::automatic, OverlayApi::mount);
    Spec spec = world.spec("cat /top");
    add_layers(world, spec, 2, ":a,b=c\\" + std::string(200, 'x'));
    CHECK(world.run(spec).out == "2\n");
}

TEST_CASE("more layers than the kernel mounts are refused with the reason") {
    World world;
    OverlayDirs dirs;
    dirs.layers.assign(501, world.directory() / "image");
    CHECK_THROWS_WITH(mount_overlay(dirs, true), Contains("501 layers"));
}

TEST_CASE("what a container writes stays in its own directory") {
    World world;
    const Spec spec = world.spec("exec sleep 100");
    {
        Running running(world, spec);
        const Result seen = running.exec("echo new > /etc/passwd; rm /bin/tty; cat /etc/passwd; ls /bin/tty");
        CHECK(seen.out == "new\n");
        CHECK(base::read_file(world.paths.container(spec.project, spec.id) / "upper/etc/passwd") == "new\n");
    }
    CHECK_THAT(base::read_file(world.directory() / "image/etc/passwd"), Contains("bob"));
    CHECK_FALSE(base::fs::exists(world.paths.container(spec.project, spec.id)));
}

TEST_CASE("a read-only root takes no writes, but its mounts do") {
    World world;
    Spec spec =
        world.spec("touch /x 2>/dev/null || echo refused; touch /run/y && echo taken; touch /dev/shm/z; "
                   "echo a >> /etc/hosts || echo ro");
    spec.read_only = true;
    spec.process.cwd = "/made/before";
    spec.mounts.push_back(parse_tmpfs("/run"));
    const Result result = world.run(spec);
    CHECK(result.out == "refused\ntaken\nro\n");
}

TEST_CASE("opening in a root never leaves it") {
    World world;
    const base::fs::path root = world.directory() / "root";
    base::make_dirs(root / "etc");
    base::fs::create_symlink("/../../../../etc/hostname", root / "etc/escape");
    base::fs::create_symlink("../../../../../../etc", root / "up");
    const base::UniqueFd fd = base::open_dir(root);
    CHECK_FALSE(open_in_root(fd.get(), "/etc/escape", O_RDONLY).valid());
    base::write_file_atomic(root / "etc/hostname", "inside");
    CHECK(base::read_all(open_in_root(fd.get(), "/etc/escape", O_RDONLY).get(), "") == "inside");
    CHECK(base::read_all(open_in_root(fd.get(), "up/hostname", O_RDONLY).get(), "") == "inside");
}

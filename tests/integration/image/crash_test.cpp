#include "base/syscall.hpp"
#include "engine/image/layers.hpp"
#include "integration/image/world.hpp"

using namespace image;
using namespace image::test;

namespace {

// Runs the pull in a process of its own and kills it after so long. @returns true when it was done before.
bool pull_and_kill(const World &world, const Reference &reference, int milliseconds) {
    const pid_t child = ::fork();
    if (child == 0) {
        try {
            Store store(world.place.paths());
            (void)pull(store, reference, world.options());
        } catch (const std::exception &) {
            ::_exit(1);
        }
        ::_exit(0);
    }
    const base::UniqueFd exited(base::sys_pidfd_open(child));
    pollfd wait{exited.get(), POLLIN, 0};
    ::poll(&wait, 1, milliseconds);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

TEST_CASE("A pull killed at any point leaves a store that is whole", "[image][pull][crash]") {
    World world;
    const Registry registry(world.place.path() / "registry");
    std::string noise;
    for (int i = 0; i < 100000; ++i)
        noise += base::random_hex(40);
    registry.push("docker-archive:" + make_archive(world.place.path(), "app:1", noise).string(), "app:1");
    const Reference reference = Reference::parse(registry.host() + "/app:1");

    int killed = 0;
    for (int delay = 1; delay < 3000; delay += 1 + delay / 4) {
        CAPTURE(delay);
        const bool done = pull_and_kill(world, reference, delay);
        const auto found = world.store.find(reference.canonical());
        if (found) {
            REQUIRE(base::read_file(found->layers.at(0) / "etc/content") == noise);
            world.store.remove(found->id, {}, true);
            if (done)
                break;
        }
        killed += done ? 0 : 1;
        CHECK(world.store.list().empty());
        CHECK_FALSE(done);
    }
    CHECK(killed > 2);
    REQUIRE(pull(world.store, reference, world.options()).layers.size() == 1);
    CHECK_FALSE(world.store.collect_garbage().postponed);
    CHECK(base::list_dir(Layers(world.place.paths()).root()).size() == 1);
    CHECK(base::list_dir(Content(world.place.paths()).blobs()).size() == 3);
    CHECK(base::list_dir(Content(world.place.paths()).partials()).empty());
}

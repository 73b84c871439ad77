#include "engine/image/layers.hpp"
#include "integration/image/push_world.hpp"

using namespace image;
using namespace image::test;

namespace {

bool pull_and_kill(const World &world, const Reference &reference, int milliseconds) {
    return run_and_kill(milliseconds, [&] {
        Store store(world.place.paths());
        (void)pull(store, reference, world.options());
    });
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

// Garbage collection while other processes work, and killed at any point.
#include "engine/image/layers.hpp"
#include "integration/image/push_world.hpp"

#include <thread>

using namespace image;
using namespace image::test;

namespace {

std::string noise_of(int words) {
    std::string noise;
    for (int i = 0; i < words; ++i)
        noise += base::random_hex(40);
    return noise;
}

pid_t start(const std::function<void()> &work) {
    const pid_t child = ::fork();
    if (child != 0)
        return child;
    try {
        work();
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        ::_exit(1);
    }
    ::_exit(0);
}

bool succeeded(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

TEST_CASE("A prune killed at any point leaves a store that is whole, and can be repeated",
          "[image][gc][crash]") {
    World world;
    const std::string content = noise_of(1000);
    const Image kept = import_named(world.store, Reference::parse("kept:1"), content);
    constexpr int most_tries = 1000;
    int killed = 0;
    int delay = 0;
    for (int tries = 0; tries < most_tries; ++tries) {
        CAPTURE(delay);
        for (int i = 0; i < 6; ++i)
            (void)import_named(world.store, Reference::parse("gone:" + std::to_string(i)), noise_of(10 + i));
        const bool done = run_and_kill(delay, [&] {
            Store store(world.place.paths());
            (void)store.prune(true, {kept.id});
        });
        for (const Image &image : world.store.list())
            for (const auto &layer : image.layers)
                CHECK(base::fs::exists(layer / "etc/content"));
        CHECK(base::read_file(world.store.get("kept:1").layers.at(0) / "etc/content") == content);
        // On a machine that is faster than the kill, once more without any delay.
        if (done && killed > 0)
            break;
        killed += done ? 0 : 1;
        delay += done ? 0 : 1 + delay / 4;
        (void)world.store.prune(true, {kept.id});
        REQUIRE(world.store.list().size() == 1);
    }
    CHECK(killed > 0);
    CHECK(world.store.list().size() == 1);
    CHECK_FALSE(world.store.collect_garbage({kept.id}).postponed);
    CHECK(base::list_dir(Layers(world.place.paths()).root()).size() == 1);
    CHECK(base::list_dir(Content(world.place.paths()).blobs()).size() == 3);
}

TEST_CASE("Prunes, pulls, pushes and imports of several processes do not harm each other", "[image][gc]") {
    World world;
    const Registry registry(world.place.path() / "registry");
    registry.push("docker-archive:" + make_archive(world.place.path(), "app:1", noise_of(20000)).string(),
                  "app:1");
    const Reference pulled = Reference::parse(registry.host() + "/app:1");
    const base::Paths paths = world.place.paths();
    constexpr int rounds = 15;
    const pid_t pruning = start([&] {
        Store store(paths);
        for (int i = 0; i < rounds * 4; ++i)
            (void)store.prune(true, {});
    });
    const pid_t pulling = start([&] {
        Store store(paths);
        for (int i = 0; i < rounds; ++i) {
            const auto hold = store.hold();
            // A prune may have taken its name already, but nothing of it while the store is held.
            const Image image = pull(store, pulled, world.options());
            if (base::read_file(image.layers.at(0) / "etc/content").size() != 800000)
                throw base::Error("a layer is not whole");
        }
    });
    const pid_t pushing = start([&] {
        Store store(paths);
        for (int i = 0; i < rounds; ++i) {
            const auto hold = store.hold();
            const Reference name = Reference::parse(registry.host() + "/made:" + std::to_string(i));
            (void)import_named(store, name, noise_of(1000 + i));
            try {
                (void)push(store, name, push_options());
            } catch (const base::Error &error) {
                // The prune may take the name between the two.
                if (std::string(error.what()).find("no such image") == std::string::npos)
                    throw;
            }
        }
    });
    CHECK(succeeded(pushing));
    CHECK(succeeded(pulling));
    CHECK(succeeded(pruning));
    (void)world.store.prune(true, {});
    CHECK_FALSE(world.store.collect_garbage().postponed);
    CHECK(world.store.list().empty());
    CHECK(base::list_dir(Layers(paths).root()).empty());
    CHECK(base::list_dir(Content(paths).blobs()).empty());
}

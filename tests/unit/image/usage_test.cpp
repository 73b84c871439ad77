#include "base/disk_usage.hpp"
#include "engine/image/archive.hpp"
#include "engine/image/ingest.hpp"
#include "engine/image/layer_cache.hpp"
#include "engine/image/usage.hpp"
#include "unit/image/fixtures.hpp"

#include <catch2/catch.hpp>

#include <cstdio>

using namespace image;
using namespace image::test;

namespace {

struct World {
    TemporaryDirectory place;
    Store store{place.paths()};

    Image add(const std::string &name, const std::string &content, std::vector<std::string> changes = {}) {
        ImportOptions options;
        options.name = Reference::parse(name);
        options.changes = std::move(changes);
        const auto tar = memory_file(TarBuilder().directory("etc").file("etc/content", content).finish());
        return import_rootfs(store, tar.get(), options);
    }

    // A step of a build whose layer nothing but the cache needs.
    void add_step(const std::string &content) {
        const base::fs::path directory = place.paths().images() / "step";
        base::make_dirs(directory);
        base::write_file_atomic(directory / "made", content);
        const Ingest ingest(store);
        const Descriptor layer = ingest.add_layer(directory, {}, {});
        LayerCache(place.paths()).put("sha256:" + base::sha256_hex(content), {{}, layer, base::now()});
    }

    [[nodiscard]] std::int64_t du() const {
        FILE *pipe = ::popen(("du -s --block-size=1 " + place.paths().images().string()).c_str(), "r");
        long long bytes = -1;
        REQUIRE(std::fscanf(pipe, "%lld", &bytes) == 1);
        ::pclose(pipe);
        return bytes;
    }
};

} // namespace

TEST_CASE("What images and the cache take together is what du says", "[image][usage]") {
    World world;
    world.add("a:1", std::string(100000, 'a'));
    world.add("b:1", std::string(100000, 'b'));
    world.add_step(std::string(300000, 'c'));
    const StoreUsage usage = image::usage(world.store, {});
    CHECK(usage.images_size.value + usage.cache_size.value == world.du());
    CHECK(usage.cached_steps == 1);
    CHECK(usage.cache_size.value >= 600000);
    CHECK(usage.images.size() == 2);
}

TEST_CASE("What several images need is shared", "[image][usage]") {
    World world;
    const Image first = world.add("a:1", std::string(100000, 'a'), {"CMD one"});
    const Image second = world.add("b:1", std::string(100000, 'a'), {"CMD two"});
    const Image other = world.add("c:1", std::string(100000, 'c'));
    const StoreUsage usage = image::usage(world.store, {second.id});
    REQUIRE(usage.images.size() == 3);
    for (const ImageUsage &each : usage.images) {
        CAPTURE(each.image.names);
        CHECK(each.size.value >= 200000); // the tar and what is in it
        CHECK((each.shared.value >= 200000) == (each.image.id != other.id));
        CHECK(each.size.value > each.shared.value); // its own configuration
    }
    CHECK(usage.images_unused.value < usage.images_size.value - 200000);
    CHECK(usage.images_unused.value >= 200000);
}

TEST_CASE("A prune frees as many bytes as it says", "[image][usage]") {
    World world;
    const Image used = world.add("a:1", std::string(100000, 'a'));
    world.add("b:1", std::string(500000, 'b'));
    world.add_step(std::string(300000, 'c'));
    base::make_dirs(world.place.paths().images() / "build/mounts/x/data");
    base::write_file_atomic(world.place.paths().images() / "build/mounts/x/data/file",
                            std::string(50000, 'x'));
    const std::int64_t before = world.du();
    const Removed removed = world.store.prune(true, {used.id});
    CHECK(removed.deleted.size() == 1);
    CHECK(removed.reclaimed.value == before - world.du());
    CHECK(removed.reclaimed.value >= 1650000);
    CHECK(image::usage(world.store, {used.id}).cached_steps == 0);
    CHECK(world.store.find(used.id));
}

TEST_CASE("A prune takes only what its filter wants, and leaves the cache alone", "[image][usage]") {
    World world;
    const Image labelled = world.add("a:1", "a", {"LABEL keep=no"});
    const Image other = world.add("b:1", "b");
    world.add_step("c");
    const Removed removed =
        world.store.prune(true, {}, [](const ImageConfig &config) { return config.labels.contains("keep"); });
    CHECK(removed.deleted == std::vector<std::string>{labelled.id});
    CHECK(world.store.find(other.id));
    CHECK(image::usage(world.store, {}).cached_steps == 1);
}

TEST_CASE("The cache of a build under way stays", "[image][usage]") {
    World world;
    world.add_step("c");
    {
        const auto hold = world.store.hold();
        CHECK(world.store.prune_build_cache().postponed);
        CHECK(image::usage(world.store, {}).cached_steps == 1);
    }
    CHECK_FALSE(world.store.prune_build_cache().postponed);
    CHECK(image::usage(world.store, {}).cached_steps == 0);
    CHECK(base::list_dir(world.place.paths().images() / "layers").empty());
}

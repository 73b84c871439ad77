#include "base/error.hpp"
#include "base/remove_tree.hpp"
#include "engine/image/archive.hpp"
#include "engine/image/content.hpp"
#include "engine/image/ingest.hpp"
#include "engine/image/layers.hpp"
#include "engine/image/sources.hpp"
#include "unit/image/fixtures.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

using namespace image;
using image::test::TarBuilder;

namespace {

struct World {
    test::TemporaryDirectory place;
    Store store{place.paths()};

    Image add(const std::string &name, const std::string &content) {
        ImportOptions options;
        if (!name.empty())
            options.name = Reference::parse(name);
        const auto tar = test::memory_file(TarBuilder().file("f", content).finish());
        return import_rootfs(store, tar.get(), options);
    }

    [[nodiscard]] std::size_t blobs() const { return base::list_dir(Content(place.paths()).blobs()).size(); }

    [[nodiscard]] std::size_t layers() const { return base::list_dir(Layers(place.paths()).root()).size(); }
};

} // namespace

TEST_CASE("An image is found by every name it goes by", "[image][store]") {
    World world;
    const Image image = world.add("redis:7", "data");
    CHECK(image.names == std::vector<std::string>{"redis:7"});
    CHECK(image.size.value == 4);
    REQUIRE(image.layers.size() == 1);
    CHECK(base::read_file(image.layers[0] / "f") == "data");
    const std::string hex = image.id.substr(7);
    for (const std::string &name : {std::string("redis:7"), std::string("docker.io/library/redis:7"),
                                    image.id, hex, hex.substr(0, 12), "sha256:" + hex.substr(0, 12)}) {
        CAPTURE(name);
        const auto found = world.store.find(name);
        REQUIRE(found);
        CHECK(found->id == image.id);
    }
    CHECK_FALSE(world.store.find("redis"));
    CHECK_FALSE(world.store.find("sha256:" + std::string(64, '0')));
    CHECK_THROWS_WITH(world.store.get("nothing:1"), Catch::Contains("no such image: nothing:1"));
}

TEST_CASE("A store that never was is an empty one", "[image][store]") {
    World world;
    CHECK(world.store.list().empty());
    CHECK_FALSE(world.store.find("redis"));
    CHECK_NOTHROW(world.store.prune(true, {}));
    CHECK_THROWS_AS(world.store.remove("redis", {}), base::Error);
}

TEST_CASE("A prefix of several ids is refused", "[image][store]") {
    World world;
    std::map<char, int> first;
    for (int i = 0; i < 17; ++i)
        ++first[world.add("i" + std::to_string(i), std::to_string(i)).id[7]];
    for (const auto &[digit, count] : first)
        if (count > 1) {
            CHECK_THROWS_WITH(world.store.find("sha256:" + std::string(1, digit)),
                              Catch::Contains("several images"));
            return;
        }
    FAIL("seventeen ids begin with sixteen digits");
}

TEST_CASE("A name that moves leaves the older image without one", "[image][store]") {
    World world;
    const Image old = world.add("app", "1");
    const Image current = world.add("app", "2");
    CHECK(world.store.get("app").id == current.id);
    CHECK(world.store.get(old.id).names.empty());
    CHECK(world.store.list().size() == 2);
    const Removed removed = world.store.prune(false, {});
    CHECK(removed.deleted == std::vector<std::string>{old.id});
    CHECK_FALSE(world.store.find(old.id));
    CHECK(world.store.find("app"));
}

TEST_CASE("An image goes with its last name, and its files with it", "[image][store]") {
    World world;
    const Image image = world.add("app:1", "1");
    world.store.tag("app:1", Reference::parse("other:2"));
    CHECK(world.store.get(image.id).names == std::vector<std::string>{"app:1", "other:2"});
    CHECK_THROWS_WITH(world.store.remove(image.id, {}), Catch::Contains("several names"));
    const Removed first = world.store.remove("app:1", {});
    CHECK(first.untagged == std::vector<std::string>{"app:1"});
    CHECK(first.deleted.empty());
    const Removed last = world.store.remove("other:2", {});
    CHECK(last.deleted == std::vector<std::string>{image.id});
    CHECK(world.blobs() == 0);
    CHECK(world.layers() == 0);
}

TEST_CASE("An image in use stays", "[image][store]") {
    World world;
    const Image image = world.add("app:1", "1");
    CHECK_THROWS_WITH(world.store.remove("app:1", {image.id}), Catch::Contains("used by a container"));
    CHECK(world.store.find("app:1"));
    const Removed removed = world.store.remove("app:1", {image.id}, true);
    CHECK(removed.deleted.empty());
    CHECK_FALSE(world.store.find("app:1"));
    CHECK(world.store.find(image.id));
    CHECK(world.store.prune(true, {image.id}).deleted.empty());
    CHECK(world.store.prune(true, {}).deleted == std::vector<std::string>{image.id});
}

TEST_CASE("Shared layers stay while one image needs them", "[image][store]") {
    World world;
    ImportOptions options;
    const std::string tar = TarBuilder().file("f", "same").finish();
    options.name = Reference::parse("a");
    const Image a = import_rootfs(world.store, test::memory_file(tar).get(), options);
    options.name = Reference::parse("b");
    options.changes = {"CMD b"};
    const Image b = import_rootfs(world.store, test::memory_file(tar).get(), options);
    CHECK(a.id != b.id);
    CHECK(a.layers == b.layers);
    (void)world.store.remove("a", {});
    CHECK(base::read_file(world.store.get("b").layers.at(0) / "f") == "same");
}

TEST_CASE("What a killed process leaves is invisible and swept", "[image][store][crash]") {
    World world;
    const Image image = world.add("app", "1");
    const base::Paths paths = world.place.paths();
    const Content content(paths);
    const Layers layers(paths);
    base::write_file_atomic(content.new_temporary(), "half a blob");
    base::write_file_atomic(content.partial("sha256:" + std::string(64, 'b')), "half a download");
    base::write_file_atomic(content.path("sha256:" + std::string(64, 'c')), "a blob nobody names");
    base::write_file_atomic(paths.images() / "index.json.tmp.1", "{");
    base::make_dirs(layers.root() / (".new-" + std::string(64, 'd')) / "fs" / "etc");
    base::make_dirs(layers.root() / (".trash-" + std::string(64, 'e')) / "fs");
    base::make_dirs(layers.filesystem("sha256:" + std::string(64, 'f')));
    CHECK(world.store.list().size() == 1);

    const Collected collected = world.store.collect_garbage();
    CHECK_FALSE(collected.postponed);
    CHECK(collected.layers == 1);
    CHECK(collected.blobs == 1);
    CHECK(world.layers() == 1);
    CHECK(world.blobs() == 3);
    CHECK(base::list_dir(content.temporaries()).empty());
    CHECK(base::list_dir(content.partials()).empty());
    CHECK(base::list_dir(paths.images())
          == std::vector<std::string>{"blobs", "index.json", "layers", "oci-layout", "partial", "tmp"});
    CHECK(world.store.get("app").id == image.id);
}

TEST_CASE("Nothing is collected while somebody creates or pulls", "[image][store]") {
    World world;
    world.add("app", "1");
    const auto hold = world.store.hold();
    const Removed removed = world.store.remove("app", {});
    CHECK(removed.deleted.size() == 1);
    CHECK(world.layers() == 1);
    CHECK(world.store.collect_garbage().postponed);
}

TEST_CASE("What somebody has just pulled or built is not pruned", "[image][store]") {
    World world;
    const Image image = world.add("app", "1");
    {
        const auto hold = world.store.hold();
        const Removed removed = world.store.prune(true, {});
        CHECK(removed.postponed);
        CHECK(removed.deleted.empty());
    }
    Store store(world.place.paths(), [&] { return std::set<std::string>{image.id}; });
    CHECK(store.prune(true, {}).deleted.empty());
    CHECK(world.store.find("app"));
    CHECK(world.store.prune(true, {}).deleted.size() == 1);
}

TEST_CASE("What came into use after the question who uses it is not collected", "[image][store]") {
    World world;
    const Image image = world.add("app", "1");
    Store store(world.place.paths(), [&] { return std::set<std::string>{image.id}; });
    SECTION("when it is removed") {
        CHECK(store.remove("app", {}).deleted.size() == 1);
    }
    SECTION("when a bad archive is thrown away") {
        Index::update(world.place.paths(), [&](Index &index) { index.erase(image.id); });
        CHECK_THROWS_AS(load(store, test::memory_file("no archive").get()), base::Error);
        CHECK_THROWS_AS(import_rootfs(store, test::memory_file("no archive").get(), {}), base::Error);
    }
    CHECK_FALSE(world.store.find("app"));
    CHECK(base::read_file(image.layers.at(0) / "f") == "1");
    CHECK(world.store.collect_garbage().layers == 1);
}

TEST_CASE("An image with a lost layer is not there, and comes back whole", "[image][store][crash]") {
    World world;
    const Image image = world.add("app", "1");
    base::remove_tree(image.layers[0].parent_path());
    CHECK_FALSE(world.store.find("app"));
    const Image again = world.add("app", "1");
    CHECK(base::read_file(again.layers.at(0) / "f") == "1");
}

TEST_CASE("A damaged store says so", "[image][store]") {
    World world;
    const Image image = world.add("app", "1");
    base::write_file_atomic(Content(world.place.paths()).path(image.id), "{}");
    CHECK_THROWS_WITH(world.store.find("app"), Catch::Contains("damaged"));
    base::write_file_atomic(world.place.paths().images() / "index.json", "no json");
    CHECK_THROWS_WITH(world.store.find("app"), Catch::Contains("index.json"));
}

TEST_CASE("A layer whose bytes are not what was promised is not published", "[image][store]") {
    World world;
    const Ingest ingest(world.store);
    const std::string tar = TarBuilder().file("f", "x").finish();
    const std::string digest = ingest.content().put(tar);
    const std::string other = "sha256:" + std::string(64, '1');
    const Descriptor layer{media_type::oci_layer, digest, static_cast<std::int64_t>(tar.size()), {}, {}};
    CHECK_THROWS_WITH(ingest.unpack_layer(layer, other, other, "layer"), Catch::Contains("wrong digest"));
    CHECK(world.layers() == 0);
    ingest.unpack_layer(layer, digest, digest, "layer");
    CHECK(ingest.layers().exists(digest));
}

TEST_CASE("Finding an image reads nothing of the others", "[image][store]") {
    World world;
    const Image wanted = world.add("app7", "7");
    for (int i = 0; i < 3; ++i) {
        const Image other = world.add("other" + std::to_string(i), std::to_string(i));
        base::write_file_atomic(Content(world.place.paths()).path(other.id), "{}");
        base::remove_tree(other.layers.at(0));
    }
    const auto found = world.store.find("app7");
    REQUIRE(found);
    CHECK(found->id == wanted.id);
    CHECK_THROWS_WITH(world.store.find("other1"), Catch::Contains("damaged"));
}

#include "base/error.hpp"
#include "engine/image/archive.hpp"
#include "engine/image/layers.hpp"
#include "engine/image/usage.hpp"
#include "unit/image/lists.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>

using namespace image;
using namespace image::test;

namespace {

const Platform s390x{"linux", "s390x", ""};
const Platform riscv{"linux", "riscv64", ""};

struct World {
    TemporaryDirectory place;
    Store store{place.paths()};

    [[nodiscard]] std::size_t blobs() const { return base::list_dir(Content(place.paths()).blobs()).size(); }

    [[nodiscard]] std::size_t layers() const { return base::list_dir(Layers(place.paths()).root()).size(); }
};

// Three manifests, configurations and layers; the attestation's manifest, configuration and statement; the
// list.
constexpr std::size_t blobs_of_list = 13;

std::string content_of(const std::optional<Image> &image) {
    return image ? base::read_file(image->layers.at(0) / "f") : "none";
}

base::fs::path saved(const Store &store, const std::vector<std::string> &names, const base::fs::path &file) {
    save(store, names, base::open_file(file, O_WRONLY | O_CREAT | O_TRUNC).get());
    return file;
}

} // namespace

TEST_CASE("A list is found as the image for this host, or for the platform asked for", "[image][list]") {
    World world;
    const Image image = add_list(world.store, "app:1");
    REQUIRE(image.list);
    CHECK(world.store.get("app:1").id == image.id);
    CHECK(world.store.get("app:1").list == image.list);
    CHECK(world.store.list().size() == 1);
    const auto foreign = world.store.find("app:1", s390x);
    CHECK(content_of(foreign) == "linux/s390x1");
    REQUIRE(foreign);
    CHECK(foreign->config.platform == s390x);
    CHECK(foreign->names == std::vector<std::string>{"app:1"});
    CHECK(world.store.get(foreign->id).id == foreign->id);
    CHECK(world.store.get(foreign->id.substr(7, 16)).id == foreign->id);
    CHECK_FALSE(world.store.find("app:1", riscv));
    CHECK(world.store.find("app@" + image.list->digest)->id == image.id);
}

TEST_CASE("The index keeps the list of a name", "[image][list]") {
    World world;
    const Image image = add_list(world.store, "app:1");
    const Index index = Index::read(world.place.paths());
    REQUIRE(index.entries.size() == 1);
    CHECK(index.entries[0].list == image.list);
    CHECK(index.entries[0].manifest.annotations.empty());
    world.store.tag("app:1", Reference::parse("other"));
    CHECK(world.store.get("other").list == image.list);
}

TEST_CASE("A damaged list of an entry is told", "[image][list]") {
    World world;
    add_list(world.store, "app:1");
    const base::fs::path file = world.place.paths().images() / "index.json";
    std::string text = base::read_file(file);
    const std::size_t at = text.find("compose.image.list\": \"");
    text.replace(at, 30, "compose.image.list\": \"x");
    base::write_file_atomic(file, text);
    CHECK_THROWS_WITH(world.store.list(), Catch::Contains("malformed"));
}

TEST_CASE("Everything of a list stays with it and goes with it", "[image][list]") {
    World world;
    add_list(world.store, "app:1");
    CHECK(world.store.collect_garbage().blobs == 0);
    CHECK(world.blobs() == blobs_of_list);
    CHECK(world.layers() == 3);
    const StoreUsage all = usage(world.store, {});
    REQUIRE(all.images.size() == 1);
    CHECK(all.images[0].size.value > 0);
    CHECK(all.images_unused.value == all.images[0].size.value);
    CHECK(world.store.prune(false, {}).deleted.empty());
    world.store.remove("app:1", {});
    CHECK(world.blobs() == 0);
    CHECK(world.layers() == 0);
}

TEST_CASE("A list that lost its name is pruned whole", "[image][list]") {
    World world;
    const Image image = add_list(world.store, "app:1", "1");
    add_list(world.store, "app:1", "2");
    CHECK(world.store.prune(false, {}).deleted == std::vector<std::string>{image.id});
    CHECK(world.blobs() == blobs_of_list);
    CHECK(content_of(world.store.find("app:1", s390x)) == "linux/s390x2");
}

TEST_CASE("A list that differs for another platform only replaces the older one", "[image][list]") {
    World world;
    base::make_dirs(world.place.paths().images());
    const auto add = [&](const std::string &content) {
        Ingest ingest(world.store);
        const std::string host = Platform::host().text();
        return ingest.commit_list(
            ingest.put_list({{put_platform(world.store, ingest, host, "same"),
                              put_platform(world.store, ingest, "linux/s390x", content)}}),
            {Reference::parse("app:1").canonical()});
    };
    const Image first = add("1");
    const Image second = add("2");
    CHECK(first.id == second.id);
    CHECK(world.store.get("app:1").list == second.list);
    CHECK(content_of(world.store.find("app:1", s390x)) == "2");
    world.store.collect_garbage();
    CHECK(world.blobs() == 7);
    CHECK(world.layers() == 2);
}

TEST_CASE("A platform of a list that a container uses keeps the list", "[image][list]") {
    World world;
    add_list(world.store, "app:1");
    const std::string used = world.store.find("app:1", s390x)->id;
    CHECK_THROWS_WITH(world.store.remove("app:1", {used}), Catch::Contains("used by a container"));
    CHECK(world.store.prune(true, {used}).deleted.empty());
    world.store.remove("app:1", {used}, true);
    CHECK(world.store.find(used));
    CHECK(world.store.prune(true, {}).deleted.size() == 1);
    CHECK(world.blobs() == 0);
}

TEST_CASE("What is for a whole image names the image it is part of", "[image][list]") {
    World world;
    add_list(world.store, "app:1");
    const std::string part = world.store.find("app:1", s390x)->id;
    CHECK_THROWS_WITH(world.store.remove(part, {}),
                      Catch::Contains("what the image app:1 has for linux/s390x"));
    CHECK_THROWS_WITH(world.store.tag(part, Reference::parse("x")), Catch::Contains("app:1"));
}

TEST_CASE("A saved list loads as the same list", "[image][list][archive]") {
    World world;
    const Image image = add_list(world.store, "app:1");
    World other;
    const auto loaded = load(other.store, saved(world.store, {"app:1"}, world.place.path() / "tar"));
    REQUIRE(loaded.size() == 1);
    CHECK(other.store.get("app:1").list == image.list);
    CHECK(other.store.get("app:1").id == image.id);
    CHECK(content_of(other.store.find("app:1", s390x)) == "linux/s390x1");
    CHECK(other.blobs() == blobs_of_list);
    World third;
    CHECK(load(third.store, saved(world.store, {image.id}, world.place.path() / "tar")).at(0).list
          == image.list);
}

TEST_CASE("One platform of a saved list is loaded when it is asked for", "[image][list][archive]") {
    World world;
    add_list(world.store, "app:1");
    World other;
    const base::fs::path file = saved(world.store, {"app:1"}, world.place.path() / "tar");
    CHECK_FALSE(load(other.store, file, Platform::host()).at(0).list);
}

TEST_CASE("What was pulled under one digest for several platforms is one name", "[image][list]") {
    World world;
    base::make_dirs(world.place.paths().images());
    Ingest ingest(world.store);
    const std::string name = Reference::parse("base:1").canonical();
    const std::string source = "docker.io/library/base@sha256:" + std::string(64, 'a');
    const std::string host = Platform::host().text();
    const Image own = ingest.commit(put_platform(world.store, ingest, host, "own"), {name}, source);
    const Image foreign =
        ingest.commit(put_platform(world.store, ingest, "linux/s390x", "foreign"), {name}, source);
    CHECK(world.store.get("base:1").id == own.id);
    CHECK(content_of(world.store.find("base:1", s390x)) == "foreign");
    CHECK(content_of(world.store.find("base:1", Platform::host())) == "own");
    CHECK_FALSE(world.store.find("base:1", riscv));
    // What a registry serves now is another image.
    const std::string newer = "docker.io/library/base@sha256:" + std::string(64, 'b');
    ingest.commit(put_platform(world.store, ingest, "linux/s390x", "newer"), {name}, newer);
    CHECK(content_of(world.store.find("base:1")) == "newer");
    CHECK_FALSE(world.store.find("base:1", Platform::host()));
}

// Caches that one machine writes and another one reads.
#include "base/error.hpp"
#include "engine/image/push.hpp"
#include "integration/build/world.hpp"
#include "integration/image/registry.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <unistd.h>

using namespace build;
using namespace build::test;
using Catch::Matchers::Contains;
using Kind = BuildEvent::Kind;
using Texts = std::vector<std::string>;

namespace {

constexpr const char *two_stages = "FROM busybox AS make\n"
                                   "COPY source /source\n"
                                   "RUN echo making && cat source > /made\n"
                                   "FROM busybox\n"
                                   "COPY page /page\n"
                                   "COPY --from=make /made /made\n"
                                   "RUN echo finishing && echo done > /finished\n";

CacheSpec to(const std::string &text) {
    return parse_cache_spec(text, CacheUse::to, "/").spec.value();
}

CacheSpec from(const std::string &text) {
    return parse_cache_spec(text, CacheUse::from, "/").spec.value();
}

// The same project on a machine of its own.
void fill(World &world, const std::string &dockerfile = two_stages) {
    world.write("source", "source\n");
    world.write("page", "page\n");
    world.dockerfile(dockerfile);
}

std::string warnings(const World &world) {
    std::string text;
    for (const BuildEvent &event : world.events)
        if (event.kind == Kind::warning)
            text += event.text + "\n";
    return text;
}

bool has_begun(const World &world, const std::string &prefix) {
    const Texts names = world.names(Kind::started);
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string &name) { return name.starts_with(prefix); });
}

// But for when the base image was imported, which is another time in each world.
bool is_same(const image::Image &one, const image::Image &other) {
    return one.config.diff_ids == other.config.diff_ids && one.config.created == other.config.created;
}

std::vector<base::fs::path> blobs_of(const base::fs::path &directory) {
    std::vector<base::fs::path> blobs;
    for (const auto &entry : base::fs::directory_iterator(directory / "blobs" / "sha256"))
        blobs.push_back(entry.path());
    return blobs;
}

} // namespace

TEST_CASE("another machine takes all steps from a cache in a directory") {
    World first;
    const std::string place = first.place.path() / "cache";
    fill(first);
    first.options.cache_to = {to("type=local,mode=max,dest=" + place)};
    const image::Image made = first.build();
    CHECK(first.output().find("making\n") != std::string::npos);

    World second;
    fill(second);
    second.options.cache_from = {from("type=local,src=" + place)};
    second.options.cache_to = {to("type=local,mode=max,dest=" + place + "2")};
    const image::Image taken = second.build();
    CHECK(second.output().empty());
    CHECK(second.names(Kind::cached).size() == 7);
    CHECK(warnings(second).empty());
    CHECK(is_same(taken, made));
    CHECK(World::content(taken, "/made") == "source\n");
    CHECK(World::content(taken, "/finished") == "done\n");

    // What it took it has now, also without the cache, and can pass on.
    second.options.cache_from.clear();
    second.options.cache_to.clear();
    CHECK(is_same(second.build(), made));
    CHECK(second.output().empty());
    World third;
    fill(third);
    third.options.cache_from = {from("type=local,src=" + place + "2")};
    CHECK(is_same(third.build(), made));
    CHECK(third.output().empty());
    CHECK(leftovers(third).empty());
}

TEST_CASE("only what changed since the cache was written is made") {
    World first;
    const std::string place = first.place.path() / "cache";
    fill(first);
    first.options.cache_to = {to("type=local,mode=max,dest=" + place)};
    first.build();

    World second;
    fill(second);
    second.write("page", "another page\n");
    second.options.cache_from = {from("type=local,src=" + place)};
    const image::Image image = second.build();
    CHECK(second.output() == "finishing\n");
    CHECK(World::content(image, "/page") == "another page\n");
    CHECK(World::content(image, "/made") == "source\n");
}

TEST_CASE("a cache of the image's own steps saves making the stages it takes files from") {
    World first;
    const std::string place = first.place.path() / "cache";
    fill(first);
    first.options.cache_to = {to("type=local,dest=" + place)};
    const image::Image made = first.build();

    SECTION("the stage is not begun") {
        World second;
        fill(second);
        second.options.cache_from = {from("type=local,src=" + place)};
        CHECK(is_same(second.build(), made));
        CHECK(second.output().empty());
        CHECK_FALSE(has_begun(second, "[make "));
    }
    SECTION("but it is made when what it is made of has changed") {
        World second;
        fill(second);
        second.write("source", "another source\n");
        second.options.cache_from = {from("type=local,src=" + place)};
        const image::Image image = second.build();
        CHECK_THAT(second.output(), Contains("making\n"));
        CHECK(World::content(image, "/made") == "another source\n");
    }
    SECTION("or when it is to be made without a cache") {
        World second;
        fill(second);
        second.options.no_cache_stages = {"make"};
        second.options.cache_from = {from("type=local,src=" + place)};
        second.build();
        CHECK_THAT(second.output(), Contains("making\n"));
    }
    SECTION("and when the layer can't be had") {
        for (const base::fs::path &blob : blobs_of(place)) {
            const std::string bytes = base::read_file(blob);
            if (!bytes.starts_with('{'))
                base::write_file_atomic(blob, std::string(bytes.size(), 'x'));
        }
        World second;
        fill(second);
        second.options.cache_from = {from("type=local,src=" + place)};
        const image::Image image = second.build();
        CHECK_THAT(second.output(), Contains("making\n"));
        CHECK_THAT(warnings(second), Contains("; the step is made here"));
        CHECK(World::content(image, "/made") == "source\n");
        CHECK(leftovers(second).empty());
    }
}

TEST_CASE("a directory has no layers but those of the last build") {
    World world;
    const base::fs::path place = world.place.path() / "cache";
    fill(world);
    world.options.cache_to = {to("type=local,mode=max,dest=" + place.string())};
    world.build();
    const std::size_t count = blobs_of(place).size();
    world.write("source", "more\n");
    // A writer that was killed has left some, too.
    base::write_file_atomic(place / "blobs/sha256/.new-0", "half");
    world.build();
    CHECK(blobs_of(place).size() == count);

    // Another tag in the same directory keeps what it needs.
    world.options.cache_to = {to("type=local,mode=max,tag=other,dest=" + place.string())};
    world.write("source", "yet more\n");
    world.build();
    World second;
    fill(second);
    second.write("source", "more\n");
    second.options.cache_from = {from("type=local,src=" + place.string())};
    second.build();
    CHECK(second.output().empty());
}

TEST_CASE("a registry keeps a cache") {
    World first;
    const image::test::Registry registry(first.place.path() / "registry");
    const std::string name = registry.host() + "/team/cache:main";
    fill(first);
    first.options.cache_to = {to("type=registry,mode=max,ref=" + name)};
    const image::Image made = first.build();

    World second;
    fill(second);
    second.options.cache_from = {from(name)};
    CHECK(is_same(second.build(), made));
    CHECK(second.output().empty());
    CHECK(warnings(second).empty());
    CHECK(leftovers(second).empty());
}

TEST_CASE("an image brings the cache of its own steps along") {
    World first;
    const image::test::Registry registry(first.place.path() / "registry");
    const image::Reference name = image::Reference::parse(registry.host() + "/team/app");
    fill(first);
    first.options.names = {name};
    SECTION("asked for by cache_to") {
        first.options.cache_to = {to("type=inline")};
    }
    SECTION("asked for as of BuildKit") {
        first.options.request.args["BUILDKIT_INLINE_CACHE"] = "1";
    }
    const image::Image made = first.build();
    CHECK(first.build().id == made.id);
    image::push(first.store, name);

    World second;
    fill(second);
    second.options.cache_from = {from(name.familiar())};
    const image::Image taken = second.build();
    CHECK(taken.config.diff_ids == made.config.diff_ids);
    CHECK(second.output().empty());
}

TEST_CASE("a cache that can't be read is no reason to fail") {
    World world;
    fill(world);
    const std::string place = world.place.path() / "cache";
    std::string expected;
    SECTION("no directory") {
        expected = "No such file";
    }
    SECTION("no cache in it") {
        base::make_dirs(place);
        expected = "has no tag latest";
    }
    SECTION("a document with another digest") {
        World first;
        fill(first);
        first.options.cache_to = {to("type=local,dest=" + place)};
        first.build();
        for (const base::fs::path &blob : blobs_of(place))
            base::write_file_atomic(blob, "{}");
        expected = "digest";
    }
    world.options.cache_from = {from("type=local,src=" + place)};
    world.build();
    CHECK_THAT(world.output(), Contains("finishing\n"));
    CHECK_THAT(warnings(world), Contains(expected));
    CHECK_THAT(warnings(world), Contains("; the steps are made here"));
}

TEST_CASE("registries without the cache, and registries that are not there") {
    World world;
    fill(world);
    const image::test::Registry registry(world.place.path() / "registry");
    const std::string gone = "127.0.0.1:" + std::to_string(image::test::free_port());
    world.options.cache_from = {from(registry.host() + "/team/nothing"), from(gone + "/team/app")};
    world.build();
    CHECK_THAT(world.output(), Contains("finishing\n"));
    CHECK_THAT(warnings(world), Contains(registry.host() + "/team/nothing"));
    CHECK_THAT(warnings(world), Contains(gone + "/team/app"));
}

TEST_CASE("a cache that can't be written fails the build after the image is there, unless it may") {
    World world;
    fill(world);
    const std::string gone = "127.0.0.1:" + std::to_string(image::test::free_port());
    world.write("file");
    const std::string place = world.context / "file" / "cache";
    SECTION("a directory") {
        world.options.cache_to = {to("type=local,dest=" + place)};
        CHECK_THAT(world.fails(), Contains("the image is built, but its cache was not written"));
        CHECK(world.store.find("built"));
    }
    SECTION("ignored") {
        world.options.cache_to = {to("type=local,ignore-error=true,dest=" + place)};
        world.build();
        CHECK_THAT(warnings(world), Contains("; the cache is not written"));
    }
}

TEST_CASE("without a cache nothing is imported, and what is made is exported") {
    World world;
    const std::string place = world.place.path() / "cache";
    fill(world);
    world.options.cache_to = {to("type=local,mode=max,dest=" + place)};
    world.build();
    world.options.no_cache = true;
    world.options.cache_from = {from("type=local,src=" + place)};
    const image::Image fresh = world.build();
    CHECK_THAT(world.output(), Contains("making\n"));

    World second;
    fill(second);
    second.options.cache_from = {from("type=local,src=" + place)};
    CHECK(is_same(second.build(), fresh));
}

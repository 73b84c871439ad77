#include "base/error.hpp"
#include "integration/image/world.hpp"

#include <map>
#include <thread>

using namespace image;
using namespace image::test;

namespace {

std::string content_of(const Image &image) {
    return base::read_file(image.layers.at(0) / "etc/content");
}

} // namespace

TEST_CASE("An image is pulled from a plain registry on loopback", "[image][pull]") {
    World world;
    const Registry registry(world.place.path() / "registry");
    registry.push("docker-archive:" + make_archive(world.place.path(), "app:1", "one").string(),
                  "team/app:1");
    const Reference reference = Reference::parse(registry.host() + "/team/app:1");

    std::map<std::string, std::vector<PullPhase>> events;
    PullOptions options = world.options();
    options.on_event = [&](const PullEvent &event) { events[event.layer].push_back(event.phase); };
    const Image image = pull(world.store, reference, options);
    CHECK(content_of(image) == "one");
    CHECK(image.names == std::vector<std::string>{reference.familiar()});
    REQUIRE(image.digests.size() == 1);
    CHECK(image.config.cmd == std::vector<std::string>{"run"});
    REQUIRE(events.size() == 1);
    CHECK(events.begin()->second.front() == PullPhase::waiting);
    CHECK(events.begin()->second.back() == PullPhase::done);

    SECTION("again, nothing is fetched") {
        events.clear();
        CHECK(pull(world.store, reference, options).id == image.id);
        CHECK(events.empty());
    }
    SECTION("by digest it is found without the registry") {
        const std::string by_digest = image.digests[0];
        CHECK(pull(world.store, Reference::parse(by_digest), options).id == image.id);
    }
    SECTION("the registry tells its digest without a pull") {
        CHECK(reference.familiar_repository() + "@" + registry_digest(reference, options)
              == image.digests[0]);
    }
    SECTION("a tag that moved brings the new image and leaves the old one nameless") {
        registry.push("docker-archive:" + make_archive(world.place.path(), "app:1", "two").string(),
                      "team/app:1");
        const Image moved = pull(world.store, reference, options);
        CHECK(content_of(moved) == "two");
        CHECK(world.store.get(image.id).names.empty());
    }
    SECTION("a second name of the same image downloads no layer") {
        registry.push("docker://" + registry.host() + "/team/app:1 --src-tls-verify=false", "other/app:x");
        events.clear();
        const Image other = pull(world.store, Reference::parse(registry.host() + "/other/app:x"), options);
        CHECK(other.id == image.id);
        REQUIRE(events.size() == 1);
        CHECK(events.begin()->second.back() == PullPhase::exists);
    }
}

TEST_CASE("A mirror serves the official names", "[image][pull]") {
    World world;
    Registry registry(world.place.path() / "registry");
    registry.push("docker-archive:" + make_archive(world.place.path(), "redis:7-alpine", "redis").string(),
                  "library/redis:7-alpine");
    PullOptions options = world.mirrored(registry.url());
    const Image image = pull(world.store, Reference::parse("redis:7-alpine"), options);
    CHECK(content_of(image) == "redis");
    CHECK(image.names == std::vector<std::string>{"redis:7-alpine"});
    CHECK(image.digests.at(0).starts_with("redis@sha256:"));
}

TEST_CASE("Every compression of a layer is unpacked", "[image][pull]") {
    World world;
    const Registry registry(world.place.path() / "registry");
    const std::string source = "docker-archive:" + make_archive(world.place.path(), "app:1", "same").string();
    std::string id;
    for (const char *format : {"gzip", "zstd"}) {
        CAPTURE(format);
        registry.push(source, std::string("app:") + format,
                      std::string("--format oci --dest-compress --dest-compress-format ") + format);
        const Image image =
            pull(world.store, Reference::parse(registry.host() + "/app:" + format), world.options());
        CHECK(content_of(image) == "same");
        world.store.remove(image.id, {}, true);
    }
}

TEST_CASE("Two pulls of one image at once both succeed", "[image][pull]") {
    World world;
    const Registry registry(world.place.path() / "registry");
    std::string noise;
    for (int i = 0; i < 100000; ++i)
        noise += base::random_hex(40);
    registry.push("docker-archive:" + make_archive(world.place.path(), "app:1", noise).string(), "app:1");
    const Reference reference = Reference::parse(registry.host() + "/app:1");
    std::vector<std::string> ids(3);
    std::vector<std::thread> threads;
    for (std::string &id : ids)
        threads.emplace_back([&] {
            Store store(world.place.paths());
            id = pull(store, reference, world.options()).id;
        });
    for (std::thread &thread : threads)
        thread.join();
    CHECK(ids[0].starts_with("sha256:"));
    CHECK(ids[1] == ids[0]);
    CHECK(ids[2] == ids[0]);
    CHECK(content_of(world.store.get(ids[0])) == noise);
    CHECK(base::list_dir(Content(world.place.paths()).partials()).empty());
}

TEST_CASE("A registry with a password takes the one from docker login", "[image][pull][auth]") {
    World world;
    const base::fs::path passwords = world.place.path() / "htpasswd";
    // bcrypt of "secret", as `htpasswd -nbB me secret` makes it.
    base::write_file_atomic(passwords, "me:$2y$04$M289gxRa/qDKEFAq8WDiSOLb2XoNZlQmtOdiwya.5FBlfAFz4TEw6\n");
    const Registry registry(world.place.path() / "registry",
                            "auth:\n  htpasswd:\n    realm: test\n    path: " + passwords.string() + "\n");
    registry.push("docker-archive:" + make_archive(world.place.path(), "app:1", "private").string(), "app:1",
                  "--dest-creds me:secret");
    const Reference reference = Reference::parse(registry.host() + "/app:1");
    const base::fs::path config = world.place.path() / "docker";
    base::make_dirs(config / "bin");
    ::setenv("DOCKER_CONFIG", config.c_str(), 1);

    CHECK_THROWS_WITH(pull(world.store, reference, world.options()), Catch::Contains("pull access denied"));
    base::write_file_atomic(config / "config.json",
                            R"({"auths":{")" + registry.host() + R"(":{"auth":"bWU6c2VjcmV0"}}})");
    CHECK(content_of(pull(world.store, reference, world.options())) == "private");

    world.store.remove(reference.canonical(), {}, true);
    base::write_file_atomic(config / "bin/docker-credential-test",
                            "#!/bin/sh\nread server\n[ \"$1 $server\" = \"get " + registry.host()
                                + "\" ] && echo '{\"Username\":\"me\",\"Secret\":\"secret\"}'\n",
                            0755);
    base::write_file_atomic(config / "config.json",
                            R"({"credHelpers":{")" + registry.host() + R"(":"test"}})");
    const std::string path = std::getenv("PATH");
    ::setenv("PATH", ((config / "bin").string() + ":" + path).c_str(), 1);
    CHECK(content_of(pull(world.store, reference, world.options())) == "private");
    ::setenv("PATH", path.c_str(), 1);
    ::unsetenv("DOCKER_CONFIG");
}

TEST_CASE("Other tools read what is saved", "[image][archive]") {
    const TemporaryDirectory place;
    const base::fs::path archive = make_archive(place.path(), "app:1", "x");
    for (const std::string &source :
         {"docker-archive:" + archive.string(), "oci-archive:" + archive.string() + ":app:1"}) {
        CAPTURE(source);
        CHECK(std::system(("skopeo inspect " + source + " > /dev/null").c_str()) == 0);
    }
    CHECK(std::system(("skopeo copy -q --insecure-policy docker-archive:" + archive.string()
                       + " oci:" + (place.path() / "layout").string() + ":app:1")
                          .c_str())
          == 0);
    const TemporaryDirectory elsewhere;
    Store store(elsewhere.paths());
    const auto loaded = load(store, place.path() / "layout");
    REQUIRE(loaded.size() == 1);
    CHECK(loaded[0].names == std::vector<std::string>{"app:1"});
    CHECK(content_of(loaded[0]) == "x");
}

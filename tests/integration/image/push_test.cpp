#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/image/ingest.hpp"
#include "engine/image/manifest.hpp"
#include "engine/image/push.hpp"
#include "integration/image/push_world.hpp"
#include "unit/image/lists.hpp"

#include <set>

using namespace image;
using namespace image::test;

namespace {

std::string output_of(const std::string &command) {
    FILE *pipe = ::popen(command.c_str(), "r");
    std::string text;
    char buffer[4096];
    while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, pipe))
        text.append(buffer, count);
    INFO(command);
    REQUIRE(::pclose(pipe) == 0);
    return text;
}

base::Json served_manifest(const Registry &registry, const std::string &name) {
    return base::parse_json(
        output_of("skopeo inspect --raw --tls-verify=false docker://" + registry.host() + "/" + name),
        "manifest");
}

std::set<PushPhase> phases_of_push(World &world, const Reference &reference) {
    std::set<PushPhase> phases;
    PushOptions options = push_options();
    options.on_event = [&](const PushEvent &event) { phases.insert(event.phase); };
    (void)push(world.store, reference, options);
    return phases;
}

} // namespace

TEST_CASE("What is pushed is pulled by another machine as the same image", "[image][push]") {
    World world;
    const Registry registry(world.place.path() / "registry");
    const Reference reference = Reference::parse(registry.host() + "/team/app:1");
    const Image image = import_named(world.store, reference, "content");
    const Pushed pushed = push(world.store, reference, push_options());

    World other;
    const Image pulled = pull(other.store, reference, other.options());
    CHECK(pulled.id == image.id);
    CHECK(base::read_file(pulled.layers.at(0) / "etc/content") == "content");
    CHECK(pulled.digests == std::vector<std::string>{registry.host() + "/team/app@" + pushed.digest});

    const base::Json manifest = served_manifest(registry, "team/app:1");
    CHECK(manifest["mediaType"] == media_type::oci_manifest);
    CHECK(manifest["config"]["mediaType"] == media_type::oci_config);
    CHECK(manifest["layers"][0]["mediaType"] == media_type::oci_layer_gzip);
    const std::string copied = (world.place.path() / "copy").string();
    CHECK(output_of("skopeo copy -q --insecure-policy --src-tls-verify=false docker://" + registry.host()
                    + "/team/app:1 dir:" + copied)
              .empty());
}

TEST_CASE("The store finds an image by the digest it was pushed with", "[image][push]") {
    World world;
    const Registry registry(world.place.path() / "registry");
    const Reference reference = Reference::parse(registry.host() + "/app:1");
    const Image image = import_named(world.store, reference, "content");
    const Pushed pushed = push(world.store, reference, push_options());
    const auto found = world.store.find(registry.host() + "/app@" + pushed.digest);
    REQUIRE(found);
    CHECK(found->id == image.id);
    CHECK(found->checked);
    // The registry serves what is here: nothing is fetched again.
    CHECK(pull(world.store, reference, world.options()).id == image.id);
    CHECK(world.store.list().size() == 1);
}

TEST_CASE("A second push sends no layer, and one to another repository takes them from the first",
          "[image][push]") {
    World world;
    const Registry registry(world.place.path() / "registry");
    const Reference first = Reference::parse(registry.host() + "/app:1");
    (void)import_named(world.store, first, "content");
    CHECK(phases_of_push(world, first).contains(PushPhase::pushed));
    const auto again = phases_of_push(world, first);
    CHECK(again.contains(PushPhase::exists));
    CHECK_FALSE(again.contains(PushPhase::pushed));

    const Reference second = Reference::parse(registry.host() + "/other/app:1");
    world.store.tag(first.canonical(), second);
    const auto elsewhere = phases_of_push(world, second);
    CHECK(elsewhere.contains(PushPhase::mounted));
    CHECK_FALSE(elsewhere.contains(PushPhase::pushing));
    World other;
    CHECK(pull(other.store, second, other.options()).id == world.store.get(second.canonical()).id);
}

TEST_CASE("Equal layers are pushed as equal bytes from any store", "[image][push]") {
    const TemporaryDirectory place;
    const Registry registry(place.path() / "registry");
    std::set<std::string> digests;
    for (int i = 0; i < 2; ++i) {
        World world;
        const Reference reference = Reference::parse(registry.host() + "/app:" + std::to_string(i));
        (void)import_named(world.store, reference, std::string(3000000, 'x'));
        (void)push(world.store, reference, push_options());
        digests.insert(served_manifest(registry, "app:" + std::to_string(i))["layers"][0]["digest"]);
    }
    CHECK(digests.size() == 1);
}

TEST_CASE("What was pulled keeps its digest in another repository", "[image][push]") {
    World world;
    const Registry registry(world.place.path() / "registry");
    registry.push("docker-archive:" + make_archive(world.place.path(), "app:1", "x").string(), "app:1");
    const Reference pulled = Reference::parse(registry.host() + "/app:1");
    const Image image = pull(world.store, pulled, world.options());
    const Reference copy = Reference::parse(registry.host() + "/mirror/app:2");
    world.store.tag(pulled.canonical(), copy);
    CHECK(push(world.store, copy, push_options()).digest == image.manifest_digest);
    const Image after = world.store.get(copy.canonical());
    CHECK(after.digests
          == std::vector<std::string>{registry.host() + "/app@" + image.manifest_digest,
                                      registry.host() + "/mirror/app@" + image.manifest_digest});
}

TEST_CASE("A registry with a password takes pushes with the one from docker login", "[image][push][auth]") {
    World world;
    const base::fs::path passwords = world.place.path() / "htpasswd";
    // bcrypt of "secret", as `htpasswd -nbB me secret` makes it.
    base::write_file_atomic(passwords, "me:$2y$04$M289gxRa/qDKEFAq8WDiSOLb2XoNZlQmtOdiwya.5FBlfAFz4TEw6\n");
    const Registry registry(world.place.path() / "registry",
                            "auth:\n  htpasswd:\n    realm: test\n    path: " + passwords.string() + "\n");
    const Reference reference = Reference::parse(registry.host() + "/app:1");
    const Image image = import_named(world.store, reference, std::string(2000000, 'x'));
    const base::fs::path config = world.place.path() / "docker";
    base::make_dirs(config);
    ::setenv("DOCKER_CONFIG", config.c_str(), 1);
    CHECK(failure_of_push(world.store, reference).find("push access denied for " + registry.host() + "/app")
          != std::string::npos);
    CHECK(failure_of_push(world.store, reference).find("docker login " + registry.host())
          != std::string::npos);
    base::write_file_atomic(config / "config.json",
                            R"({"auths":{")" + registry.host() + R"(":{"auth":"bWU6c2VjcmV0"}}})");
    (void)push(world.store, reference, push_options());
    World other;
    CHECK(pull(other.store, reference, other.options()).id == image.id);
    ::unsetenv("DOCKER_CONFIG");
}

TEST_CASE("A push killed at any point leaves a store that is whole, and can be repeated",
          "[image][push][crash]") {
    World world;
    const Registry registry(world.place.path() / "registry");
    std::string noise;
    for (int i = 0; i < 100000; ++i)
        noise += base::random_hex(40);
    const Reference reference = Reference::parse(registry.host() + "/app:1");
    const Image image = import_named(world.store, reference, noise);
    int killed = 0;
    for (int delay = 1;; delay += 1 + delay / 4) {
        CAPTURE(delay);
        const bool done = run_and_kill(delay, [&] {
            Store store(world.place.paths());
            (void)push(store, reference, push_options());
        });
        CHECK(world.store.get(reference.canonical()).layers == image.layers);
        CHECK_FALSE(world.store.collect_garbage().postponed);
        if (done)
            break;
        ++killed;
    }
    CHECK(killed > 0);
    World other;
    CHECK(base::read_file(pull(other.store, reference, other.options()).layers.at(0) / "etc/content")
          == noise);
}

TEST_CASE("Of an image with several manifests the one of the name is pushed", "[image][push]") {
    World world;
    const Registry registry(world.place.path() / "registry");
    const Image image = import_named(world.store, Reference::parse("local:1"), "x");
    // The same configuration and layers as somebody else would write them down.
    const Content content(world.place.paths());
    base::Json other = base::parse_json(content.document(image.manifest_digest).value(), "manifest");
    other["annotations"] = {{"made", "elsewhere"}};
    const std::string text = base::dump_json(other);
    Ingest(world.store)
        .commit({media_type::oci_manifest, content.put(text), static_cast<std::int64_t>(text.size()), {}, {}},
                {"docker.io/library/elsewhere:1"});
    std::set<std::string> digests;
    for (const std::string name : {"local", "elsewhere"}) {
        const Reference copy = Reference::parse(registry.host() + "/" + name + ":1");
        world.store.tag(name + ":1", copy);
        CHECK(world.store.get(copy.canonical()).id == image.id);
        digests.insert(push(world.store, copy, push_options()).digest);
        CHECK(served_manifest(registry, name + ":1").contains("annotations") == (name == "elsewhere"));
    }
    CHECK(digests.size() == 2);
}

TEST_CASE("A list is pushed with everything in it", "[image][push][list]") {
    World world;
    const Registry registry(world.place.path() / "registry");
    const Reference reference = Reference::parse(registry.host() + "/team/app:1");
    const Image image = add_list(world.store, reference.canonical());
    const Pushed pushed = push(world.store, reference, push_options());

    const base::Json list = served_manifest(registry, "team/app:1");
    REQUIRE(list["manifests"].size() == 4);
    CHECK(list["mediaType"] == media_type::oci_index);
    // Its layers were compressed, so what tells of the first image tells of another digest now.
    const std::string first = list["manifests"][0]["digest"];
    const base::Json &attestation = list["manifests"][3];
    CHECK(first != image.manifest_digest);
    CHECK(attestation["annotations"]["vnd.docker.reference.digest"] == first);
    const base::Json manifest =
        served_manifest(registry, "team/app@" + attestation["digest"].get<std::string>());
    const std::string statement = output_of(
        "skopeo --insecure-policy copy -q --all --src-tls-verify=false docker://" + registry.host()
        + "/team/app:1 dir:" + (world.place.path() / "copy").string() + " && cat "
        + (world.place.path() / "copy" / manifest["layers"][0]["digest"].get<std::string>().substr(7))
              .string());
    CHECK(statement.find(first.substr(7)) != std::string::npos);
    CHECK(world.store.get(reference.canonical()).digests
          == std::vector<std::string>{registry.host() + "/team/app@" + pushed.digest});

    for (const char *platform : {"linux/amd64", "linux/s390x"}) {
        World other;
        PullOptions options = other.options();
        options.platform = Platform::parse(platform);
        const Image pulled = pull(other.store, reference, options);
        CHECK(base::read_file(pulled.layers.at(0) / "f") == std::string(platform) + "1");
        CHECK(pulled.digests == std::vector<std::string>{registry.host() + "/team/app@" + pushed.digest});
    }
    const Pushed again = push(world.store, reference, push_options());
    CHECK(again.digest == pushed.digest);
    // What is pulled when it is there is not taken apart.
    CHECK(pull(world.store, reference, world.options()).list == image.list);
}

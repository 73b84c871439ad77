#include "base/error.hpp"
#include "base/json.hpp"
#include "base/remove_tree.hpp"
#include "engine/image/archive.hpp"
#include "engine/image/content.hpp"
#include "engine/image/manifest.hpp"
#include "unit/image/fixtures.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

using namespace image;
using image::test::TarBuilder;
using image::test::TemporaryDirectory;

namespace {

Image import(Store &store, const std::string &tar, const std::string &name,
             const std::vector<std::string> &changes = {}) {
    ImportOptions options;
    options.changes = changes;
    if (!name.empty())
        options.name = Reference::parse(name);
    return import_rootfs(store, test::memory_file(tar).get(), options);
}

const std::string simple_tar = TarBuilder().file("etc/hello", "world").finish();

void run(const std::string &command) {
    REQUIRE(std::system(command.c_str()) == 0);
}

void save_to(const Store &store, const std::vector<std::string> &names, const base::fs::path &file) {
    const auto fd = base::open_file(file, O_WRONLY | O_CREAT | O_TRUNC);
    save(store, names, fd.get());
}

} // namespace

TEST_CASE("A root file system becomes an image with the changes asked for", "[image][archive]") {
    const TemporaryDirectory place;
    Store store(place.paths());
    const Image image =
        import(store, simple_tar, "db:15",
               {"CMD [\"postgres\"]", "ENTRYPOINT [\"docker-entrypoint.sh\"]",
                "ENV PGDATA=/var/lib/postgresql/data PATH=/usr/bin", "EXPOSE 5432",
                "VOLUME /var/lib/postgresql/data", "STOPSIGNAL SIGINT", "USER postgres", "WORKDIR /srv",
                "LABEL a=\"b c\"", "HEALTHCHECK --interval=5s CMD pg_isready"});
    CHECK(image.config.cmd == std::vector<std::string>{"postgres"});
    CHECK(image.config.entrypoint == std::vector<std::string>{"docker-entrypoint.sh"});
    CHECK(image.config.env == std::vector<std::string>{"PGDATA=/var/lib/postgresql/data", "PATH=/usr/bin"});
    CHECK(image.config.exposed_ports == std::set<std::string>{"5432/tcp"});
    CHECK(image.config.volumes == std::set<std::string>{"/var/lib/postgresql/data"});
    CHECK(image.config.labels.at("a") == "b c");
    CHECK(image.config.platform == Platform::host());
    CHECK(base::read_file(image.layers.at(0) / "etc/hello") == "world");
}

TEST_CASE("Compressed root file systems are imported", "[image][archive]") {
    const TemporaryDirectory place;
    Store store(place.paths());
    base::write_file_atomic(place.path() / "t", simple_tar);
    const std::string diff_id = "sha256:" + base::sha256_hex(simple_tar);
    for (const std::string &tool :
         {std::string("gzip"), std::string("xz"), std::string("bzip2"), std::string("zstd")}) {
        CAPTURE(tool);
        run(tool + " -c < " + (place.path() / "t").string() + " > " + (place.path() / "t.z").string());
        ImportOptions options;
        options.name = Reference::parse(tool);
        const Image image = import_rootfs(store, place.path() / "t.z", options);
        CHECK(image.config.diff_ids == std::vector<std::string>{diff_id});
        CHECK(base::read_file(image.layers.at(0) / "etc/hello") == "world");
    }
}

TEST_CASE("A bad archive leaves nothing in the store", "[image][archive]") {
    const TemporaryDirectory place;
    Store store(place.paths());
    const auto blobs = [&] { return base::list_dir(Content(place.paths()).blobs()); };
    CHECK_THROWS_AS(import(store, "just text", "x"), base::Error);
    CHECK_THROWS_AS(import(store, TarBuilder().file("../x", "").finish(), "x"), base::Error);
    CHECK_THROWS_WITH(load(store, test::memory_file(simple_tar).get()),
                      Catch::Contains("not an image archive"));
    CHECK_THROWS_AS(load(store, test::memory_file("text").get()), base::Error);
    CHECK(store.list().empty());
    CHECK(blobs().empty());
    CHECK(base::list_dir(Content(place.paths()).temporaries()).empty());
    CHECK_THROWS_WITH(import(store, simple_tar, "x", {"RUN true"}), Catch::Contains("RUN true"));
    CHECK(blobs().empty());
}

TEST_CASE("What is saved loads again as the same image", "[image][archive]") {
    const TemporaryDirectory place;
    Store store(place.paths());
    const Image a = import(store, simple_tar, "a:1", {"CMD a"});
    const Image b = import(store, TarBuilder().file("b", "b").finish(), "localhost:5000/b:2");
    store.tag("a:1", Reference::parse("a:other"));
    const base::fs::path file = place.path() / "saved.tar";
    save_to(store, {"a:1", "localhost:5000/b:2"}, file);

    for (const std::string &filter : {std::string("cat"), std::string("gzip -c"), std::string("zstd -c")}) {
        CAPTURE(filter);
        const TemporaryDirectory elsewhere;
        Store other(elsewhere.paths());
        const base::fs::path packed = elsewhere.path() / "packed";
        run(filter + " < " + file.string() + " > " + packed.string());
        const auto loaded = load(other, packed);
        REQUIRE(loaded.size() == 2);
        CHECK(other.get("a:1").id == a.id);
        CHECK(other.get("a:1").manifest_digest == a.manifest_digest);
        CHECK(other.get("localhost:5000/b:2").id == b.id);
        CHECK_FALSE(other.find("a:other"));
        CHECK(base::read_file(other.get("a:1").layers.at(0) / "etc/hello") == "world");
        CHECK(base::list_dir(Content(elsewhere.paths()).temporaries()).empty());
    }
}

TEST_CASE("The saved archive is an OCI layout too", "[image][archive]") {
    const TemporaryDirectory place;
    Store store(place.paths());
    const Image a = import(store, simple_tar, "a:1");
    save_to(store, {a.id}, place.path() / "saved.tar");
    base::make_dirs(place.path() / "layout");
    run("tar -xf " + (place.path() / "saved.tar").string() + " -C " + (place.path() / "layout").string());
    base::remove_tree(place.path() / "layout" / "manifest.json");

    const TemporaryDirectory elsewhere;
    Store other(elsewhere.paths());
    const auto loaded = load(other, place.path() / "layout");
    REQUIRE(loaded.size() == 1);
    CHECK(loaded[0].id == a.id);
    CHECK(loaded[0].names.empty());
    CHECK(base::fs::exists(place.path() / "layout" / "index.json"));
}

TEST_CASE("Archives of the old docker save are loaded", "[image][archive]") {
    const TemporaryDirectory place;
    Store store(place.paths());
    const std::string layer = simple_tar;
    const std::string diff_id = "sha256:" + base::sha256_hex(layer);
    const std::string config =
        R"({"architecture":")" + Platform::host().architecture
        + R"(","os":"linux","config":{"Cmd":["x"]},"rootfs":{"type":"layers","diff_ids":[")" + diff_id
        + R"("]}})";
    const std::string archive =
        TarBuilder()
            .file("abc/layer.tar", layer)
            .symlink("def/layer.tar", "../abc/layer.tar")
            .file("c.json", config)
            .file("manifest.json", R"([{"Config":"c.json","RepoTags":["old:1"],"Layers":["def/layer.tar"]}])")
            .finish();
    const auto loaded = load(store, test::memory_file(archive).get());
    REQUIRE(loaded.size() == 1);
    CHECK(loaded[0].id == "sha256:" + base::sha256_hex(config));
    CHECK(loaded[0].names == std::vector<std::string>{"old:1"});
    CHECK(base::read_file(loaded[0].layers.at(0) / "etc/hello") == "world");
}

TEST_CASE("An archive can't name files outside of itself", "[image][archive][hostile]") {
    const TemporaryDirectory place;
    Store store(place.paths());
    const auto archive = [](const std::string &config) {
        return TarBuilder()
            .symlink("link", "/etc/passwd")
            .file("manifest.json", R"([{"Config":")" + config + R"(","RepoTags":null,"Layers":[]}])")
            .finish();
    };
    for (const char *name : {"/etc/passwd", "../../../../../../etc/passwd", "link"}) {
        CAPTURE(name);
        CHECK_THROWS_WITH(load(store, test::memory_file(archive(name)).get()),
                          Catch::Contains("the archive has no"));
    }
}

TEST_CASE("A blob that does not match its name is refused", "[image][archive][hostile]") {
    const TemporaryDirectory place;
    Store store(place.paths());
    const std::string digest(64, 'a');
    const std::string index = R"({"schemaVersion":2,"manifests":[{"mediaType":")"
                              + std::string(media_type::oci_manifest) + R"(","size":2,"digest":"sha256:)"
                              + digest + R"("}]})";
    const std::string archive =
        TarBuilder().file("index.json", index).file("blobs/sha256/" + digest, "{}").finish();
    CHECK_THROWS_WITH(load(store, test::memory_file(archive).get()), Catch::Contains("wrong digest"));
}

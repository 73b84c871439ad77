// Archives with lists that nobody should make.
#include "base/error.hpp"
#include "engine/image/archive.hpp"
#include "engine/image/archive_files.hpp"
#include "unit/image/lists.hpp"

#include <catch2/catch.hpp>

using namespace image;
using namespace image::test;

namespace {

// An OCI archive with the list under the name app:1, and what of the store is not left out.
struct Archive {
    TemporaryDirectory place;
    Store store{place.paths()};
    std::string left_out; // a digest

    Archive() { base::make_dirs(place.paths().images()); }

    Descriptor put(const std::string &platform) {
        const Ingest ingest(store);
        return put_platform(store, ingest, platform, platform);
    }

    Descriptor list(const std::vector<Descriptor> &members) { return Ingest(store).put_list({members}); }

    std::vector<Image> load_into(Store &other, Descriptor list) const {
        list.annotations["org.opencontainers.image.ref.name"] = "app:1";
        TarBuilder tar;
        for (const std::string &hex : base::list_dir(Content(place.paths()).blobs()))
            if ("sha256:" + hex != left_out)
                tar.file("blobs/sha256/" + hex, base::read_file(Content(place.paths()).blobs() / hex));
        tar.file("index.json", ManifestList{{list}}.json());
        return load(other, memory_file(tar.finish()).get());
    }

    // The error, or that there was none.
    std::string fails(const Descriptor &list) const {
        const TemporaryDirectory elsewhere;
        Store other(elsewhere.paths());
        try {
            load_into(other, list);
        } catch (const base::Error &error) {
            CHECK(other.list().empty());
            CHECK(base::list_dir(Content(elsewhere.paths()).blobs()).empty());
            return error.what();
        }
        return "loaded";
    }
};

const std::string host = Platform::host().text();

} // namespace

TEST_CASE("Of a list that misses a member the one for this host is loaded", "[image][list][archive]") {
    Archive archive;
    const Descriptor own = archive.put(host);
    const Descriptor foreign = archive.put("linux/s390x");
    archive.left_out = foreign.digest;
    const TemporaryDirectory elsewhere;
    Store other(elsewhere.paths());
    const auto loaded = archive.load_into(other, archive.list({own, foreign}));
    REQUIRE(loaded.size() == 1);
    CHECK(loaded[0].manifest_digest == own.digest);
    CHECK_FALSE(loaded[0].list);
    archive.left_out = own.digest;
    CHECK(archive.fails(archive.list({own, foreign})).find("the archive has no blobs/sha256/") == 0);
}

TEST_CASE("Of a list that misses a layer the one for this host is loaded", "[image][list][archive]") {
    Archive archive;
    const Descriptor own = archive.put(host);
    const Descriptor foreign = archive.put("linux/s390x");
    archive.left_out = Ingest(archive.store).manifest(foreign.digest).layers.at(0).digest;
    const TemporaryDirectory elsewhere;
    Store other(elsewhere.paths());
    CHECK_FALSE(archive.load_into(other, archive.list({own, foreign})).at(0).list);
}

TEST_CASE("A list in a list is refused", "[image][list][archive]") {
    Archive archive;
    const Descriptor inner = archive.list({archive.put(host)});
    CHECK(archive.fails(archive.list({inner})).find("another list instead of an image") != std::string::npos);
    CHECK(archive.fails(archive.list({archive.put(host), inner})).find("another list instead of an image")
          != std::string::npos);
}

TEST_CASE("A list of a thousand images is refused", "[image][list][archive]") {
    Archive archive;
    CHECK(archive.fails(archive.list(std::vector<Descriptor>(1000, archive.put(host))))
              .find("a list of 1000 images, more than the 128 that are supported")
          != std::string::npos);
}

TEST_CASE("A list with a wrong size is refused", "[image][list][archive]") {
    Archive archive;
    Descriptor wrong = archive.put(host);
    wrong.size += 1;
    CHECK(archive.fails(archive.list({wrong})).find("its list says") != std::string::npos);
}

TEST_CASE("A list without an image is refused", "[image][list][archive]") {
    Archive archive;
    const Ingest ingest(archive.store);
    const Descriptor own = put_attestation(ingest.content(), archive.put(host), {});
    CHECK(archive.fails(archive.list({own})).find("no image for platform") != std::string::npos);
    CHECK(archive.fails(archive.list({})).find("no image for platform") != std::string::npos);
}

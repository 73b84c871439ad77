#include "base/error.hpp"
#include "base/remove_tree.hpp"
#include "engine/image/sources.hpp"
#include "engine/image/unpack.hpp"
#include "unit/image/fixtures.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <fcntl.h>
#include <unistd.h>

using namespace image;
using image::test::TarBuilder;

namespace {

struct stat status_of(const base::fs::path &path) {
    struct stat status {};

    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return status;
}

bool is_whiteout(const base::fs::path &path) {
    struct stat status {};

    return ::lstat(path.c_str(), &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == 0;
}

std::string xattr(const base::fs::path &path, const char *name) {
    char value[256];
    const ssize_t size = ::lgetxattr(path.c_str(), name, value, sizeof value);
    return size < 0 ? "" : std::string(value, static_cast<std::size_t>(size));
}

// A layer directory beside files that no archive may reach.
struct Layer {
    test::TemporaryDirectory place;
    base::fs::path root = place.path() / "layer";
    base::fs::path outside = place.path() / "outside";

    Layer() {
        base::make_dirs(root);
        base::make_dirs(outside);
        base::write_file_atomic(outside / "victim", "untouched");
    }

    UnpackResult unpack(const std::string &tar, const UnpackOptions &options = {}) const {
        MemorySource source(tar);
        const base::UniqueFd directory = base::open_dir(root);
        return image::unpack(source, directory.get(), options);
    }

    void check_outside() const {
        CHECK(base::list_dir(outside) == std::vector<std::string>{"victim"});
        CHECK(base::read_file(outside / "victim") == "untouched");
        CHECK(base::list_dir(place.path()) == std::vector<std::string>{"layer", "outside"});
    }
};

} // namespace

TEST_CASE("Owners, modes, times, links and devices arrive as archived", "[image][unpack]") {
    const Layer layer;
    const auto result = layer.unpack(TarBuilder()
                                         .directory("./")
                                         .directory("bin", 0750)
                                         .owner(7, 8)
                                         .file("bin/su", "x", 04755)
                                         .symlink("bin/link", "/nowhere/else")
                                         .hard_link("bin/hard", "bin/su")
                                         .device("null", '3', 1, 3)
                                         .member("pipe", '6', "", "", 0640)
                                         .file("deep/er/file", "hello")
                                         .finish());
    CHECK(result.bytes == 6);
    const auto su = status_of(layer.root / "bin/su");
    CHECK((su.st_mode & 07777) == 04755);
    CHECK(su.st_uid == 7);
    CHECK(su.st_gid == 8);
    CHECK(su.st_mtime == 1000000000);
    CHECK(su.st_ino == status_of(layer.root / "bin/hard").st_ino);
    CHECK(base::fs::read_symlink(layer.root / "bin/link") == "/nowhere/else");
    CHECK(status_of(layer.root / "bin/link").st_uid == 7);
    CHECK((status_of(layer.root / "bin").st_mode & 07777) == 0750);
    CHECK(status_of(layer.root / "bin").st_mtime == 1000000000);
    CHECK(status_of(layer.root / "null").st_rdev == makedev(1, 3));
    CHECK(S_ISFIFO(status_of(layer.root / "pipe").st_mode));
    CHECK(base::read_file(layer.root / "deep/er/file") == "hello");
    CHECK((status_of(layer.root / "deep/er").st_mode & 07777) == 0755);
}

TEST_CASE("pax records give long names, big owners, exact times and attributes", "[image][unpack]") {
    const Layer layer;
    const std::string name = "d/" + std::string(200, 'n');
    const std::string decomposed = "e\xcc\x81";
    layer.unpack(TarBuilder()
                     .pax({{"path", name},
                           {"uid", "3000000"},
                           {"mtime", "12.5"},
                           {"SCHILY.xattr.trusted.mine", std::string("v\0w", 3)},
                           {"SCHILY.xattr.trusted.overlay.opaque", "y"}})
                     .file("short", "data")
                     .pax({{"path", decomposed}})
                     .file("x", "")
                     .member("././@LongLink", 'L', std::string(150, 'g') + '\0', "", 0)
                     .file("cut", "gnu")
                     .finish());
    const auto status = status_of(layer.root / name);
    CHECK(status.st_uid == 3000000);
    CHECK(status.st_mtim.tv_sec == 12);
    CHECK(status.st_mtim.tv_nsec == 500000000);
    CHECK(xattr(layer.root / name, "trusted.mine") == std::string("v\0w", 3));
    CHECK(xattr(layer.root / name, "trusted.overlay.opaque").empty());
    CHECK(base::fs::exists(layer.root / decomposed));
    CHECK(base::read_file(layer.root / std::string(150, 'g')) == "gnu");
}

TEST_CASE("Whiteouts become overlay's own", "[image][unpack][whiteout]") {
    const Layer layer;
    layer.unpack(
        TarBuilder().file("a/.wh.gone", "").file("b/.wh..wh..opq", "").file(".wh..wh.plnk", "").finish());
    CHECK(is_whiteout(layer.root / "a/gone"));
    CHECK(xattr(layer.root / "b", "trusted.overlay.opaque") == "y");
    CHECK(base::list_dir(layer.root) == std::vector<std::string>{"a", "b"});
    CHECK(base::list_dir(layer.root / "b").empty());
}

TEST_CASE("A whiteout hides lower layers only, whatever the order", "[image][unpack][whiteout]") {
    const Layer layer;
    layer.unpack(TarBuilder()
                     .file(".wh.late", "")
                     .file("late", "new")
                     .file("early", "new")
                     .file(".wh.early", "")
                     .file(".wh.dir", "")
                     .file("dir/inside", "new")
                     .directory("dir2")
                     .file(".wh.dir2", "")
                     .finish());
    CHECK(base::read_file(layer.root / "late") == "new");
    CHECK(base::read_file(layer.root / "early") == "new");
    CHECK(base::read_file(layer.root / "dir/inside") == "new");
    CHECK(xattr(layer.root / "dir", "trusted.overlay.opaque") == "y");
    CHECK(xattr(layer.root / "dir2", "trusted.overlay.opaque") == "y");
}

TEST_CASE("A rootless whiteout uses the user namespace of attributes", "[image][unpack][whiteout]") {
    const Layer layer;
    UnpackOptions options;
    options.whiteouts = Whiteouts::user_overlay;
    layer.unpack(TarBuilder().file("b/.wh..wh..opq", "").finish(), options);
    CHECK(xattr(layer.root / "b", "trusted.overlay.opaque").empty());
    CHECK(xattr(layer.root / "b", "user.overlay.opaque") == "y");
}

TEST_CASE("The last of several members with one name wins", "[image][unpack]") {
    const Layer layer;
    layer.unpack(TarBuilder()
                     .directory("x")
                     .file("x/y", "1")
                     .file("x", "file now")
                     .symlink("s", "x")
                     .directory("s")
                     .file("s/f", "2")
                     .file("twice", "first")
                     .file("twice", "2nd")
                     .finish());
    CHECK(base::read_file(layer.root / "x") == "file now");
    CHECK(S_ISDIR(status_of(layer.root / "s").st_mode));
    CHECK(base::read_file(layer.root / "s/f") == "2");
    CHECK(base::read_file(layer.root / "twice") == "2nd");
}

TEST_CASE("Nothing is written outside the layer", "[image][unpack][hostile]") {
    const Layer layer;
    const std::string outside = layer.outside.string();
    const std::vector<std::string> archives{
        TarBuilder().file("../outside/new", "x").finish(),
        TarBuilder().file("a/../../outside/victim", "x").finish(),
        TarBuilder().file(outside + "/victim", "x").finish(),
        TarBuilder().symlink("l", outside).file("l/victim", "x").finish(),
        TarBuilder().symlink("l", "../outside").file("l/victim", "x").finish(),
        TarBuilder().symlink("l", outside + "/victim").file("l", "x").finish(),
        TarBuilder().symlink("a", "..").symlink("b", "a/outside").file("b/victim", "x").finish(),
        TarBuilder().hard_link("h", "../outside/victim").file("h", "x").finish(),
        TarBuilder().symlink("l", outside).hard_link("h", "l/victim").finish(),
        TarBuilder().symlink("l", outside + "/victim").hard_link("h", "l").file("h", "x").finish(),
        TarBuilder().symlink("l", outside).file("l/.wh.victim", "").finish(),
        TarBuilder().symlink("l", outside).file("l/.wh..wh..opq", "").finish(),
        TarBuilder().directory("d").symlink("d", outside).directory("d/").finish(),
        TarBuilder().file(".wh...", "").finish(),
        TarBuilder().file("..", "x").finish(),
        TarBuilder().pax({{"path", std::string("a\0b", 3)}}).file("x", "y").finish(),
    };
    for (std::size_t i = 0; i < archives.size(); ++i) {
        CAPTURE(i);
        try {
            layer.unpack(archives[i]);
        } catch (const base::Error &error) {
            CHECK(std::string(error.what()).find('\n') == std::string::npos);
        }
        layer.check_outside();
        CHECK(xattr(layer.outside, "trusted.overlay.opaque").empty());
        base::remove_tree(layer.root);
        base::make_dirs(layer.root);
    }
}

TEST_CASE("A member that leaves its directory is refused by name", "[image][unpack][hostile]") {
    const Layer layer;
    CHECK_THROWS_WITH(layer.unpack(TarBuilder().file("a/../../etc/passwd", "x").finish()),
                      Catch::Contains("a/../../etc/passwd") && Catch::Contains("leads out"));
    CHECK_THROWS_WITH(layer.unpack(TarBuilder().hard_link("h", "missing").finish()),
                      Catch::Contains("missing"));
    CHECK_THROWS_WITH(layer.unpack(TarBuilder().file("./", "x").finish()), Catch::Contains("root"));
}

TEST_CASE("Bombs end at a limit that is named", "[image][unpack][hostile]") {
    const Layer layer;
    UnpackOptions options;
    options.max_bytes = 100;
    options.max_entries = 3;
    options.max_depth = 4;
    CHECK_THROWS_WITH(
        layer.unpack(TarBuilder().raw_header("big", '0', 1ULL << 32, "", 0644).finish(), options),
        Catch::Contains("more than 100 bytes"));
    CHECK_THROWS_WITH(
        layer.unpack(TarBuilder().file("a", std::string(60, 'x')).file("b", std::string(60, 'x')).finish(),
                     options),
        Catch::Contains("more than 100 bytes"));
    CHECK_THROWS_WITH(
        layer.unpack(TarBuilder().file("1", "").file("2", "").file("3", "").file("4", "").finish(), options),
        Catch::Contains("more than 3 members"));
    CHECK_THROWS_WITH(layer.unpack(TarBuilder().file("a/b/c/d/e", "").finish(), options),
                      Catch::Contains("deeper than 4"));
}

TEST_CASE("Damaged archives are refused", "[image][unpack]") {
    const Layer layer;
    const std::string good = TarBuilder().file("f", "content").unfinished();
    std::string bad_sum = good;
    bad_sum[0] = 'g';
    CHECK_THROWS_WITH(layer.unpack(bad_sum), Catch::Contains("checksum"));
    CHECK_THROWS_WITH(layer.unpack(good.substr(0, 515)), Catch::Contains("cut short"));
    CHECK_THROWS_WITH(layer.unpack(good.substr(0, 300)), Catch::Contains("cut short"));
    CHECK_THROWS_WITH(layer.unpack(TarBuilder().member("f", 'x', "99 path=a\n", "", 0).finish()),
                      Catch::Contains("pax record"));
    CHECK_THROWS_WITH(layer.unpack(TarBuilder().raw_header("f", 'x', 1ULL << 31, "", 0).finish()),
                      Catch::Contains("1 MiB"));
    CHECK_THROWS_WITH(layer.unpack(TarBuilder().member("f", 'Z', "", "", 0).finish()),
                      Catch::Contains("unknown type"));
    CHECK_THROWS_WITH(layer.unpack("this is no tar archive, just text" + std::string(600, '.')),
                      Catch::Contains("malformed tar header"));
    CHECK_NOTHROW(layer.unpack(good));
    CHECK_NOTHROW(layer.unpack(""));
}

TEST_CASE("Sparse files of every dialect keep their holes", "[image][unpack]") {
    const Layer layer;
    const std::string data(512, 'd');
    std::string map_1_0 = "1\n4096\n512\n";
    map_1_0.resize(512, '\0');
    layer.unpack(TarBuilder()
                     .pax({{"GNU.sparse.major", "1"},
                           {"GNU.sparse.minor", "0"},
                           {"GNU.sparse.name", "v1.0"},
                           {"GNU.sparse.realsize", "1000000"}})
                     .file("GNUSparseFile.0/v", map_1_0 + data)
                     .pax({{"GNU.sparse.size", "1000000"},
                           {"GNU.sparse.numblocks", "1"},
                           {"GNU.sparse.map", "4096,512"},
                           {"GNU.sparse.name", "v0.1"}})
                     .file("x", data)
                     .pax({{"GNU.sparse.size", "1000000"},
                           {"GNU.sparse.numblocks", "1"},
                           {"GNU.sparse.offset", "4096"},
                           {"GNU.sparse.numbytes", "512"}})
                     .file("v0.0", data)
                     .finish());
    for (const char *name : {"v1.0", "v0.1", "v0.0"}) {
        CAPTURE(name);
        const std::string content = base::read_file(layer.root / name);
        CHECK(content.size() == 1000000);
        CHECK(content.substr(4096, 512) == data);
        CHECK(content.find_first_not_of('\0') == 4096);
        CHECK(status_of(layer.root / name).st_blocks < 100);
    }
    CHECK_THROWS_WITH(layer.unpack(TarBuilder()
                                       .pax({{"GNU.sparse.size", "10"},
                                             {"GNU.sparse.numblocks", "1"},
                                             {"GNU.sparse.map", "4096,512"}})
                                       .file("x", data)
                                       .finish()),
                      Catch::Contains("sparse"));
}

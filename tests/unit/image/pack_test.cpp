#include "base/error.hpp"
#include "engine/image/pack.hpp"
#include "engine/image/sources.hpp"
#include "engine/image/tar_reader.hpp"
#include "engine/image/unpack.hpp"
#include "unit/image/fixtures.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <fcntl.h>
#include <unistd.h>

using namespace image;

namespace {

struct Upper {
    test::TemporaryDirectory place;
    base::fs::path root = place.path() / "upper";

    Upper() { base::make_dirs(root); }

    // change is called after the first bytes.
    [[nodiscard]] std::string pack(const PackOptions &options = {},
                                   const std::function<void()> &change = nullptr) {
        std::string tar;
        const base::UniqueFd directory = base::open_dir(root);
        result = image::pack(
            directory.get(),
            [&](std::string_view bytes) {
                if (tar.empty() && change)
                    change();
                tar += bytes;
            },
            options);
        return tar;
    }

    void write(const std::string &name, std::string_view content) const {
        base::write_file_atomic(root / name, content);
        date(name, {1000, 0});
    }

    void date(const std::string &name, const timespec &time) const {
        const timespec times[2] = {time, time};
        REQUIRE(::utimensat(AT_FDCWD, (root / name).c_str(), times, AT_SYMLINK_NOFOLLOW) == 0);
    }

    PackResult result;
};

std::vector<TarEntry> members(const std::string &tar) {
    MemorySource source(tar);
    TarReader reader(source);
    std::vector<TarEntry> all;
    for (TarEntry entry; reader.next(entry);)
        all.push_back(entry);
    return all;
}

std::vector<std::string> names(const std::string &tar) {
    std::vector<std::string> all;
    for (const TarEntry &entry : members(tar))
        all.push_back(entry.name);
    return all;
}

} // namespace

TEST_CASE("a layer is packed in the order of its names, whatever order it was made in") {
    Upper first;
    first.write("b", "2");
    base::make_dirs(first.root / "a");
    first.write("a/z", "1");
    Upper second;
    base::make_dirs(second.root / "a");
    second.write("a/z", "1");
    second.write("b", "2");
    for (const Upper *each : {&first, &second})
        each->date("a", {1000, 0});
    const std::string tar = first.pack();
    CHECK(names(tar) == std::vector<std::string>{"a/", "a/z", "b"});
    CHECK(tar == second.pack());
    CHECK(first.result.bytes == 2);
    CHECK(first.result.entries == 3);
}

TEST_CASE("what overlay says of removed names becomes whiteouts") {
    Upper upper;
    base::make_dirs(upper.root / "opaque");
    REQUIRE(::setxattr((upper.root / "opaque").c_str(), "trusted.overlay.opaque", "y", 1, 0) == 0);
    REQUIRE(::setxattr((upper.root / "opaque").c_str(), "trusted.overlay.origin", "x", 1, 0) == 0);
    upper.write("opaque/kept", "");
    REQUIRE(::mknod((upper.root / "gone").c_str(), S_IFCHR, 0) == 0);
    const auto all = members(upper.pack());
    REQUIRE(all.size() == 4);
    CHECK(all[0].name == ".wh.gone");
    CHECK(all[0].type == TarType::file);
    CHECK(all[1].name == "opaque/");
    CHECK(all[1].xattrs.empty());
    CHECK(all[2].name == "opaque/.wh..wh..opq");
    CHECK(all[3].name == "opaque/kept");
}

TEST_CASE("owners, modes, times, attributes, links and devices go through pack and unpack unchanged") {
    Upper upper;
    const std::string long_name(180, 'n');
    upper.write("file", "content");
    upper.write(long_name, "x");
    upper.write("größe", "utf-8");
    REQUIRE(::chown((upper.root / "file").c_str(), 3000000, 4000000) == 0);
    REQUIRE(::chmod((upper.root / "file").c_str(), 04751) == 0);
    REQUIRE(::setxattr((upper.root / "file").c_str(), "security.capability",
                       "\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20, 0)
            == 0);
    REQUIRE(::setxattr((upper.root / "file").c_str(), "trusted.mine", "\0=\n", 3, 0) == 0);
    upper.date("file", {1234567890, 123456700});
    REQUIRE(::link((upper.root / "file").c_str(), (upper.root / "hard").c_str()) == 0);
    base::fs::create_symlink(long_name, upper.root / "soft");
    REQUIRE(::mknod((upper.root / "device").c_str(), S_IFBLK | 0640, makedev(7, 300)) == 0);
    REQUIRE(::mkfifo((upper.root / "pipe").c_str(), 0600) == 0);
    const std::string tar = upper.pack();

    const base::fs::path copy = upper.place.path() / "copy";
    base::make_dirs(copy);
    MemorySource source(tar);
    const base::UniqueFd directory = base::open_dir(copy);
    const UnpackResult unpacked = unpack(source, directory.get());
    CHECK(unpacked.entries == upper.result.entries);
    CHECK(unpacked.bytes == upper.result.bytes);
    CHECK(base::read_file(copy / long_name) == "x");
    CHECK(base::read_file(copy / "größe") == "utf-8");
    CHECK(base::fs::read_symlink(copy / "soft") == long_name);

    struct stat status {};

    REQUIRE(::lstat((copy / "file").c_str(), &status) == 0);
    CHECK(status.st_uid == 3000000);
    CHECK(status.st_gid == 4000000);
    CHECK((status.st_mode & 07777) == 04751);
    CHECK(status.st_mtim.tv_sec == 1234567890);
    CHECK(status.st_mtim.tv_nsec == 123456700);
    CHECK(status.st_nlink == 2);
    char value[64];
    CHECK(::getxattr((copy / "file").c_str(), "security.capability", value, sizeof value) == 20);
    CHECK(::getxattr((copy / "file").c_str(), "trusted.mine", value, sizeof value) == 3);
    REQUIRE(::lstat((copy / "device").c_str(), &status) == 0);
    CHECK(S_ISBLK(status.st_mode));
    CHECK(status.st_rdev == makedev(7, 300));
    REQUIRE(::lstat((copy / "pipe").c_str(), &status) == 0);
    CHECK(S_ISFIFO(status.st_mode));
}

TEST_CASE("a file that is younger than the given time gets it, in the archive and on the disk") {
    Upper upper;
    upper.write("old", "");
    upper.write("new", "");
    upper.date("new", {5000, 5});
    const auto all = members(upper.pack({.latest = 2000}));
    CHECK(all.at(0).mtime.tv_sec == 2000);
    CHECK(all.at(0).mtime.tv_nsec == 0);
    CHECK(all.at(1).mtime.tv_sec == 1000);

    struct stat status {};

    REQUIRE(::lstat((upper.root / "new").c_str(), &status) == 0);
    CHECK(status.st_mtim.tv_sec == 2000);
}

TEST_CASE("times before 1970 keep their fraction") {
    Upper upper;
    upper.write("file", "");
    upper.date("file", {-2, 250'000'000});
    const auto all = members(upper.pack());
    CHECK(all.at(0).mtime.tv_sec == -2);
    CHECK(all.at(0).mtime.tv_nsec == 250'000'000);
}

TEST_CASE("Owners in the archive are those the caller names", "[image][pack]") {
    Upper upper;
    upper.write("file", "x");
    base::make_dirs(upper.root / "directory");
    PackOptions options;
    options.owner = [](uid_t uid, gid_t gid) { return std::pair<uid_t, gid_t>(uid + 1000, gid + 2000); };
    for (const TarEntry &entry : members(upper.pack(options))) {
        CAPTURE(entry.name);
        CHECK(entry.uid == ::getuid() + 1000);
        CHECK(entry.gid == ::getgid() + 2000);
    }
}

TEST_CASE("A directory that the overlay renamed is no layer", "[image][pack]") {
    Upper upper;
    base::make_dirs(upper.root / "renamed");
    REQUIRE(::setxattr((upper.root / "renamed").c_str(), "trusted.overlay.redirect", "old", 3, 0) == 0);
    CHECK_THROWS_WITH(upper.pack(), Catch::Contains("renamed/ was renamed within the overlay"));
}

TEST_CASE("A file that changes while it is read keeps its size in the archive", "[image][pack]") {
    Upper upper;
    const std::string large(3 << 20, 'x');
    upper.write("a", large);
    upper.write("b", "after");
    std::vector<std::string> told;
    PackOptions options;
    SECTION("shorter: zeros") {
        const auto shrink = [&] { REQUIRE(::truncate((upper.root / "a").c_str(), 5) == 0); };
        options.on_change = [&](const std::string &sentence) { told.push_back(sentence); };
        const std::string tar = upper.pack(options, shrink);
        CHECK(names(tar) == std::vector<std::string>{"a", "b"});
        CHECK(tar.find("xxxxx" + std::string(large.size() - 5, '\0')) != std::string::npos);
        CHECK(told
              == std::vector<std::string>{"a became shorter while it was read: its last "
                                          + std::to_string(large.size() - 5) + " bytes are zeros"});
    }
    SECTION("shorter, where nobody may write: an error") {
        const auto shrink = [&] { REQUIRE(::truncate((upper.root / "a").c_str(), 5) == 0); };
        CHECK_THROWS_WITH(upper.pack(options, shrink), Catch::Contains("a became shorter"));
    }
    SECTION("longer: cut") {
        const std::string tar = upper.pack(options, [&] {
            const base::UniqueFd fd = base::open_file(upper.root / "a", O_WRONLY | O_APPEND);
            base::write_all(fd.get(), "more", "a");
        });
        CHECK(members(tar).at(0).size == large.size());
        CHECK(tar.find("more") == std::string::npos);
    }
    SECTION("removed before it was read: left out, its other names are not") {
        REQUIRE(::link((upper.root / "b").c_str(), (upper.root / "c").c_str()) == 0);
        const auto remove = [&] { REQUIRE(::unlink((upper.root / "b").c_str()) == 0); };
        options.on_change = [&](const std::string &sentence) { told.push_back(sentence); };
        const auto all = members(upper.pack(options, remove));
        REQUIRE(all.size() == 2);
        CHECK(all.at(1).name == "c");
        CHECK(all.at(1).type == TarType::file);
        CHECK(told == std::vector<std::string>{"b was removed before it was read"});
    }
}

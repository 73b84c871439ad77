// COPY and ADD of files, from directory to directory.
#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/build/content_digest.hpp"
#include "engine/build/copy_files.hpp"
#include "unit/image/fixtures.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <unistd.h>

using namespace build;
using Catch::Matchers::Contains;
using Texts = std::vector<std::string>;

namespace {

struct World {
    image::test::TemporaryDirectory place;
    base::fs::path context = place.path() / "context";
    base::fs::path root = place.path() / "root";
    std::string ignored;
    SourceTree::Owners owners = SourceTree::Owners::root;
    Texts excluded;

    World() {
        base::make_dirs(context);
        base::make_dirs(root);
    }

    void write(const std::string &path, std::string_view content = "x", mode_t mode = 0644) const {
        base::make_dirs((context / path).parent_path());
        base::write_file_atomic(context / path, content, mode);
    }

    [[nodiscard]] IgnoreRules rules(const std::string &text) const {
        base::Diagnostics diagnostics;
        return IgnoreRules(std::make_shared<base::Source>(base::Source{".dockerignore", text}), diagnostics);
    }

    [[nodiscard]] SourceTree tree() const {
        return SourceTree(base::open_dir(context), owners, rules(ignored), "the build context");
    }

    static std::vector<std::vector<Selected>> select(const SourceTree &tree, const Texts &sources) {
        std::vector<std::vector<Selected>> selected;
        for (const std::string &source : sources)
            selected.push_back(tree.select(source));
        return selected;
    }

    [[nodiscard]] IgnoreRules exclusions() const {
        base::Diagnostics diagnostics;
        return IgnoreRules(excluded, {}, diagnostics);
    }

    void copy(const Texts &sources, const std::string &destination, bool into = false,
              CopyStep step = {}) const {
        step.sources = sources;
        step.destination = destination;
        step.into_directory = into || sources.size() > 1;
        const SourceTree from = tree();
        const base::UniqueFd to = base::open_dir(root);
        std::vector<CopySource> each;
        for (const std::string &source : sources)
            each.push_back({&from, source, from.select(source), step.add && step.add->unpack.value_or(true)});
        copy_files(to.get(), step, each, exclusions(), file_rights(to.get(), step));
    }

    [[nodiscard]] std::string digest(const Texts &sources = {"."}) const {
        const SourceTree from = tree();
        StatCache cache;
        return content_digest(from, select(from, sources), exclusions(), cache);
    }

    // Every path below the root, sorted.
    [[nodiscard]] Texts found() const {
        Texts paths;
        for (const auto &entry : base::fs::recursive_directory_iterator(root))
            paths.push_back(base::fs::relative(entry.path(), root));
        std::sort(paths.begin(), paths.end());
        return paths;
    }

    [[nodiscard]] struct stat status(const std::string &path) const {
        struct stat status {};

        REQUIRE(::lstat((root / path).c_str(), &status) == 0);
        return status;
    }

    [[nodiscard]] std::string content(const std::string &path) const { return base::read_file(root / path); }
};

CopyStep add_step() {
    CopyStep step;
    step.add.emplace();
    return step;
}

} // namespace

TEST_CASE("a file goes to a path, or into a directory under its own name") {
    World world;
    world.write("a", "1");
    world.copy({"a"}, "/b");
    world.copy({"a"}, "/new", true);
    world.copy({"/a"}, "/new");
    CHECK(world.found() == Texts{"b", "new", "new/a"});
    CHECK(world.content("new/a") == "1");
}

TEST_CASE("of a directory the content is copied") {
    World world;
    world.write("dir/a");
    world.write("dir/sub/b");
    world.copy({"dir"}, "/to");
    world.copy({"dir/"}, "/into", true);
    CHECK(world.found()
          == Texts{"into", "into/a", "into/sub", "into/sub/b", "to", "to/a", "to/sub", "to/sub/b"});
}

TEST_CASE("files of a context belong to root and keep mode and time") {
    World world;
    world.write("dir/a", "x", 0750);
    REQUIRE(::chown((world.context / "dir/a").c_str(), 1000, 1000) == 0);
    const timespec times[2] = {{1000, 5}, {1000, 5}};
    REQUIRE(::utimensat(AT_FDCWD, (world.context / "dir/a").c_str(), times, 0) == 0);
    REQUIRE(::utimensat(AT_FDCWD, (world.context / "dir").c_str(), times, 0) == 0);
    world.copy({"."}, "/");
    const auto file = world.status("dir/a");
    CHECK(file.st_uid == 0);
    CHECK((file.st_mode & 07777) == 0750);
    CHECK(file.st_mtim.tv_sec == 1000);
    CHECK(file.st_mtim.tv_nsec == 5);
    CHECK(world.status("dir").st_mtim.tv_sec == 1000);
    world.owners = SourceTree::Owners::kept;
    world.copy({"dir/a"}, "/kept");
    CHECK(world.status("kept").st_uid == 1000);
}

TEST_CASE("--chown and --chmod hold for everything that is made") {
    World world;
    world.write("dir/a");
    base::make_dirs(world.root / "etc");
    base::write_file_atomic(world.root / "etc/passwd", "app:x:101:202::/:/bin/sh\n");
    CopyStep step;
    step.chown = "app";
    step.chmod = "700";
    world.copy({"dir"}, "/srv/app", false, step);
    for (const char *path : {"srv", "srv/app", "srv/app/a"}) {
        CHECK(world.status(path).st_uid == 101);
        CHECK(world.status(path).st_gid == 202);
    }
    CHECK((world.status("srv/app/a").st_mode & 07777) == 0700);
    step.chown = "1234";
    world.copy({"dir/a"}, "/number", false, step);
    CHECK(world.status("number").st_gid == 1234);
    step.chown = "nobody-here";
    CHECK_THROWS_WITH(world.copy({"dir/a"}, "/x", false, step), Contains("nobody-here"));
    step.chown.clear();
    step.chmod = "u=rwX,go=";
    base::make_dirs(world.context / "dir/sub");
    world.copy({"dir"}, "/x", false, step);
    CHECK((world.status("x/sub").st_mode & 07777) == 0700);
    CHECK((world.status("x/a").st_mode & 07777) == 0600);
}

TEST_CASE("of a directory its entries are copied, not its own mode and owner") {
    World world;
    world.owners = SourceTree::Owners::kept;
    world.write("dir/sub/a");
    for (const char *path : {"dir", "dir/sub"}) {
        CHECK(::chown((world.context / path).c_str(), 7, 8) == 0);
        CHECK(::chmod((world.context / path).c_str(), 0700) == 0);
    }
    world.copy({"dir"}, "/x");
    CHECK((world.status("x").st_mode & 07777) == 0755);
    CHECK(world.status("x").st_uid == 0);
    CHECK((world.status("x/sub").st_mode & 07777) == 0700);
    CHECK(world.status("x/sub").st_uid == 7);

    CopyStep step;
    step.chmod = "750";
    step.chown = "5:6";
    world.copy({"dir"}, "/y", false, step);
    CHECK((world.status("y").st_mode & 07777) == 0755);
    CHECK(world.status("y").st_uid == 5);
    CHECK((world.status("y/sub").st_mode & 07777) == 0750);
}

TEST_CASE("a file goes to where a link at its destination leads, also when nothing is there") {
    World world;
    world.write("file");
    base::make_dirs(world.root / "a");
    base::fs::create_symlink("/b/there", world.root / "a/absolute");
    base::fs::create_symlink("../b/relative", world.root / "a/link");
    base::fs::create_symlink("a/link", world.root / "chain");
    base::make_dirs(world.root / "b");
    world.copy({"file"}, "/a/absolute");
    world.copy({"file"}, "/chain");
    CHECK(S_ISREG(world.status("b/there").st_mode));
    CHECK(S_ISREG(world.status("b/relative").st_mode));
    CHECK(S_ISLNK(world.status("a/absolute").st_mode));
    base::fs::create_symlink("round", world.root / "round");
    CHECK_THROWS_WITH(world.copy({"file"}, "/round"), Contains("/round"));
}

TEST_CASE("patterns stand for what they match, which may be nothing") {
    World world;
    world.write("a.txt");
    world.write("b.txt");
    world.write("sub/c.txt");
    world.write("other/d.txt");
    world.copy({"*.txt"}, "/one", true);
    world.copy({"*/*.txt"}, "/two", true);
    world.copy({"nothing*"}, "/three", true);
    CHECK(world.found() == Texts{"one", "one/a.txt", "one/b.txt", "two", "two/c.txt", "two/d.txt"});
    CHECK_THROWS_WITH(world.copy({"*.txt"}, "/file"), Contains("several files"));
    CHECK_THROWS_WITH(world.copy({"missing"}, "/file"), Contains("\"missing\" is not in the build context"));
}

TEST_CASE("ignored files are not there, nor is what is excluded") {
    World world;
    world.write("a.log");
    world.write("keep/b");
    world.write("gone/c");
    world.write("gone/back/d");
    world.ignored = "*.log\ngone\n!gone/back\n";
    world.copy({"."}, "/all");
    CHECK(world.found()
          == Texts{"all", "all/gone", "all/gone/back", "all/gone/back/d", "all/keep", "all/keep/b"});
    CHECK_THROWS_WITH(world.copy({"a.log"}, "/x"), Contains("a.log"));
    world.excluded = {"keep"};
    world.copy({"."}, "/some");
    CHECK_FALSE(base::fs::exists(world.root / "some/keep"));
    CHECK(base::fs::exists(world.root / "some/gone/back/d"));
}

TEST_CASE("a link that is named is followed within the root, one below a directory is copied") {
    World world;
    world.write("real/a", "real");
    base::fs::create_symlink("real", world.context / "dir");
    base::fs::create_symlink("../../../etc/hostname", world.context / "out");
    base::fs::create_symlink("/real/a", world.context / "absolute");
    world.copy({"dir"}, "/d");
    world.copy({"absolute"}, "/file");
    CHECK(world.content("d/a") == "real");
    CHECK(world.content("file") == "real");
    CHECK_THROWS_WITH(world.copy({"out"}, "/x"), Contains("\"out\" is not in"));
    world.copy({"."}, "/all");
    CHECK(base::fs::read_symlink(world.root / "all/out") == "../../../etc/hostname");
}

TEST_CASE("links at the destination are followed, but never out of it") {
    World world;
    world.write("a", "new");
    base::make_dirs(world.root / "usr/bin");
    base::fs::create_symlink("usr/bin", world.root / "bin");
    base::fs::create_symlink("/usr/file", world.root / "link");
    base::write_file_atomic(world.root / "usr/file", "old");
    base::fs::create_symlink("../../../../..", world.root / "up");
    world.copy({"a"}, "/bin", true);
    world.copy({"a"}, "/link");
    world.copy({"a"}, "/up/b");
    CHECK(world.content("usr/bin/a") == "new");
    CHECK(world.content("usr/file") == "new");
    CHECK(base::fs::is_symlink(world.root / "link"));
    CHECK(world.content("b") == "new");
}

TEST_CASE("what is in the way gives way when it is of the same kind, and else is an error") {
    World world;
    world.write("file", "new");
    world.write("tree/x/y", "new");
    base::make_dirs(world.root / "dir/file");
    base::make_dirs(world.root / "tree");
    base::write_file_atomic(world.root / "tree/x", "a file");
    base::write_file_atomic(world.root / "plain", "old");
    world.copy({"file"}, "/plain");
    CHECK(world.content("plain") == "new");
    CHECK_THROWS_WITH(world.copy({"file"}, "/dir"), Contains("over the directory /dir/file"));
    CHECK_THROWS_WITH(world.copy({"tree"}, "/tree"), Contains("over /tree/x"));
    CHECK_THROWS_WITH(world.copy({"file"}, "/plain/below"), Contains("/plain is not a directory"));
}

TEST_CASE("--parents keeps the directories a source is named with") {
    World world;
    world.write("a/b/c");
    CopyStep step;
    step.parents = true;
    world.copy({"a/b/c"}, "/all", true, step);
    world.copy({"a/./b/c"}, "/some", true, step);
    CHECK(world.content("all/a/b/c") == "x");
    CHECK(world.content("some/b/c") == "x");
}

TEST_CASE("here-documents become files") {
    World world;
    CopyStep step;
    step.contents = {{"name", "text\n"}};
    world.copy({}, "/dir", true, step);
    world.copy({}, "/file", false, step);
    CHECK(world.content("dir/name") == "text\n");
    CHECK(world.content("file") == "text\n");
    CHECK((world.status("file").st_mode & 07777) == 0644);
}

TEST_CASE("ADD unpacks archives of the context unless told otherwise, and COPY does not") {
    World world;
    world.write("t.tar", image::test::TarBuilder().owner(5, 6).file("in/side", "1").finish());
    world.write("no.tar", "not an archive");
    world.copy({"t.tar", "no.tar"}, "/add", true, add_step());
    CHECK(world.found() == Texts{"add", "add/in", "add/in/side", "add/no.tar"});
    CHECK(world.status("add/in/side").st_uid == 5);
    CopyStep packed = add_step();
    packed.add->unpack = false;
    world.copy({"t.tar"}, "/packed/", true, packed);
    world.copy({"t.tar"}, "/copied/", true);
    CHECK(base::fs::exists(world.root / "packed/t.tar"));
    CHECK(base::fs::exists(world.root / "copied/t.tar"));
    world.write("evil.tar", image::test::TarBuilder().file("../../evil", "1").finish());
    CHECK_THROWS_AS(world.copy({"evil.tar"}, "/add", true, add_step()), base::Error);
}

TEST_CASE("hard links within one COPY stay links") {
    World world;
    world.write("a");
    base::fs::create_hard_link(world.context / "a", world.context / "b");
    world.copy({"."}, "/");
    CHECK(world.status("a").st_ino == world.status("b").st_ino);
}

TEST_CASE("the digest of a selection knows names, modes, content and links, and no times") {
    World world;
    world.write("a", "1");
    base::fs::create_symlink("a", world.context / "l");
    const std::string before = world.digest();
    const timespec times[2] = {{5, 0}, {5, 0}};
    REQUIRE(::utimensat(AT_FDCWD, (world.context / "a").c_str(), times, 0) == 0);
    REQUIRE(::chown((world.context / "a").c_str(), 7, 7) == 0);
    CHECK(world.digest() == before);

    REQUIRE(::chmod((world.context / "a").c_str(), 0600) == 0);
    const std::string mode = world.digest();
    CHECK(mode != before);
    world.write("a", "2", 0600);
    const std::string content = world.digest();
    CHECK(content != mode);
    base::fs::remove(world.context / "l");
    base::fs::create_symlink("b", world.context / "l");
    const std::string link = world.digest();
    CHECK(link != content);
    base::fs::rename(world.context / "a", world.context / "c");
    CHECK(world.digest() != link);
    const std::string all = world.digest();
    world.ignored = "c";
    CHECK(world.digest() != all);
    world.write("c", "changed");
    const std::string ignored = world.digest();
    world.write("c", "changed again");
    CHECK(world.digest() == ignored);
}

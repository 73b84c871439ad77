#include "base/digest.hpp"
#include "base/disk_usage.hpp"
#include "base/file.hpp"
#include "base/remove_tree.hpp"

#include <catch2/catch.hpp>

#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace {

struct Directory {
    fs::path path = fs::temp_directory_path() / ("compose-usage-" + base::random_hex(12));

    Directory() { base::make_dirs(path); }

    Directory(const Directory &) = delete;
    Directory &operator=(const Directory &) = delete;

    ~Directory() { base::remove_tree(path); }
};

std::int64_t du(const fs::path &path) {
    FILE *pipe = ::popen(("du -s --block-size=1 " + path.string()).c_str(), "r");
    long long bytes = -1;
    REQUIRE(std::fscanf(pipe, "%lld", &bytes) == 1);
    ::pclose(pipe);
    return bytes;
}

} // namespace

TEST_CASE("A tree takes what du says", "[disk usage]") {
    const Directory directory;
    base::make_dirs(directory.path / "a/b/c");
    base::write_file_atomic(directory.path / "a/file", std::string(100000, 'x'));
    base::write_file_atomic(directory.path / "a/b/empty", "");
    fs::create_hard_link(directory.path / "a/file", directory.path / "a/b/again");
    fs::create_symlink("/", directory.path / "a/root");
    const int sparse = ::open((directory.path / "sparse").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(::ftruncate(sparse, 1 << 30) == 0);
    ::close(sparse);
    CHECK(base::disk_usage(directory.path).value == du(directory.path));
    CHECK(base::disk_usage(directory.path).value < 1 << 30);
}

TEST_CASE("A file with names in two trees counts once", "[disk usage]") {
    const Directory directory;
    base::make_dirs(directory.path / "a");
    base::make_dirs(directory.path / "b");
    base::write_file_atomic(directory.path / "a/file", std::string(100000, 'x'));
    fs::create_hard_link(directory.path / "a/file", directory.path / "b/file");
    base::DiskUsage usage;
    const std::int64_t first = usage.add(directory.path / "a").value;
    const std::int64_t second = usage.add(directory.path / "b").value;
    CHECK(first - second >= 100000);
    CHECK(usage.total().value == first + second);
}

TEST_CASE("A tree may be deeper than a path is long", "[disk usage]") {
    const Directory directory;
    base::UniqueFd here = base::open_dir(directory.path);
    for (int i = 0; i < 3000; ++i) {
        REQUIRE(::mkdirat(here.get(), "deeper", 0755) == 0);
        here = base::open_dir_at(here.get(), "deeper");
    }
    CHECK(base::disk_usage(directory.path).value == du(directory.path));
}

TEST_CASE("What is missing takes nothing", "[disk usage]") {
    CHECK(base::disk_usage("/nonexistent/at/all").value == 0);
}

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/remove_tree.hpp"

#include <catch2/catch.hpp>

#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fcntl.h>

namespace {

base::fs::path new_place() {
    const char *top = std::getenv("COMPOSE_TEST_DIR");
    const base::fs::path place =
        base::fs::path(top != nullptr ? top : "/dev/shm") / ("remove-" + base::random_hex(12));
    base::make_dirs(place);
    return place;
}

void touch(const base::fs::path &path) {
    base::write_file_atomic(path, "x");
}

// Open descriptors of this process may not be above `most` while it lives.
class FewDescriptors {
  public:
    explicit FewDescriptors(rlim_t most) {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit few{most, before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &few);
    }

    ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

    FewDescriptors(const FewDescriptors &) = delete;
    FewDescriptors &operator=(const FewDescriptors &) = delete;

  private:
    rlimit before_{};
};

} // namespace

TEST_CASE("a tree is removed, and nothing that its links point at") {
    const base::fs::path place = new_place();
    base::make_dirs(place / "tree/sub/empty");
    base::make_dirs(place / "kept/sub");
    touch(place / "kept/file");
    touch(place / "tree/file");
    base::fs::create_symlink(place / "kept", place / "tree/sub/link");
    base::fs::create_symlink("nowhere", place / "tree/dangling");
    base::remove_tree(place / "tree");
    CHECK_FALSE(base::fs::exists(place / "tree"));
    CHECK(base::fs::exists(place / "kept/file"));
    CHECK(base::fs::exists(place / "kept/sub"));

    base::fs::create_symlink(place / "kept", place / "link");
    base::remove_tree(place / "link");
    CHECK_FALSE(base::fs::is_symlink(place / "link"));
    CHECK(base::fs::exists(place / "kept/file"));
    base::remove_tree(place / "kept/file");
    CHECK_FALSE(base::fs::exists(place / "kept/file"));
    CHECK_NOTHROW(base::remove_tree(place / "never was"));
    base::remove_tree(place);
    CHECK_FALSE(base::fs::exists(place));
}

TEST_CASE("a wide tree is removed") {
    const base::fs::path place = new_place();
    for (int number = 0; number < 40; ++number) {
        const base::fs::path directory = place / std::to_string(number);
        base::make_dirs(directory / "sub");
        for (int file = 0; file < 60; ++file) {
            touch(directory / std::to_string(file));
            touch(directory / "sub" / std::to_string(file));
        }
    }
    base::remove_tree(place);
    CHECK_FALSE(base::fs::exists(place));
}

TEST_CASE("a tree too deep for any path is removed with few descriptors") {
    const base::fs::path place = new_place();
    base::UniqueFd bottom = base::open_dir(place);
    for (int depth = 0; depth < 3000; ++depth) {
        base::check(::mkdirat(bottom.get(), "down", 0755), "create directory", "down");
        base::check(::mkdirat(bottom.get(), "aside", 0755), "create directory", "aside");
        bottom = base::open_dir_at(bottom.get(), "down");
    }
    bottom.reset();
    {
        const FewDescriptors few(1500);
        base::remove_tree(place);
    }
    CHECK_FALSE(base::fs::exists(place));
}

TEST_CASE("what cannot be removed is named") {
    CHECK_THROWS_WITH(base::remove_tree("/proc/self/attr/"), Catch::Contains("remove /proc/self/attr"));
}

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/remove_tree.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

TEST_CASE("a file is torn when a power cut left nothing or zeros of it") {
    CHECK(base::is_torn(""));
    CHECK(base::is_torn(std::string(4096, '\0')));
    CHECK_FALSE(base::is_torn("{"));
    CHECK_FALSE(base::is_torn(std::string("\0{", 2)));
}

TEST_CASE("the file systems of paths are synced, without what is gone") {
    const char *top = std::getenv("COMPOSE_TEST_DIR");
    const base::fs::path directory =
        base::fs::path(top != nullptr ? top : "/dev/shm") / ("file-" + base::random_hex(12));
    base::make_dirs(directory);
    base::write_file_atomic(directory / "file", "text");
    const std::vector<base::fs::path> some{directory / "gone", directory / "file", directory};
    CHECK_NOTHROW(base::sync_together(some));
    const std::vector<base::fs::path> impossible{directory / "file" / "below"};
    CHECK_THROWS_AS(base::sync_together(impossible), base::SystemError);
    base::remove_tree(directory);
}

#include "base/file.hpp"
#include "engine/build/stat_cache.hpp"
#include "unit/image/fixtures.hpp"

#include <catch2/catch.hpp>

using build::StatCache;

namespace {

const std::string digest(64, 'a');

struct stat status_of(std::int64_t seconds, std::int64_t size = 5) {
    struct stat status {};

    status.st_size = size;
    status.st_ino = 7;
    status.st_mtim.tv_sec = status.st_ctim.tv_sec = seconds;
    return status;
}

// How often the content had to be read.
struct Asked {
    explicit Asked(base::fs::path path) : file(std::move(path)) {}

    int operator()(const struct stat &status, const std::string &path = "a b\nc") const {
        StatCache cache(file);
        int reads = 0;
        CHECK(cache.digest(path, status, [&] { return ++reads, digest; }) == digest);
        cache.save();
        return reads;
    }

    base::fs::path file;
};

} // namespace

TEST_CASE("a file that has not changed is read once, by whatever build") {
    const image::test::TemporaryDirectory place;
    const Asked reads(place.path() / "contexts/cache");
    CHECK(reads(status_of(1000)) == 1);
    CHECK(reads(status_of(1000)) == 0);
    CHECK(reads(status_of(1000), "other") == 1);
    CHECK(reads(status_of(1000)) == 0);
}

TEST_CASE("size, times and inode each tell a change") {
    const image::test::TemporaryDirectory place;
    const Asked reads(place.path() / "cache");
    for (int field = 0; field < 4; ++field) {
        reads(status_of(1000));
        struct stat changed = status_of(1000);
        changed.st_size += field == 0;
        changed.st_mtim.tv_nsec += field == 1;
        changed.st_ctim.tv_nsec += field == 2;
        changed.st_ino += field == 3;
        CHECK(reads(changed) == 1);
    }
}

TEST_CASE("a file that changed just now is read again, for it may change once more unseen") {
    const image::test::TemporaryDirectory place;
    const Asked reads(place.path() / "cache");
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    CHECK(reads(status_of(now.tv_sec + 1)) == 1);
    CHECK(reads(status_of(now.tv_sec + 1)) == 1);
}

TEST_CASE("a damaged cache is an empty one") {
    const image::test::TemporaryDirectory place;
    const Asked reads(place.path() / "cache");
    reads(status_of(1000));
    const std::string whole = base::read_file(reads.file);
    for (const std::size_t size : {std::size_t{0}, std::size_t{5}, whole.size() - 1, whole.size() - 70}) {
        base::write_file_atomic(reads.file, whole.substr(0, size));
        CHECK(reads(status_of(1000)) == 1);
    }
}

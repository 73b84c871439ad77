#include "base/digest.hpp"
#include "base/remove_tree.hpp"
#include "engine/network/record_cache.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fcntl.h>

namespace {

using network::RecordCache;

// A file that is made old, so that no time passes in the test.
class RecordFile {
  public:
    ~RecordFile() { base::remove_tree(path); }

    void write(const std::string &text, std::int64_t seconds) const {
        base::write_file_atomic(path, text);
        const timespec times[2] = {{seconds, 0}, {seconds, 0}};
        REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
    }

    base::fs::path path =
        base::fs::path(std::getenv("COMPOSE_TEST_DIR") != nullptr ? std::getenv("COMPOSE_TEST_DIR")
                                                                  : "/dev/shm")
        / ("record-" + base::random_hex(12));
};

constexpr std::int64_t long_ago = 1000000000, far_ahead = 5000000000;

} // namespace

TEST_CASE("A record is parsed once as long as its file stays the same") {
    const RecordFile file;
    RecordCache<int> cache;
    int parsed = 0;
    const auto parse = [&](const base::Json &json, const std::string &) {
        ++parsed;
        return json.get<int>();
    };
    CHECK_FALSE(cache.read(file.path, parse).has_value());
    file.write("1", long_ago);
    CHECK(cache.read(file.path, parse) == 1);
    CHECK(cache.read(file.path, parse) == 1);
    CHECK(parsed == 1);
    file.write("2", long_ago + 1);
    CHECK(cache.read(file.path, parse) == 2);
    CHECK(parsed == 2);
    for (const std::string &torn : {std::string(), std::string(100, '\0')}) {
        file.write(torn, long_ago + 1);
        CHECK_FALSE(cache.read(file.path, parse).has_value());
    }
}

TEST_CASE("A record too young to be told from its successor is read each time") {
    const RecordFile file;
    RecordCache<int> cache;
    int parsed = 0;
    const auto parse = [&](const base::Json &json, const std::string &) {
        ++parsed;
        return json.get<int>();
    };
    file.write("1", far_ahead);
    CHECK(cache.read(file.path, parse) == 1);
    CHECK(cache.read(file.path, parse) == 1);
    CHECK(parsed == 2);
}

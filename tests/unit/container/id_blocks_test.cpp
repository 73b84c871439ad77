#include "base/digest.hpp"
#include "base/file.hpp"
#include "base/remove_tree.hpp"
#include "engine/container/id_blocks.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace container;

namespace {

constexpr std::uint32_t block = 65536;

bool overlaps(const IdMapping &map, const IdRange &range) {
    return range.first <= map.outside + (map.size - 1) && map.outside <= range.last;
}

} // namespace

TEST_CASE("a block of ids lies in the range for containers, and depends on the container alone") {
    std::set<std::uint32_t> seen;
    for (int number = 0; number < 100; ++number) {
        const std::string id = base::sha256_hex(std::to_string(number));
        const IdMapping map = choose_block(id, {});
        CHECK(map == choose_block(id, {}));
        CHECK(map.inside == 0);
        CHECK(map.size == block);
        CHECK(map.outside % block == 0);
        CHECK(map.outside >= 524288);
        CHECK(map.outside + (block - 1) <= 1878982655);
        seen.insert(map.outside);
    }
    CHECK(seen.size() > 90);
}

TEST_CASE("blocks of which the host uses an id are stepped over") {
    const std::string id(64, 'a');
    const IdMapping first = choose_block(id, {});
    const IdRange one_id{first.outside + 999, first.outside + 999};
    const IdMapping second = choose_block(id, {one_id});
    CHECK(second != first);
    CHECK_FALSE(overlaps(second, one_id));
    const IdRange across{second.outside - 5, second.outside};
    CHECK(choose_block(id, {one_id, across}) != second);
}

TEST_CASE("the search goes on at the lower end, and says when nothing is free") {
    const std::string id(64, 'b');
    const IdMapping last = choose_block(id, {{0, 1878982655 - block}});
    CHECK(last.outside == 1878982656 - block);
    const IdMapping lowest = choose_block(id, {{524288 + block, 4294967295}});
    CHECK(lowest.outside == 524288);
    CHECK_THROWS_WITH(choose_block(id, {{0, 4294967295}}),
                      Catch::Contains("no block of 65536 user ids is free"));
}

TEST_CASE("account files and ranges of subordinate ids are read, whatever else is in them") {
    CHECK(ids_of_accounts("root:x:0:0:root:/root:/bin/sh\n# a comment\nbroken\nbob:x:700000:1:::\n")
          == std::vector<IdRange>{{0, 0}, {700000, 700000}});
    CHECK(ids_of_subordinates("bob:600000:65536\nann:x:5\neve:1:0\nmax:4294967290:100\nend:5:1")
          == std::vector<IdRange>{{600000, 665535}, {4294967290, 4294967295}, {5, 5}});
}

TEST_CASE("ids are given to a container that wants its own, past what accounts and containers have") {
    const base::fs::path directory = "/dev/shm/id-blocks-" + base::random_hex(8);
    const base::Paths paths(directory / "state", directory / "run");
    base::make_dirs(directory / "etc");
    Spec spec;
    spec.id = std::string(64, 'c');
    give_ids(paths, spec, directory / "etc");
    CHECK(spec.namespaces.uid_map.empty());

    spec.namespaces.own_users = true;
    give_ids(paths, spec, directory / "etc");
    REQUIRE(spec.namespaces.uid_map.size() == 1);
    CHECK(spec.namespaces.gid_map == spec.namespaces.uid_map);
    const std::uint32_t first = spec.namespaces.uid_map.front().outside;

    base::write_file_atomic(directory / "etc/subgid", "bob:" + std::to_string(first) + ":1\n");
    give_ids(paths, spec, directory / "etc");
    CHECK(spec.namespaces.uid_map.front().outside != first);
    base::remove_tree(directory);
}

#include "engine/network/port_owner.hpp"

#include <catch2/catch.hpp>

TEST_CASE("Sockets that take a port are found in the kernel's table") {
    const char *table =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 00000000:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 "
        "100\n"
        "   1: 0100007F:1F40 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 222 1 0 "
        "100\n"
        "   2: 0100007F:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 333 1 0 "
        "100\n"
        "   3: 0100007F:1F40 0100007F:C002 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0 "
        "100\n";
    CHECK(network::socket_inodes(table, 8000, true) == std::set<std::uint64_t>{111});
    CHECK(network::socket_inodes(table, 8000, false) == std::set<std::uint64_t>{111, 222});
    CHECK(network::socket_inodes(table, 8001, true) == std::set<std::uint64_t>{333});
    CHECK(network::socket_inodes(table, 80, true).empty());
    CHECK(network::socket_inodes("", 80, true).empty());
}

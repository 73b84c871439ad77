#include "base/remove_tree.hpp"
#include "engine/network/records.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

TEST_CASE("What a killed writer of a record left is gone with the next change") {
    const char *scratch = std::getenv("COMPOSE_TEST_DIR");
    std::string place = std::string(scratch != nullptr ? scratch : "/dev/shm") + "/compose-records-XXXXXX";
    REQUIRE(::mkdtemp(place.data()) != nullptr);
    const base::Paths paths(base::fs::path(place) / "state", base::fs::path(place) / "run");
    const network::Records records(paths);
    const auto half = [&] { base::write_file_atomic(paths.networks() / "web.json.tmp.1", "{"); };
    network::Network network;
    network.spec.name = "web";

    base::make_dirs(paths.networks());
    half();
    records.save(network);
    CHECK(base::list_dir(paths.networks()) == std::vector<std::string>{"web.json"});
    half();
    records.remove_network("web");
    CHECK_FALSE(base::fs::exists(paths.networks()));
    base::remove_tree(place);
}

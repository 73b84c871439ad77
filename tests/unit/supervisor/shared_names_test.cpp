#include "base/file.hpp"
#include "base/json.hpp"
#include "scratch.hpp"
#include "supervisor/shared_names.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <fcntl.h>

using supervisor::SharedNames;

namespace {

// Answers with what a record of the network would hold.
class Records : public network::Host {
  public:
    std::map<std::string, network::Lease> leases;
    int read = 0;

    std::map<std::string, network::Lease> attached_of_others(const std::string &,
                                                             const std::string &) override {
        ++read;
        return leases;
    }

    network::Network ensure_network(const network::NetworkSpec &) override { return {}; }

    void remove_networks(const std::vector<std::string> &) override {}

    std::vector<network::Network> networks() override { return {}; }

    std::optional<network::Network> find_network(const std::string &) override { return {}; }

    bool in_use(const network::Network &) override { return false; }

    network::Endpoint attach(int, const std::string &, const network::EndpointSpec &) override { return {}; }

    void keep_address(const std::string &, const std::string &, const network::IpAddress &) override {}

    void detach(const network::Endpoint &, network::LinkRemoval) override {}

    void release_lease(const std::string &, const std::string &) override {}

    void setup_loopback(int) override {}

    void publish(const network::Publication &) override {}

    void unpublish(const std::string &) override {}

    std::vector<network::Publication> publications() override { return {}; }

    network::BoundSocket open_socket_in(int, network::SocketType, const std::string &,
                                        std::uint16_t) override {
        return {};
    }

    void redirect_dns(int, std::uint16_t, std::uint16_t) override {}
};

struct Shared : Scratch {
    base::Paths paths{path / "state", path / "run"};
    Records records;
    SharedNames names{paths, "shop", records};
    dns::Zone zone;
    dns::View view{.networks = {"shared"}, .links = {}, .servers = {}};
    int changes = 0;

    Shared() { base::make_dirs(paths.networks()); }

    // The record's file has changed, some seconds ago.
    void changed() {
        const auto file = paths.network("shared");
        base::write_file_atomic(file, "{}");
        const timespec times[2] = {{1000000000 + ++changes, 0}, {1000000000 + changes, 0}};
        REQUIRE(::utimensat(AT_FDCWD, file.c_str(), times, 0) == 0);
    }

    std::vector<std::string> ask(const std::string &name) {
        names.refresh(zone, view);
        std::vector<std::string> answers;
        for (const dns::Address &address :
             zone.find(view, *dns::Name::from_text(name), dns::Address::Family::v4).addresses)
            answers.push_back(address.text());
        return answers;
    }

    static network::Lease lease(const char *address) {
        return {*network::IpAddress::parse(address), "", std::string(64, 'b'), "link", "other-db-1", {"db"}};
    }
};

} // namespace

TEST_CASE("containers of other projects have their names here as long as their records say so") {
    Shared shared;
    CHECK(shared.ask("db").empty());
    shared.records.leases["other/db/1"] = Shared::lease("10.0.0.5");
    shared.changed();
    CHECK(shared.ask("db") == std::vector<std::string>{"10.0.0.5"});
    CHECK(shared.ask("other-db-1") == std::vector<std::string>{"10.0.0.5"});
    CHECK(shared.ask("bbbbbbbbbbbb") == std::vector<std::string>{"10.0.0.5"});
    shared.records.leases["other/db/1"] = Shared::lease("10.0.0.6");
    shared.changed();
    CHECK(shared.ask("db") == std::vector<std::string>{"10.0.0.6"});
    shared.records.leases.clear();
    shared.changed();
    CHECK(shared.ask("db").empty());
}

TEST_CASE("a record is read once for each change of its file") {
    Shared shared;
    shared.changed();
    for (int i = 0; i < 5; ++i)
        (void)shared.ask("db");
    CHECK(shared.records.read == 1);
    shared.changed();
    (void)shared.ask("db");
    CHECK(shared.records.read == 2);
}

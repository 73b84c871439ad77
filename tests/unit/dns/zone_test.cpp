#include "dns/zone.hpp"

#include <catch2/catch.hpp>

using namespace dns;
using Kind = Lookup::Kind;

namespace {

const std::string web_id = "aaaabbbbcccc" + std::string(52, '1');
const std::string db1_id = "ddddeeeeffff" + std::string(52, '2');
const std::string db2_id = "eeeeffff0000" + std::string(52, '3');

Address address(std::string_view text) {
    return *Address::from_text(text);
}

View view_of(std::vector<std::string> networks) {
    View view;
    view.networks = std::move(networks);
    return view;
}

const View front = view_of({"p_front"});
const View back = view_of({"p_back"});

struct Fixture {
    Zone zone;

    Fixture() {
        zone.publish({"p_front", web_id, "p-web-1", {"web", "www"}, {address("10.0.1.2")}});
        zone.publish({"p_back", web_id, "p-web-1", {"web", "app"}, {address("10.0.2.2")}});
        zone.publish({"p_back", db1_id, "p-db-1", {"db"}, {address("10.0.2.3"), address("fd00::3")}});
        zone.publish({"p_back", db2_id, "p-db-2", {"db"}, {address("10.0.2.4")}});
    }

    std::vector<std::string> v4(const View &view, std::string_view name) {
        std::vector<std::string> texts;
        for (const Address &found : zone.find(view, *Name::from_text(name), Address::Family::v4).addresses)
            texts.push_back(found.text());
        return texts;
    }

    Kind kind(const View &view, std::string_view name, Address::Family family = Address::Family::v4) {
        return zone.find(view, *Name::from_text(name), family).kind;
    }
};

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE_METHOD(Fixture, "a container answers to service, container name, alias and short id") {
    for (const char *name :
         {"web", "p-web-1", "www", "aaaabbbbcccc", "WEB", "web.", "web.p_front", "WWW.P_Front."})
        CHECK(v4(front, name) == Texts{"10.0.1.2"});
    CHECK(kind(front, "web.p_back") == Kind::unknown);
    CHECK(kind(front, "nobody") == Kind::unknown);
}

TEST_CASE_METHOD(Fixture, "an alias belongs to its network") {
    CHECK(kind(front, "app") == Kind::unknown);
    CHECK(kind(back, "www") == Kind::unknown);
    CHECK(v4(back, "app") == Texts{"10.0.2.2"});
    CHECK(kind(front, "db") == Kind::unknown);
}

TEST_CASE_METHOD(Fixture, "the first network of the view that knows the name answers") {
    CHECK(v4(view_of({"p_front", "p_back"}), "web") == Texts{"10.0.1.2"});
    CHECK(v4(view_of({"p_back", "p_front"}), "web") == Texts{"10.0.2.2"});
    CHECK(v4(view_of({"nothing", "p_front", "p_back"}), "db").size() == 2);
    CHECK(kind(View{}, "web") == Kind::unknown);
}

TEST_CASE_METHOD(Fixture, "replicas take turns at the front, whatever questions come between") {
    CHECK(v4(back, "db") == Texts{"10.0.2.3", "10.0.2.4"});
    CHECK(kind(back, "db", Address::Family::v6) == Kind::found);
    CHECK(v4(back, "db") == Texts{"10.0.2.4", "10.0.2.3"});
    CHECK(v4(back, "web") == Texts{"10.0.2.2"});
    CHECK(v4(back, "db") == Texts{"10.0.2.3", "10.0.2.4"});
}

TEST_CASE_METHOD(Fixture, "the other family of a known name is found, and empty") {
    CHECK(kind(front, "web", Address::Family::v6) == Kind::found);
    CHECK(zone.find(front, *Name::from_text("web"), Address::Family::v6).addresses.empty());
    CHECK(zone.find(back, *Name::from_text("db"), Address::Family::v6).addresses
          == std::vector<Address>{address("fd00::3")});
    CHECK(zone.find(back, *Name::from_text("p-db-1"), std::nullopt).addresses.size() == 2);
}

TEST_CASE_METHOD(Fixture, "a withdrawn container leaves every network, or the one named") {
    zone.withdraw(db1_id);
    CHECK(v4(back, "db") == Texts{"10.0.2.4"});
    CHECK(kind(back, "p-db-1") == Kind::unknown);
    zone.withdraw(web_id, "p_front");
    CHECK(kind(front, "web") == Kind::unknown);
    CHECK(v4(back, "web") == Texts{"10.0.2.2"});
    zone.withdraw(web_id);
    CHECK(kind(back, "web") == Kind::unknown);
    zone.withdraw("nobody");
}

TEST_CASE_METHOD(Fixture, "publishing again replaces names and addresses") {
    zone.publish({"p_front", web_id, "p-web-1", {"web"}, {address("10.0.1.9")}});
    CHECK(v4(front, "web") == Texts{"10.0.1.9"});
    CHECK(kind(front, "www") == Kind::unknown);
    CHECK_FALSE(zone.name_of(front, address("10.0.1.2")));
}

TEST_CASE_METHOD(Fixture, "an address leads to its container on a network of the view") {
    CHECK(zone.name_of(front, address("10.0.1.2"))->text() == "p-web-1.p_front");
    CHECK(zone.name_of(back, address("fd00::3"))->text() == "p-db-1.p_back");
    CHECK_FALSE(zone.name_of(front, address("10.0.2.3")));
    zone.withdraw(web_id);
    CHECK_FALSE(zone.name_of(front, address("10.0.1.2")));
}

TEST_CASE_METHOD(Fixture, "a declared name is known while nobody answers to it") {
    zone.declare("p_front", "cache", Standing::stopped);
    CHECK(kind(front, "Cache") == Kind::stopped);
    CHECK(kind(front, "cache.p_front") == Kind::stopped);
    CHECK(kind(back, "cache") == Kind::unknown);
    zone.declare("p_front", "cache", Standing::expected);
    CHECK(kind(front, "cache") == Kind::expected);
    zone.publish({"p_front", db1_id, "p-cache-1", {"cache"}, {address("10.0.1.5")}});
    CHECK(kind(front, "cache") == Kind::found);
    zone.withdraw(db1_id);
    CHECK(kind(front, "cache") == Kind::expected);
    zone.forget("p_front", "cache");
    CHECK(kind(front, "cache") == Kind::unknown);
}

TEST_CASE_METHOD(Fixture, "forgetting a declaration keeps what is published") {
    zone.declare("p_front", "web", Standing::stopped);
    zone.forget("p_front", "web");
    zone.forget("p_front", "never-declared");
    zone.forget("no-network", "web");
    CHECK(kind(front, "web") == Kind::found);
}

TEST_CASE_METHOD(Fixture, "names that are no domain names are left out") {
    zone.publish(
        {"p_front", db1_id, "p-odd-1", {"", "a..b", std::string(64, 'x'), "fine"}, {address("10.0.1.6")}});
    CHECK(v4(front, "fine") == Texts{"10.0.1.6"});
    zone.declare("p_front", "a..b", Standing::stopped);
    zone.withdraw(db1_id);
    CHECK(kind(front, "fine") == Kind::unknown);
}

TEST_CASE("a network whose name is no domain name still resolves plain names") {
    Zone zone;
    zone.publish({"odd..network", web_id, "p-web-1", {"web"}, {address("10.0.1.2")}});
    CHECK(zone.find(view_of({"odd..network"}), *Name::from_text("web"), {}).kind == Kind::found);
    CHECK_FALSE(zone.name_of(view_of({"odd..network"}), address("10.0.1.2")));
}

#include "dns/address.hpp"
#include "dns/resolv_conf.hpp"

#include <catch2/catch.hpp>

using namespace dns;

namespace {

std::optional<Address> reverse(std::string_view text) {
    const auto name = Name::from_text(text);
    REQUIRE(name);
    return Address::from_reverse_name(*name);
}

std::vector<std::string> servers(std::string_view text) {
    std::vector<std::string> result;
    for (const ServerAddress &server : parse_resolv_conf(text)) {
        CHECK(server.port == 53);
        result.push_back(server.address.text());
    }
    return result;
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("addresses of both families are read and printed") {
    CHECK(Address::from_text("10.1.2.3")->text() == "10.1.2.3");
    CHECK(Address::from_text("10.1.2.3")->bytes().size() == 4);
    CHECK(Address::from_text("FD00:0::1")->text() == "fd00::1");
    CHECK(Address::from_text("fd00::1")->bytes().size() == 16);
    CHECK_FALSE(Address::from_text("10.1.2"));
    CHECK_FALSE(Address::from_text("10.1.2.3/24"));
    CHECK_FALSE(Address::from_text("fe80::1%eth0"));
    CHECK_FALSE(Address::from_text(""));
}

TEST_CASE("reverse names lead to their address and back") {
    CHECK(reverse("3.2.1.10.IN-ADDR.arpa")->text() == "10.1.2.3");
    CHECK(Address::from_text("10.1.2.3")->reverse_name().text() == "3.2.1.10.in-addr.arpa");
    const Address v6 = *Address::from_text("fd00::12");
    CHECK(v6.reverse_name().text()
          == "2.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa");
    CHECK(Address::from_reverse_name(v6.reverse_name()) == v6);
}

TEST_CASE("names that are no reverse names lead nowhere") {
    CHECK_FALSE(reverse("2.1.10.in-addr.arpa"));
    CHECK_FALSE(reverse("256.2.1.10.in-addr.arpa"));
    CHECK_FALSE(reverse("3x.2.1.10.in-addr.arpa"));
    CHECK_FALSE(reverse("3.2.1.10.in-addr.example"));
    CHECK_FALSE(reverse("2.1.ip6.arpa"));
    CHECK_FALSE(reverse("arpa"));
}

TEST_CASE("resolv.conf gives its first three servers") {
    CHECK(servers("# comment\nsearch lan\nnameserver 10.0.0.1\nnameserver\tfd00::1 \n"
                  "nameserver 10.0.0.3\nnameserver 10.0.0.4")
          == Texts{"10.0.0.1", "fd00::1", "10.0.0.3"});
    CHECK(servers("nameserver fe80::1%eth0\nnameserver 10.0.0.2\r\n") == Texts{"10.0.0.2"});
    CHECK(servers("; nameserver 10.0.0.1\n#nameserver 10.0.0.2\nnameservers 10.0.0.3\n")
          == Texts{"127.0.0.1"});
    CHECK(servers("") == Texts{"127.0.0.1"});
}

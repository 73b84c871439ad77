#include "base/error.hpp"
#include "engine/container/network_files.hpp"

#include <catch2/catch.hpp>

using namespace container;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;

namespace {

Spec web() {
    Spec spec;
    spec.hostname = "web";
    return spec;
}

constexpr const char *host_conf =
    "# comment\nnameserver 10.0.0.53\nnameserver 10.0.0.54\nsearch corp.example\n"
    "options timeout:2\n";

} // namespace

TEST_CASE("hosts has Docker's fixed lines, the extra hosts and the own addresses") {
    Spec spec = web();
    spec.domainname = "example.org";
    spec.extra_hosts = {{"foo", "1.2.3.4"}, {"hg", "host-gateway"}, {"six", "::1"}};
    CHECK(hosts_text(spec, "10.1.0.1", "ignored", {{"10.1.0.2", own_names(spec)}, {"fd00::2", {"web"}}})
          == "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n"
             "ff00::0\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n"
             "1.2.3.4\tfoo\n10.1.0.1\thg\n::1\tsix\n10.1.0.2\tweb.example.org web\nfd00::2\tweb\n");
    CHECK_THROWS_WITH(hosts_text(spec, "", "", {}), Contains("host-gateway has no address"));
}

TEST_CASE("containers of the host's network get the host's files") {
    Spec spec = web();
    spec.namespaces.network.kind = NamespaceMode::Kind::host;
    spec.extra_hosts = {{"foo", "1.2.3.4"}};
    CHECK(hosts_text(spec, "", "127.0.0.1 localhost", {}) == "127.0.0.1 localhost\n1.2.3.4\tfoo\n");
    CHECK_THAT(
        resolv_conf_text(spec, host_conf),
        EndsWith("nameserver 10.0.0.53\nnameserver 10.0.0.54\nsearch corp.example\noptions timeout:2\n"));
    spec.dns = {"9.9.9.9"};
    spec.dns_search = {"."};
    CHECK_THAT(resolv_conf_text(spec, host_conf), EndsWith("nameserver 9.9.9.9\noptions timeout:2\n"));
}

TEST_CASE("containers of their own network ask the embedded resolver") {
    Spec spec = web();
    CHECK_THAT(resolv_conf_text(spec, host_conf),
               EndsWith("nameserver 127.0.0.11\nsearch corp.example\noptions timeout:2 ndots:0\n"));
    CHECK_THAT(resolv_conf_text(spec, ""), EndsWith("nameserver 127.0.0.11\noptions ndots:0\n"));
    spec.dns = {"9.9.9.9"};
    spec.dns_search = {"a.example", "b.example"};
    spec.dns_options = {"ndots:3", "rotate"};
    CHECK_THAT(resolv_conf_text(spec, host_conf),
               EndsWith("nameserver 127.0.0.11\nsearch a.example b.example\noptions ndots:3 rotate\n"));
}

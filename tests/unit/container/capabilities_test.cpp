#include "base/error.hpp"
#include "engine/container/capabilities.hpp"

#include <catch2/catch.hpp>

using namespace container;

namespace {

CapabilitySet resolve(CapabilityRequest request) {
    std::vector<std::string> warnings;
    return resolve_capabilities(request, all_capabilities(), warnings);
}

} // namespace

TEST_CASE("the default set is Docker's") {
    CHECK(default_capabilities().bits() == 0xa80425fbULL);
    CHECK(resolve({}) == default_capabilities());
    CHECK(default_capabilities().names().size() == 14);
    CHECK(default_capabilities().names().front() == "CAP_CHOWN");
    CHECK(all_capabilities().bits() == 0x1ffffffffffULL);
}

TEST_CASE("capability names in every spelling") {
    CHECK(find_capability("NET_ADMIN") == 12);
    CHECK(find_capability("CAP_NET_ADMIN") == 12);
    CHECK(find_capability("cap_net_admin") == 12);
    CHECK(find_capability("checkpoint_restore") == 40);
    CHECK_FALSE(find_capability("NET"));
    CHECK_FALSE(find_capability(""));
}

TEST_CASE("add and drop follow Docker's rules") {
    CHECK(resolve({{"SYS_TIME"}, {}, false}).has(25));
    CHECK_FALSE(resolve({{}, {"CHOWN"}, false}).has(0));
    CHECK(resolve({{}, {"ALL"}, false}) == CapabilitySet());
    CHECK(resolve({{"NET_RAW"}, {"all"}, false}) == CapabilitySet(1 << 13));
    CHECK(resolve({{"ALL"}, {}, false}) == all_capabilities());
    CHECK(resolve({{"ALL"}, {"SYS_ADMIN"}, false}).bits() == (all_capabilities().bits() & ~(1ULL << 21)));
    CHECK(resolve({{"CHOWN"}, {"CHOWN"}, false}).has(0));
    CHECK(resolve({{}, {"CHOWN"}, true}) == all_capabilities());
}

TEST_CASE("a misspelt capability is answered with the nearest") {
    try {
        (void)resolve({{"NET_ADMN"}, {}, false});
        FAIL("accepted");
    } catch (const base::Error &error) {
        CHECK_THAT(error.what(), Catch::Contains("NET_ADMN"));
        CHECK(error.hint() == "did you mean NET_ADMIN?");
    }
    try {
        (void)resolve({{}, {"xyzzy"}, false});
        FAIL("accepted");
    } catch (const base::Error &error) {
        CHECK_THAT(error.hint(), Catch::Contains("capabilities(7)"));
    }
}

TEST_CASE("what this process has not is warned about only when asked for by name") {
    auto available = all_capabilities();
    available.remove(24); // SYS_RESOURCE
    available.remove(0);  // CHOWN
    std::vector<std::string> warnings;
    const auto granted = resolve_capabilities({{"SYS_RESOURCE"}, {}, false}, available, warnings);
    CHECK_FALSE(granted.has(24));
    CHECK_FALSE(granted.has(0));
    REQUIRE(warnings.size() == 1);
    CHECK_THAT(warnings[0], Catch::Contains("CAP_SYS_RESOURCE"));
    warnings.clear();
    CHECK_FALSE(resolve_capabilities({{"ALL"}, {}, false}, available, warnings).has(24));
    CHECK_FALSE(resolve_capabilities({{}, {}, true}, available, warnings).has(24));
    CHECK(warnings.empty());
}

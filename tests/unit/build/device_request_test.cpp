#include "base/file.hpp"
#include "engine/build/device_request.hpp"
#include "unit/build/parsing.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace build;
using Texts = std::vector<std::string>;

namespace {

DeviceRequest parsed(const std::string &text) {
    base::Diagnostics diagnostics;
    const DeviceRequest request = parse_device({text, {}}, diagnostics);
    CHECK_FALSE(diagnostics.has_errors());
    return request;
}

} // namespace

TEST_CASE("RUN --device has a name, and says whether it is required") {
    CHECK(parsed("v.com/c=X").name == "v.com/c=X");
    CHECK_FALSE(parsed("v.com/c=x").required);
    CHECK(parsed("v.com/c,required").required == true);
    CHECK(parsed("required,name=v.com/c=x").name == "v.com/c=x");
    CHECK(parsed("v.com/c=*,required=false").required == false);
    CHECK(test::Parsed(
              "FROM scratch\nRUN --device=a,b x\nRUN --device=a,required=maybe x\nRUN --device=required x")
              .errors()
          == Texts{"2:5 a device has no option \"b\"", "3:5 \"maybe\" is no value of required",
                   "4:5 the device has no name"});
}

TEST_CASE("RUN --device means a device, the first or all of a kind, or those of a class") {
    std::string directory = (base::fs::temp_directory_path() / "cdi-test-XXXXXX").string();
    REQUIRE(::mkdtemp(directory.data()) != nullptr);
    base::write_file_atomic(base::fs::path(directory) / "a.json", R"({
        "cdiVersion": "0.6.0", "kind": "v.com/c", "devices": [
          {"name": "b", "annotations": {"org.mobyproject.buildkit.device.class": "big"}},
          {"name": "a"}, {"name": "c", "annotations": {"org.mobyproject.buildkit.device.class": "big"}}]})");
    const container::CdiRegistry registry({directory});
    CHECK(chosen_devices("v.com/c=b", registry) == Texts{"v.com/c=b"});
    CHECK(chosen_devices("v.com/c", registry) == Texts{"v.com/c=a"});
    CHECK(chosen_devices("v.com/c=*", registry) == Texts{"v.com/c=a", "v.com/c=b", "v.com/c=c"});
    CHECK(chosen_devices("v.com/c=big", registry) == Texts{"v.com/c=b", "v.com/c=c"});
    CHECK(chosen_devices("v.com/c=none", registry).empty());
    CHECK(chosen_devices("v.com/other", registry).empty());
    base::fs::remove_all(directory);
}

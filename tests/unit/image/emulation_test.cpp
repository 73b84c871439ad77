#include "engine/image/emulation.hpp"

#include <catch2/catch.hpp>

using namespace image;

namespace {

const std::string arm64 = "enabled\n"
                          "interpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P\n"
                          "flags: POCF\n"
                          "offset 0\n"
                          "magic 7f454c460201010000000000000000000200b700\n"
                          "mask ffffffffffffff00fffffffffffffffffeffffff\n";
const std::string s390x = "enabled\ninterpreter /usr/bin/qemu-s390x-static\nflags: F\noffset 0\n"
                          "magic 7f454c4602020100000000000000000000020016\n"
                          "mask ffffffffffffff00fffffffffffffffffffeffff\n";

bool has(const std::string &record, const char *platform) {
    return interprets(record, elf_header(Platform::parse(platform)));
}

} // namespace

TEST_CASE("A record of binfmt_misc is for the programs its magic matches", "[image][emulation]") {
    CHECK(has(arm64, "linux/arm64"));
    CHECK_FALSE(has(arm64, "linux/amd64"));
    CHECK_FALSE(has(arm64, "linux/arm"));
    CHECK(has(s390x, "linux/s390x"));
    CHECK_FALSE(has(s390x, "linux/arm64"));
    CHECK(has("enabled\noffset 1\nmagic 454c46\n", "linux/riscv64"));
}

TEST_CASE("A record that is disabled, for names or damaged means no program", "[image][emulation]") {
    std::string disabled = arm64;
    disabled.replace(0, 7, "disabled");
    CHECK_FALSE(has(disabled, "linux/arm64"));
    for (const char *record :
         {"", "enabled", "enabled\nextension .exe\n", "enabled\noffset 0\nmagic zz\n",
          "enabled\noffset 99\nmagic 7f\n", "enabled\noffset 0\nmagic 7f45\nmask ff\n"}) {
        CAPTURE(record);
        CHECK_FALSE(has(record, "linux/arm64"));
    }
}

TEST_CASE("A machine runs what is built for it", "[image][emulation]") {
    CHECK(can_run(Platform::host()));
    CHECK(can_run({"linux", "never-heard-of", ""}));
    CHECK_FALSE(can_run({"windows", "amd64", ""}));
    CHECK(elf_header({"linux", "never-heard-of", ""}).empty());
    CHECK(emulation_hint(Platform::parse("linux/arm64")).find("qemu-user-static") != std::string::npos);
}

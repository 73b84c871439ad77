#include "base/error.hpp"
#include "engine/container/seccomp.hpp"
#include "filter_interpreter.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace container;
using filter_interpreter::allow;
using filter_interpreter::denied;
using filter_interpreter::i386;
using filter_interpreter::missing;
using filter_interpreter::run;
using filter_interpreter::x32;
using filter_interpreter::x86_64;

namespace {

// "0-2 7": every number up to 600 with this answer.
std::string numbers(const SeccompProgram &program, std::uint32_t arch, std::uint32_t base,
                    std::uint32_t answer) {
    std::ostringstream text;
    for (std::uint32_t number = 0; number < 600; ++number) {
        if (run(program, arch, base + number) != answer)
            continue;
        const auto first = number;
        while (number < 599 && run(program, arch, base + number + 1) == answer)
            ++number;
        text << (first != 0 ? " " : "") << first;
        if (number != first)
            text << '-' << number;
    }
    return text.str();
}

SeccompProfile with_rule(const std::string &rule, const std::string &default_action = "SCMP_ACT_ERRNO") {
    return parse_seccomp_profile(
        R"({"defaultAction": ")" + default_action
            + R"(", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"], "syscalls": [)" + rule + "]}",
        "test.json");
}

constexpr std::uint32_t uname_call = 63;

} // namespace

// The expected numbers were read from the filter of a container started by Docker 26.1.
TEST_CASE("the default profile answers every system call as Docker's does") {
    const auto program = compile_seccomp(default_seccomp_profile(), default_capabilities());
    CHECK(numbers(program, x86_64, 0, allow)
          == "0-102 104-133 135 137-138 140-152 154 157-162 186-211 213-226 228-235 240-245 247 251-255 "
             "257-271 "
             "273-278 280-297 299 301-303 305-307 309-311 314-319 322 324-334 424 434 436-437 439 441 "
             "444-449 451-456");
    CHECK(numbers(program, x86_64, 0, missing) == " 435 457-599");
    CHECK(numbers(program, i386, 0, allow)
          == "0-16 19-20 23-24 26-27 29-30 33 36-43 45-47 49-50 54-55 57 60-61 63-66 70-71 75-78 80-83 85 "
             "90-97 99-100 "
             "102 104-108 114 116-120 122-126 132-133 136 138-148 150-165 168 170-187 190-216 218-221 "
             "224-250 252 "
             "254-263 265-272 277-282 284 289-293 295-309 311-316 318-335 337 339-341 343-345 347-348 "
             "351-356 358-373 "
             "375-386 393-403 405-414 416-424 434 436-437 439 441 444-449 451-456");
    CHECK(numbers(program, x32, 0x40000000, missing) == " 435 548-599");
    CHECK(run(program, 0xc00000b7, 0) == 0); // another processor's: killed
}

TEST_CASE("the default profile with CAP_SYS_ADMIN and without anything") {
    auto capabilities = default_capabilities();
    capabilities.add(*find_capability("SYS_ADMIN"));
    const auto admin = compile_seccomp(default_seccomp_profile(), capabilities);
    constexpr std::uint32_t clone3 = 435;
    constexpr std::uint32_t mount = 165;
    constexpr std::uint32_t chroot = 161;
    CHECK(run(admin, x86_64, clone3) == allow);
    CHECK(run(admin, x86_64, mount) == allow);
    CHECK(run(admin, x86_64, 56, {0x10000000}) == allow);
    const auto nothing = compile_seccomp(default_seccomp_profile(), CapabilitySet());
    CHECK(run(nothing, x86_64, clone3) == missing);
    CHECK(run(nothing, x86_64, mount) == denied);
    CHECK(run(nothing, x86_64, chroot) == denied);
}

TEST_CASE("arguments that the default profile looks at") {
    const auto program = compile_seccomp(default_seccomp_profile(), default_capabilities());
    constexpr std::uint32_t socket = 41;
    constexpr std::uint32_t clone = 56;
    constexpr std::uint32_t personality = 135;
    CHECK(run(program, x86_64, socket, {2}) == allow);
    CHECK(run(program, x86_64, socket, {40}) == denied); // AF_VSOCK
    CHECK(run(program, i386, 359, {40}) == denied);
    CHECK(run(program, x86_64, clone, {0x11}) == allow);
    for (const std::uint64_t flag :
         {0x20000U, 0x2000000U, 0x4000000U, 0x8000000U, 0x10000000U, 0x20000000U, 0x40000000U})
        CHECK(run(program, x86_64, clone, {flag}) == denied);
    for (const std::uint64_t persona : {0x0U, 0x8U, 0x20000U, 0x20008U, 0xffffffffU})
        CHECK(run(program, x86_64, personality, {persona}) == allow);
    CHECK(run(program, x86_64, personality, {0x40000}) == denied);
    CHECK(run(program, x86_64, personality, {0xffffffffffffffff}) == denied);
}

TEST_CASE("every operator compares as 64 bits") {
    const std::uint64_t big = 0x1'0000'0005;
    const auto answers = [&](const std::string &op, std::uint64_t value) {
        const auto program = compile_seccomp(
            with_rule(R"({"names": ["uname"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 2, "value": )"
                      + std::to_string(value) + R"(, "valueTwo": 0, "op": ")" + op + R"("}]})"),
            CapabilitySet());
        std::string text;
        for (const std::uint64_t argument :
             {std::uint64_t{5}, big - 1, big, big + 1, std::uint64_t{0x2'0000'0000}})
            text += run(program, x86_64, uname_call, {0, 0, argument}) == allow ? 'y' : '-';
        return text;
    };
    CHECK(answers("SCMP_CMP_EQ", big) == "--y--");
    CHECK(answers("SCMP_CMP_NE", big) == "yy-yy");
    CHECK(answers("SCMP_CMP_LT", big) == "yy---");
    CHECK(answers("SCMP_CMP_LE", big) == "yyy--");
    CHECK(answers("SCMP_CMP_GE", big) == "--yyy");
    CHECK(answers("SCMP_CMP_GT", big) == "---yy");
    CHECK(answers("SCMP_CMP_MASKED_EQ", 0x1'0000'0000) == "y---y");
}

TEST_CASE("conditions on two arguments must both hold, on one they are alternatives") {
    const auto both = compile_seccomp(with_rule(R"({"names": ["uname"], "action": "SCMP_ACT_ALLOW", "args": [
        {"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": 1, "value": 2, "op": "SCMP_CMP_EQ"}]})"),
                                      CapabilitySet());
    CHECK(run(both, x86_64, uname_call, {1, 2}) == allow);
    CHECK(run(both, x86_64, uname_call, {1, 3}) == denied);
    const auto either =
        compile_seccomp(with_rule(R"({"names": ["uname"], "action": "SCMP_ACT_ALLOW", "args": [
        {"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 2, "op": "SCMP_CMP_EQ"}]})"),
                        CapabilitySet());
    CHECK(run(either, x86_64, uname_call, {1}) == allow);
    CHECK(run(either, x86_64, uname_call, {2}) == allow);
    CHECK(run(either, x86_64, uname_call, {3}) == denied);
}

TEST_CASE("a profile that only denies lets new system calls through, and has no i386 back door") {
    const auto program = compile_seccomp(
        with_rule(R"({"names": ["socket", "semop"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13})",
                  "SCMP_ACT_ALLOW"),
        CapabilitySet());
    constexpr std::uint32_t access_denied = 0x0005000d;
    CHECK(run(program, x86_64, 590) == allow);
    CHECK(run(program, x86_64, 41) == access_denied);
    CHECK(run(program, i386, 359) == access_denied);
    CHECK(run(program, i386, 102, {1}) == access_denied); // socketcall(SYS_SOCKET)
    CHECK(run(program, i386, 102, {2}) == allow);
    CHECK(run(program, i386, 117, {1}) == access_denied); // ipc(SEMOP)
    CHECK(run(program, x86_64, 0x40000000) == 0);         // x32 was not listed
}

TEST_CASE("actions and conditions") {
    const auto answer = [](const std::string &rest) {
        return run(compile_seccomp(with_rule(R"({"names": ["uname", "no_such_call"], )" + rest + "}"),
                                   CapabilitySet()),
                   x86_64, uname_call);
    };
    CHECK(answer(R"("action": "SCMP_ACT_KILL_PROCESS")") == 0x80000000);
    CHECK(answer(R"("action": "SCMP_ACT_KILL")") == 0);
    CHECK(answer(R"("action": "SCMP_ACT_TRAP")") == 0x00030000);
    CHECK(answer(R"("action": "SCMP_ACT_LOG")") == 0x7ffc0000);
    CHECK(answer(R"("action": "SCMP_ACT_TRACE", "errnoRet": 7)") == 0x7ff00007);
    CHECK(answer(R"("action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]})") == denied);
    CHECK(answer(R"("action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_SYS_ADMIN"]})") == allow);
    CHECK(answer(R"("action": "SCMP_ACT_ALLOW", "includes": {"arches": ["arm64"]})") == denied);
    CHECK(answer(R"("action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "99.0"})") == denied);
    CHECK(answer(R"("action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"})") == allow);
}

TEST_CASE("a wrong profile is refused by name") {
    CHECK_THROWS_WITH(parse_seccomp_profile("{", "p.json"), Catch::Contains("p.json"));
    CHECK_THROWS_WITH(parse_seccomp_profile("{}", "p.json"), Catch::Contains("defaultAction"));
    CHECK_THROWS_WITH(with_rule(R"({"action": "SCMP_ACT_ALLOW"})"), Catch::Contains("names"));
    CHECK_THROWS_WITH(with_rule(R"({"names": 1, "action": "SCMP_ACT_ALLOW"})"),
                      Catch::Contains("wrong type"));
    CHECK_THROWS_WITH(with_rule(R"({"names": ["x"], "action": "A", "args": [{"index": 6}]})"),
                      Catch::Contains("0 to 5"));
    CHECK_THROWS_WITH(
        compile_seccomp(with_rule(R"({"names": ["uname"], "action": "MAYBE"})"), CapabilitySet()),
        Catch::Contains("MAYBE"));
    CHECK_THROWS_WITH(
        compile_seccomp(
            with_rule(
                R"({"names": ["uname"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "op": "~"}]})"),
            CapabilitySet()),
        Catch::Contains("operator"));
}

TEST_CASE("the cache compiles once for each profile and capability set") {
    SeccompCache cache;
    const auto &first = cache.get(default_seccomp_profile(), default_capabilities());
    CHECK(&cache.get(default_seccomp_profile(), default_capabilities()) == &first);
    CHECK(&cache.get(default_seccomp_profile(), CapabilitySet()) != &first);
    CHECK(&cache.get(with_rule(R"({"names": ["uname"], "action": "SCMP_ACT_ALLOW"})"), default_capabilities())
          != &first);
    CHECK(first.fprog().len == first.instructions.size());
}

TEST_CASE("security_opt chooses the profile") {
    CHECK_FALSE(choose_seccomp({}, false).unconfined);
    CHECK(choose_seccomp({}, true).unconfined);
    CHECK(choose_seccomp({"no-new-privileges", "seccomp=unconfined"}, false).unconfined);
    CHECK(choose_seccomp({"seccomp:unconfined"}, false).unconfined);
    CHECK(choose_seccomp({"seccomp=./p.json"}, true).profile == "./p.json");
    CHECK_FALSE(choose_seccomp({"seccomp=./p.json"}, true).unconfined);
    CHECK(choose_seccomp({"seccomp=builtin"}, false).profile.empty());
    CHECK_THROWS_AS(choose_seccomp({"seccomp="}, false), base::Error);
}

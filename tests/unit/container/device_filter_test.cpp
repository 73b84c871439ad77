#include "base/error.hpp"
#include "engine/container/device_filter.hpp"
#include "engine/container/devices.hpp"

#include <catch2/catch.hpp>

#include <array>

using namespace container;

namespace {

// What the kernel's interpreter would answer: the few instructions the assembler uses.
bool run(const std::vector<bpf_insn> &program, char type, std::string_view access, std::uint32_t major,
         std::uint32_t minor) {
    std::uint32_t bits = 0;
    for (const char letter : access)
        bits |= letter == 'm' ? 1U : letter == 'r' ? 2U : 4U;
    const std::array<std::uint32_t, 3> context = {bits << 16 | (type == 'b' ? 1U : 2U), major, minor};
    std::array<std::uint32_t, 11> regs{};
    for (std::size_t pc = 0; pc < program.size(); ++pc) {
        const auto &insn = program[pc];
        auto &target = regs.at(insn.dst_reg);
        const auto immediate = static_cast<std::uint32_t>(insn.imm);
        switch (insn.code) {
        case BPF_LDX | BPF_W | BPF_MEM:
            target = context.at(static_cast<std::size_t>(insn.off) / 4);
            break;
        case BPF_ALU | BPF_MOV | BPF_X:
            target = regs.at(insn.src_reg);
            break;
        case BPF_ALU64 | BPF_MOV | BPF_K:
            target = immediate;
            break;
        case BPF_ALU | BPF_AND | BPF_K:
            target &= immediate;
            break;
        case BPF_ALU | BPF_RSH | BPF_K:
            target >>= immediate;
            break;
        case BPF_JMP32 | BPF_JNE | BPF_K:
            pc += target != immediate ? static_cast<std::size_t>(insn.off) : 0;
            break;
        case BPF_JMP32 | BPF_JEQ | BPF_K:
            pc += target == immediate ? static_cast<std::size_t>(insn.off) : 0;
            break;
        case BPF_JMP | BPF_EXIT:
            return regs[0] == 1;
        default:
            FAIL("unexpected instruction " << int{insn.code});
        }
    }
    FAIL("the program runs off its end");
    return false;
}

std::vector<bpf_insn> assemble(std::vector<DeviceRule> rules) {
    return assemble_device_program(device_policy(rules));
}

} // namespace

TEST_CASE("device rules are parsed and printed") {
    CHECK(to_string(parse_device_rule("c 1:3 mr")) == "c 1:3 rm");
    CHECK(to_string(parse_device_rule("a 7:* rmw")) == "a 7:* rwm");
    CHECK(to_string(parse_device_rule("b *:* m")) == "b *:* m");
    for (const auto *wrong :
         {"", "c", "c 1:3", "x 1:3 r", "c 1 r", "c 1:3 q", "c a:b r", "c 1:3  ", "c 1:-3 r"})
        CHECK_THROWS_AS(parse_device_rule(wrong), base::Error);
}

TEST_CASE("Docker's default devices") {
    const auto program = assemble(default_device_rules());
    CHECK(run(program, 'c', "rw", 1, 3));
    CHECK(run(program, 'c', "r", 1, 9));
    CHECK(run(program, 'c', "rw", 136, 42));
    CHECK(run(program, 'b', "m", 8, 0));
    CHECK_FALSE(run(program, 'b', "r", 8, 0));
    CHECK_FALSE(run(program, 'c', "rw", 1, 1));
    CHECK_FALSE(run(program, 'c', "rm", 10, 229));
    CHECK_FALSE(run(program, 'c', "w", 1, 4));
}

TEST_CASE("later rules change earlier ones as the v1 controller does") {
    const DeviceRule deny_all{false, 'a', {}, {}, "rwm"};
    auto program = assemble({deny_all, {true, 'c', 10, 1, "r"}, {true, 'c', 10, 1, "w"}});
    CHECK(run(program, 'c', "rw", 10, 1));
    CHECK_FALSE(run(program, 'c', "rwm", 10, 1));
    program = assemble({deny_all, {true, 'c', 10, 1, "rw"}, {false, 'c', 10, 1, "w"}});
    CHECK(run(program, 'c', "r", 10, 1));
    CHECK_FALSE(run(program, 'c', "rw", 10, 1));
}

TEST_CASE("an open default with denied devices") {
    const auto program = assemble({{true, 'a', {}, {}, "rwm"}, {false, 'b', 8, {}, "w"}});
    CHECK(run(program, 'c', "rwm", 1, 1));
    CHECK(run(program, 'b', "r", 8, 3));
    CHECK_FALSE(run(program, 'b', "rw", 8, 3));
    CHECK(run(program, 'b', "rw", 7, 3));
    CHECK(device_policy({}).allow_by_default == false);
}

TEST_CASE("a rule for every type at one number") {
    const auto program = assemble({{false, 'a', {}, {}, "rwm"}, {true, 'a', 7, {}, "r"}});
    CHECK(run(program, 'b', "r", 7, 1));
    CHECK(run(program, 'c', "r", 7, 1));
    CHECK_FALSE(run(program, 'c', "w", 7, 1));
}

TEST_CASE("a container's rules are the defaults, its devices and its own rules; privileged has none") {
    Spec spec;
    const std::size_t defaults = default_device_rules().size();
    CHECK(device_rules(spec) == default_device_rules());
    spec.devices = {{"/dev/null", "/dev/zilch", "rw"}};
    spec.device_cgroup_rules = {"c 10:* r"};
    const std::vector<DeviceRule> rules = device_rules(spec);
    REQUIRE(rules.size() == defaults + 2);
    CHECK(to_string(rules[defaults]) == "c 1:3 rw");
    CHECK(to_string(rules[defaults + 1]) == "c 10:* r");
    spec.devices = {{"/etc/passwd", "/dev/passwd", "r"}};
    CHECK_THROWS_WITH(device_rules(spec), Catch::Contains("not a device"));
    spec.devices = {{"/dev/missing-device", "/dev/missing-device", "r"}};
    CHECK_THROWS_AS(device_rules(spec), base::SystemError);
    spec.security.privileged = true;
    CHECK(device_rules(spec).empty());
}

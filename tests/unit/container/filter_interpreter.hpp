// What the kernel answers for one system call: an interpreter of the classic BPF a seccomp filter is made of.
#pragma once

#include "engine/container/seccomp.hpp"

#include <array>
#include <cstring>
#include <stdexcept>

namespace filter_interpreter {

inline constexpr std::uint32_t x86_64 = 0xc000003e;
inline constexpr std::uint32_t x32 = x86_64;
inline constexpr std::uint32_t i386 = 0x40000003;
inline constexpr std::uint32_t allow = 0x7fff0000;
inline constexpr std::uint32_t denied = 0x00050001;  // EPERM
inline constexpr std::uint32_t missing = 0x00050026; // ENOSYS

inline std::uint32_t run(const container::SeccompProgram &program, std::uint32_t arch, std::uint32_t number,
                         std::array<std::uint64_t, 6> args = {}) {
    std::array<std::uint32_t, 16> data = {number, arch, 0, 0};
    std::memcpy(data.data() + 4, args.data(), sizeof args);
    std::uint32_t accumulator = 0;
    for (std::size_t pc = 0;; ++pc) {
        const auto &insn = program.instructions.at(pc);
        switch (insn.code) {
        case BPF_LD | BPF_W | BPF_ABS:
            accumulator = data.at(insn.k / 4);
            break;
        case BPF_ALU | BPF_AND | BPF_K:
            accumulator &= insn.k;
            break;
        case BPF_JMP | BPF_JA:
            pc += insn.k;
            break;
        case BPF_JMP | BPF_JEQ | BPF_K:
            pc += accumulator == insn.k ? insn.jt : insn.jf;
            break;
        case BPF_JMP | BPF_JGT | BPF_K:
            pc += accumulator > insn.k ? insn.jt : insn.jf;
            break;
        case BPF_JMP | BPF_JGE | BPF_K:
            pc += accumulator >= insn.k ? insn.jt : insn.jf;
            break;
        case BPF_RET | BPF_K:
            return insn.k;
        default:
            throw std::logic_error("unexpected instruction");
        }
    }
}

} // namespace filter_interpreter

// The filter: find the architecture, then the answer by binary search over ranges of system call numbers. A
// filter runs at every system call, so its depth is what a container pays: about 7 comparisons here.
#include "base/error.hpp"
#include "engine/container/seccomp_rules.hpp"

#include <linux/audit.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <cstddef>

namespace container {

namespace {

using Code = std::vector<sock_filter>;

constexpr std::uint32_t x32_bit = 0x40000000;
constexpr std::size_t farthest_jump = 255;

sock_filter statement(int code, std::uint32_t k) {
    return {static_cast<__u16>(code), 0, 0, k};
}

sock_filter jump(int test, std::uint32_t k, std::size_t if_true, std::size_t if_false) {
    return {static_cast<__u16>(BPF_JMP | BPF_K | test), static_cast<__u8>(if_true),
            static_cast<__u8>(if_false), k};
}

sock_filter leave(std::uint32_t answer) {
    return statement(BPF_RET | BPF_K, answer);
}

sock_filter load(std::size_t offset) {
    return statement(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}

void append(Code &code, const Code &more) {
    code.insert(code.end(), more.begin(), more.end());
}

// Outcomes of a comparison: go on behind it, or leave the block, whose end is patched in when it is known.
constexpr std::uint8_t pass = 0;
constexpr std::uint8_t fail_mark = 255;

std::uint32_t high(std::uint64_t value) {
    return static_cast<std::uint32_t>(value >> 32);
}

std::uint32_t low(std::uint64_t value) {
    return static_cast<std::uint32_t>(value);
}

// Instructions that continue behind themselves when the condition holds and jump to fail_mark otherwise.
Code compare(const SeccompArg &arg, bool wide) {
    const auto low_word = offsetof(seccomp_data, args) + arg.index * sizeof(std::uint64_t);
    const auto high_word = low_word + sizeof(std::uint32_t);
    const auto value = arg.value;
    const auto equal = [&](std::uint64_t wanted, std::uint64_t mask) {
        Code code;
        const auto word = [&](std::size_t offset, std::uint32_t wanted_word, std::uint32_t mask_word) {
            code.push_back(load(offset));
            if (mask_word != ~std::uint32_t{0})
                code.push_back(statement(BPF_ALU | BPF_AND | BPF_K, mask_word));
            code.push_back(jump(BPF_JEQ, wanted_word, pass, fail_mark));
        };
        if (wide)
            word(high_word, high(wanted), high(mask));
        word(low_word, low(wanted), low(mask));
        return code;
    };
    // argument > value (test JGT) or >= value (test JGE); `negated` swaps both outcomes.
    const auto greater = [&](int test, bool negated) {
        const std::uint8_t yes = negated ? fail_mark : pass;
        const std::uint8_t no = negated ? pass : fail_mark;
        Code code;
        if (wide)
            code = {load(high_word), jump(BPF_JGT, high(value), negated ? fail_mark : 3, 0),
                    jump(BPF_JEQ, high(value), 0, negated ? 2 : fail_mark)};
        append(code, {load(low_word), jump(test, low(value), yes, no)});
        return code;
    };
    if (arg.op == "SCMP_CMP_EQ")
        return equal(value, ~std::uint64_t{0});
    if (arg.op == "SCMP_CMP_MASKED_EQ")
        return equal(arg.value_two, value);
    if (arg.op == "SCMP_CMP_GT")
        return greater(BPF_JGT, false);
    if (arg.op == "SCMP_CMP_GE")
        return greater(BPF_JGE, false);
    if (arg.op == "SCMP_CMP_LE")
        return greater(BPF_JGT, true);
    if (arg.op == "SCMP_CMP_LT")
        return greater(BPF_JGE, true);
    if (arg.op == "SCMP_CMP_NE") {
        if (wide)
            return {load(high_word), jump(BPF_JEQ, high(value), 0, 2), load(low_word),
                    jump(BPF_JEQ, low(value), fail_mark, pass)};
        return {load(low_word), jump(BPF_JEQ, low(value), fail_mark, pass)};
    }
    throw base::Error("seccomp profile: unknown operator \"" + arg.op + "\"",
                      "known are SCMP_CMP_NE, LT, LE, EQ, GE, GT and MASKED_EQ");
}

Code conditional_block(const SyscallAnswers &answers, std::uint32_t default_answer, bool wide) {
    Code code;
    for (const auto &rule : answers.conditional) {
        Code block;
        for (const auto &condition : rule.conditions)
            append(block, compare(condition, wide));
        block.push_back(leave(rule.answer));
        for (std::size_t at = 0; at < block.size(); ++at) {
            const auto to_end = static_cast<__u8>(block.size() - at - 1);
            if (block[at].jt == fail_mark)
                block[at].jt = to_end;
            if (block[at].jf == fail_mark)
                block[at].jf = to_end;
        }
        append(code, block);
    }
    code.push_back(leave(answers.always.value_or(default_answer)));
    return code;
}

// Numbers up to and including `last` (from the segment before) are answered by `code`.
struct Segment {
    std::uint32_t last;
    Code code;
};

bool same(const Code &a, const Code &b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const sock_filter &x, const sock_filter &y) {
        return x.code == y.code && x.jt == y.jt && x.jf == y.jf && x.k == y.k;
    });
}

void push(std::vector<Segment> &segments, std::uint32_t last, Code code) {
    if (!segments.empty() && same(segments.back().code, code))
        segments.back().last = last;
    else
        segments.push_back({last, std::move(code)});
}

std::vector<Segment> segments_of(const ArchRules &arch, const ResolvedProfile &profile) {
    std::vector<Segment> segments;
    const Code fallback = {leave(profile.default_answer)};
    std::uint32_t next = arch.x32 ? x32_bit : 0;
    for (const auto &[number, answers] : arch.syscalls) {
        if (number > next)
            push(segments, number - 1, fallback);
        push(segments, number, conditional_block(answers, profile.default_answer, arch.wide));
        next = number + 1;
    }
    push(segments, ~std::uint32_t{0},
         {leave(arch.syscalls.empty() ? profile.default_answer
                                      : profile.newer_answer.value_or(profile.default_answer))});
    return segments;
}

// The accumulator holds the number.
Code search(const std::vector<Segment> &segments, std::size_t begin, std::size_t end) {
    if (end - begin == 1)
        return segments[begin].code;
    const auto middle = begin + (end - begin) / 2;
    const auto lower = search(segments, begin, middle);
    Code code;
    if (lower.size() <= farthest_jump)
        code = {jump(BPF_JGT, segments[middle - 1].last, lower.size(), 0)};
    else
        code = {jump(BPF_JGT, segments[middle - 1].last, 0, 1),
                statement(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(lower.size()))};
    append(code, lower);
    append(code, search(segments, middle, end));
    return code;
}

Code section(const ArchRules &arch, const ResolvedProfile &profile) {
    const auto segments = segments_of(arch, profile);
    return search(segments, 0, segments.size());
}

} // namespace

SeccompProgram compile_seccomp(const SeccompProfile &profile, CapabilitySet capabilities) {
    const auto resolved = resolve_profile(profile, capabilities, running_kernel());
    Code code = {load(offsetof(seccomp_data, arch))};
    const ArchRules *x32 = nullptr;
    for (const auto &arch : resolved.arches)
        if (arch.x32)
            x32 = &arch;
    for (const auto &arch : resolved.arches) {
        if (arch.x32)
            continue;
        Code body = {load(offsetof(seccomp_data, nr))};
        if (arch.audit_arch == AUDIT_ARCH_X86_64) { // shared by two sets of numbers
            const auto plain = section(arch, resolved);
            append(body, {jump(BPF_JGE, x32_bit, 0, 1),
                          statement(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(plain.size()))});
            append(body, plain);
            append(body, x32 != nullptr ? section(*x32, resolved) : Code{leave(SECCOMP_RET_KILL_THREAD)});
        } else {
            append(body, section(arch, resolved));
        }
        append(code, {jump(BPF_JEQ, arch.audit_arch, 1, 0),
                      statement(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(body.size()))});
        append(code, body);
    }
    code.push_back(leave(SECCOMP_RET_KILL_THREAD));
    if (code.size() > BPF_MAXINSNS)
        throw base::Error("the seccomp profile makes a filter of " + std::to_string(code.size())
                              + " instructions",
                          "the kernel takes 4096; use fewer rules with arguments");
    return {std::move(code)};
}

const SeccompProgram &SeccompCache::get(const SeccompProfile &profile, CapabilitySet capabilities) {
    for (const auto &entry : entries_)
        if (entry.capabilities == capabilities && entry.profile == profile)
            return entry.program;
    return entries_.emplace_back(Entry{profile, capabilities, compile_seccomp(profile, capabilities)})
        .program;
}

} // namespace container

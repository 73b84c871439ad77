// The program, for each exception: compare type, access, major and minor; all match -> answer, else next.
// Context (struct bpf_cgroup_dev_ctx): access_type = access << 16 | device type, then major, minor.
#include "base/error.hpp"
#include "base/fd.hpp"
#include "engine/container/device_filter.hpp"

#include <sys/syscall.h>

#include <cstring>
#include <mutex>
#include <string>
#include <unistd.h>

namespace container {

namespace {

enum Register : std::uint8_t {
    result = 0,
    context = 1,
    type = 2,
    access = 3,
    major_number = 4,
    minor_number = 5,
    scratch = 6
};

bpf_insn instruction(int code, int destination, int source, int offset, std::int32_t immediate) {
    bpf_insn made{};
    made.code = static_cast<__u8>(code);
    made.dst_reg = static_cast<__u8>(destination & 0xf);
    made.src_reg = static_cast<__u8>(source & 0xf);
    made.off = static_cast<__s16>(offset);
    made.imm = immediate;
    return made;
}

bpf_insn load_word(int destination, std::size_t offset) {
    return instruction(BPF_LDX | BPF_W | BPF_MEM, destination, context, static_cast<int>(offset), 0);
}

bpf_insn copy(int destination, int source) {
    return instruction(BPF_ALU | BPF_MOV | BPF_X, destination, source, 0, 0);
}

bpf_insn set(int destination, std::int32_t value) {
    return instruction(BPF_ALU64 | BPF_MOV | BPF_K, destination, 0, 0, value);
}

bpf_insn mask(int destination, std::int32_t bits) {
    return instruction(BPF_ALU | BPF_AND | BPF_K, destination, 0, 0, bits);
}

bpf_insn shift_right(int destination, int bits) {
    return instruction(BPF_ALU | BPF_RSH | BPF_K, destination, 0, 0, bits);
}

bpf_insn leave() {
    return instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

std::int32_t access_bits(const std::string &letters) {
    std::int32_t bits = 0;
    for (const char letter : letters)
        bits |= letter == 'm'   ? BPF_DEVCG_ACC_MKNOD
                : letter == 'r' ? BPF_DEVCG_ACC_READ
                                : BPF_DEVCG_ACC_WRITE;
    return bits;
}

// Falls through to the answer when the request matches; each comparison that fails jumps past it.
void append_exception(std::vector<bpf_insn> &program, const DeviceRule &rule, bool allow_by_default) {
    constexpr int every_access = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE;
    std::vector<bpf_insn> body;
    std::vector<std::size_t> jumps;
    const auto unless_equal = [&](int reg, std::int32_t value) {
        jumps.push_back(body.size());
        body.push_back(instruction(BPF_JMP32 | BPF_JNE | BPF_K, reg, 0, 0, value));
    };
    if (rule.type != 'a')
        unless_equal(type, rule.type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
    if (const auto bits = access_bits(rule.access); bits != every_access) {
        body.push_back(copy(scratch, access));
        if (allow_by_default) { // a denied kind of access is part of the request
            body.push_back(mask(scratch, bits));
            jumps.push_back(body.size());
            body.push_back(instruction(BPF_JMP32 | BPF_JEQ | BPF_K, scratch, 0, 0, 0));
        } else { // nothing but allowed kinds is part of the request
            body.push_back(mask(scratch, every_access & ~bits));
            unless_equal(scratch, 0);
        }
    }
    if (rule.major)
        unless_equal(major_number, static_cast<std::int32_t>(*rule.major));
    if (rule.minor)
        unless_equal(minor_number, static_cast<std::int32_t>(*rule.minor));
    body.push_back(set(result, allow_by_default ? 0 : 1));
    body.push_back(leave());
    for (const auto jump : jumps)
        body[jump].off = static_cast<__s16>(body.size() - jump - 1);
    program.insert(program.end(), body.begin(), body.end());
}

int bpf(int command, bpf_attr &attributes) {
    return static_cast<int>(::syscall(SYS_bpf, command, &attributes, sizeof attributes));
}

bool same(const std::vector<bpf_insn> &a, const std::vector<bpf_insn> &b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(bpf_insn)) == 0;
}

base::UniqueFd load_program(const std::vector<bpf_insn> &program) {
    static constexpr char license[] = "GPL";
    bpf_attr load{};
    load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    load.insns = reinterpret_cast<std::uintptr_t>(program.data());
    load.insn_cnt = static_cast<__u32>(program.size());
    load.license = reinterpret_cast<std::uintptr_t>(license);
    std::strcpy(load.prog_name, "compose_devices");
    base::UniqueFd loaded(bpf(BPF_PROG_LOAD, load));
    if (!loaded)
        base::throw_errno("load the device filter", "(" + std::to_string(program.size()) + " instructions)");
    return loaded;
}

// Loading is most of the cost of making a group, and nearly all containers have the same program.
struct LastProgram {
    std::mutex mutex;
    std::vector<bpf_insn> program;
    base::UniqueFd loaded;
};

} // namespace

std::vector<bpf_insn> assemble_device_program(const DevicePolicy &policy) {
    std::vector<bpf_insn> program = {
        load_word(type, offsetof(bpf_cgroup_dev_ctx, access_type)),
        copy(access, type),
        mask(type, 0xffff),
        shift_right(access, 16),
        load_word(major_number, offsetof(bpf_cgroup_dev_ctx, major)),
        load_word(minor_number, offsetof(bpf_cgroup_dev_ctx, minor)),
    };
    for (const auto &rule : policy.exceptions)
        append_exception(program, rule, policy.allow_by_default);
    program.push_back(set(result, policy.allow_by_default ? 1 : 0));
    program.push_back(leave());
    return program;
}

void attach_device_program(int cgroup_dir, const std::vector<bpf_insn> &program) {
    static LastProgram last;
    const std::lock_guard lock(last.mutex);
    if (!last.loaded || !same(last.program, program)) {
        last.loaded = load_program(program);
        last.program = program;
    }
    bpf_attr attach{};
    attach.target_fd = static_cast<__u32>(cgroup_dir);
    attach.attach_bpf_fd = static_cast<__u32>(last.loaded.get());
    attach.attach_type = BPF_CGROUP_DEVICE;
    attach.attach_flags = BPF_F_ALLOW_MULTI;
    if (bpf(BPF_PROG_ATTACH, attach) < 0)
        base::throw_errno("attach the device filter", "to the container's cgroup");
}

} // namespace container

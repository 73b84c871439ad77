#include "engine/container/seccomp_rules.hpp"

#include "base/error.hpp"

#include <seccomp.h>

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace container {

namespace {

struct Arch {
    std::string_view name;
    std::string_view go_name; // as in a profile's conditions
    std::uint32_t token;      // libseccomp's
    std::uint32_t audit_arch;
    bool wide;
};

constexpr std::array<Arch, 5> arches = {{
    {"SCMP_ARCH_X86_64", "amd64", SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64, true},
    {"SCMP_ARCH_X86", "x86", SCMP_ARCH_X86, AUDIT_ARCH_I386, false},
    {"SCMP_ARCH_X32", "x32", SCMP_ARCH_X32, AUDIT_ARCH_X86_64, false},
    {"SCMP_ARCH_AARCH64", "arm64", SCMP_ARCH_AARCH64, AUDIT_ARCH_AARCH64, true},
    {"SCMP_ARCH_ARM", "arm", SCMP_ARCH_ARM, AUDIT_ARCH_ARM, false},
}};

const Arch &native_arch() {
    const auto token = ::seccomp_arch_native();
    for (const auto &arch : arches)
        if (arch.token == token)
            return arch;
    throw base::Error("system call filters are not supported on this processor",
                      "use security_opt: seccomp=unconfined");
}

// i386 has some calls twice: by themselves since 4.3, and as subcalls of socketcall(2) and ipc(2).
struct Multiplexed {
    std::string_view name;
    std::uint32_t direct;
};

constexpr std::array<Multiplexed, 27> i386_direct = {{
    {"socket", 359},   {"socketpair", 360}, {"bind", 361},       {"connect", 362},     {"listen", 363},
    {"accept4", 364},  {"getsockopt", 365}, {"setsockopt", 366}, {"getsockname", 367}, {"getpeername", 368},
    {"sendto", 369},   {"sendmsg", 370},    {"recvfrom", 371},   {"recvmsg", 372},     {"shutdown", 373},
    {"recvmmsg", 337}, {"sendmmsg", 345},   {"semget", 393},     {"semctl", 394},      {"shmget", 395},
    {"shmctl", 396},   {"shmat", 397},      {"shmdt", 398},      {"msgget", 399},      {"msgsnd", 400},
    {"msgrcv", 401},   {"msgctl", 402},
}};

std::uint32_t answer_of(const std::string &action, unsigned errno_ret) {
    const std::uint32_t data = errno_ret & SECCOMP_RET_DATA;
    if (action == "SCMP_ACT_ALLOW")
        return SECCOMP_RET_ALLOW;
    if (action == "SCMP_ACT_ERRNO")
        return SECCOMP_RET_ERRNO | data;
    if (action == "SCMP_ACT_KILL" || action == "SCMP_ACT_KILL_THREAD")
        return SECCOMP_RET_KILL_THREAD;
    if (action == "SCMP_ACT_KILL_PROCESS")
        return SECCOMP_RET_KILL_PROCESS;
    if (action == "SCMP_ACT_TRAP")
        return SECCOMP_RET_TRAP;
    if (action == "SCMP_ACT_LOG")
        return SECCOMP_RET_LOG;
    if (action == "SCMP_ACT_TRACE")
        return SECCOMP_RET_TRACE | data;
    throw base::Error(
        "seccomp profile: unsupported action \"" + action + "\"",
        "known are SCMP_ACT_ALLOW, ERRNO, KILL, KILL_PROCESS, KILL_THREAD, LOG, TRACE and TRAP");
}

constexpr unsigned default_errno = 1; // EPERM

KernelVersion parse_version(const std::string &text) {
    KernelVersion version;
    if (std::sscanf(text.c_str(), "%d.%d", &version.major, &version.minor) != 2)
        throw base::Error("seccomp profile: \"" + text + "\" is not a kernel version", "the form is 4.8");
    return version;
}

bool contains(const std::vector<std::string> &list, std::string_view value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

bool applies(const SeccompRule &rule, CapabilitySet capabilities, KernelVersion kernel) {
    const auto granted = capabilities.names();
    const auto has = [&](const std::string &name) { return contains(granted, name); };
    const auto arch = native_arch().go_name;
    if (!rule.includes.arches.empty() && !contains(rule.includes.arches, arch))
        return false;
    if (!std::all_of(rule.includes.caps.begin(), rule.includes.caps.end(), has))
        return false;
    if (!rule.includes.min_kernel.empty() && kernel < parse_version(rule.includes.min_kernel))
        return false;
    if (contains(rule.excludes.arches, arch))
        return false;
    if (std::any_of(rule.excludes.caps.begin(), rule.excludes.caps.end(), has))
        return false;
    return rule.excludes.min_kernel.empty() || kernel < parse_version(rule.excludes.min_kernel);
}

void add(SyscallAnswers &answers, const std::vector<SeccompArg> &args, std::uint32_t answer) {
    if (args.empty()) {
        answers.always = answers.always.value_or(answer);
        return;
    }
    // Conditions on different arguments must all hold; several on one argument are alternatives.
    const bool alternatives = std::any_of(args.begin(), args.end(), [&](const SeccompArg &arg) {
        return std::count_if(args.begin(), args.end(),
                             [&](const SeccompArg &other) { return other.index == arg.index; })
               > 1;
    });
    if (!alternatives)
        answers.conditional.push_back({args, answer});
    else
        for (const auto &arg : args)
            answers.conditional.push_back({{arg}, answer});
}

void add_multiplexed(ArchRules &rules, const std::string &name, int pseudo,
                     const std::vector<SeccompArg> &args, std::uint32_t answer) {
    for (const auto &call : i386_direct)
        if (call.name == name)
            add(rules.syscalls[call.direct], args, answer);
    // The real arguments of a subcall are in memory: what can't be checked is not let through.
    if (!args.empty() && answer == SECCOMP_RET_ALLOW)
        return;
    const bool is_socket = pseudo > -200;
    const auto number = static_cast<std::uint64_t>(is_socket ? -pseudo - 100 : -pseudo - 200);
    constexpr std::uint32_t socketcall = 102;
    constexpr std::uint32_t ipc = 117;
    add(rules.syscalls[is_socket ? socketcall : ipc], {{0, number, 0, "SCMP_CMP_EQ"}}, answer);
}

ArchRules rules_for(const Arch &arch, const std::vector<const SeccompRule *> &rules,
                    std::uint32_t default_answer) {
    ArchRules resolved{arch.audit_arch, arch.token == SCMP_ARCH_X32, arch.wide, {}};
    for (const auto *rule : rules) {
        const auto answer = answer_of(rule->action, rule->errno_ret.value_or(default_errno));
        if (answer == default_answer)
            continue;
        for (const auto &name : rule->names) {
            const int number = ::seccomp_syscall_resolve_name_arch(arch.token, name.c_str());
            if (number >= 0)
                add(resolved.syscalls[static_cast<std::uint32_t>(number)], rule->args, answer);
            else if (arch.token == SCMP_ARCH_X86 && number <= -101 && number >= -299)
                add_multiplexed(resolved, name, number, rule->args, answer);
        }
    }
    return resolved;
}

} // namespace

KernelVersion running_kernel() {
    utsname names{};
    ::uname(&names);
    return parse_version(names.release);
}

ResolvedProfile resolve_profile(const SeccompProfile &profile, CapabilitySet capabilities,
                                KernelVersion kernel) {
    std::vector<const SeccompRule *> rules;
    for (const auto &rule : profile.rules)
        if (applies(rule, capabilities, kernel))
            rules.push_back(&rule);

    ResolvedProfile resolved;
    resolved.default_answer =
        answer_of(profile.default_action, profile.default_errno_ret.value_or(default_errno));
    const bool lets_through =
        resolved.default_answer == SECCOMP_RET_ALLOW || resolved.default_answer == SECCOMP_RET_LOG;
    constexpr std::uint32_t not_implemented = 38; // ENOSYS
    if (!lets_through)
        resolved.newer_answer = SECCOMP_RET_ERRNO | not_implemented;

    const auto &native = native_arch();
    resolved.arches.push_back(rules_for(native, rules, resolved.default_answer));
    if (const auto further = profile.arch_map.find(std::string(native.name));
        further != profile.arch_map.end())
        for (const auto &name : further->second) {
            const auto arch =
                std::find_if(arches.begin(), arches.end(), [&](const Arch &a) { return a.name == name; });
            if (arch == arches.end())
                throw base::Error("seccomp profile: unknown architecture \"" + name + "\"");
            resolved.arches.push_back(rules_for(*arch, rules, resolved.default_answer));
        }
    return resolved;
}

} // namespace container

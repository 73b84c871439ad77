// A profile resolved for the running kernel: which answer each system call number gets, per architecture.
// The step between the profile and the instructions.
#pragma once

#include "engine/container/seccomp.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace container {

// One answer that holds when all conditions do.
struct ConditionalAnswer {
    std::vector<SeccompArg> conditions;
    std::uint32_t answer = 0; // SECCOMP_RET_*
};

struct SyscallAnswers {
    std::vector<ConditionalAnswer> conditional; // in order, before `always`
    std::optional<std::uint32_t> always;
};

struct ArchRules {
    std::uint32_t audit_arch = 0; // AUDIT_ARCH_*
    bool x32 = false;             // the numbers carry bit 30
    bool wide = true;             // arguments are compared as 64 bits
    std::map<std::uint32_t, SyscallAnswers> syscalls;
};

struct ResolvedProfile {
    std::uint32_t default_answer = 0;
    // What a call newer than all that the profile names gets; empty when the default already lets them
    // through.
    std::optional<std::uint32_t> newer_answer;
    std::vector<ArchRules> arches; // the native one first
};

struct KernelVersion {
    int major = 0;
    int minor = 0;
    auto operator<=>(const KernelVersion &) const = default;
};

[[nodiscard]] KernelVersion running_kernel();

// @throws base::Error for an unknown action, operator or architecture.
[[nodiscard]] ResolvedProfile resolve_profile(const SeccompProfile &profile, CapabilitySet capabilities,
                                              KernelVersion kernel);

} // namespace container

// System call filters: Docker's default profile, custom profiles in Docker's JSON format, and their compiled
// form. Profiles are pure data; compiling takes about 0.4 ms, so a supervisor keeps a SeccompCache.
#pragma once

#include "engine/container/capabilities.hpp"

#include <linux/filter.h>

#include <cstdint>
#include <filesystem>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace container {

struct SeccompArg {
    unsigned index = 0;
    std::uint64_t value = 0;
    std::uint64_t value_two = 0; // SCMP_CMP_MASKED_EQ compares (argument & value) with it
    std::string op;              // SCMP_CMP_EQ, ...
    bool operator==(const SeccompArg &) const = default;
};

// When a rule counts. Each non-empty list must hold (includes: all listed capabilities, any of the
// architectures; excludes: none of either).
struct SeccompCondition {
    std::vector<std::string> arches; // amd64, x32, x86, arm64, ...
    std::vector<std::string> caps;   // CAP_...
    std::string min_kernel;          // "4.8"
    bool operator==(const SeccompCondition &) const = default;
};

struct SeccompRule {
    std::vector<std::string> names;
    std::string action; // SCMP_ACT_ALLOW, ...
    std::optional<unsigned> errno_ret;
    std::vector<SeccompArg> args;
    SeccompCondition includes;
    SeccompCondition excludes;
    bool operator==(const SeccompRule &) const = default;
};

struct SeccompProfile {
    std::string default_action;
    std::optional<unsigned> default_errno_ret;
    // Native architecture -> the further ones a 64-bit kernel runs (SCMP_ARCH_X86_64 -> X86, X32).
    std::map<std::string, std::vector<std::string>> arch_map;
    std::vector<SeccompRule> rules;
    bool operator==(const SeccompProfile &) const = default;
};

// What Docker 26 applies when nothing is asked for.
[[nodiscard]] const SeccompProfile &default_seccomp_profile();

// Docker's JSON format (also the older one with `architectures` and `name`).
// @throws base::Error naming `subject` and the field.
[[nodiscard]] SeccompProfile parse_seccomp_profile(std::string_view text, const std::string &subject);

// The instructions for seccomp(2) SECCOMP_SET_MODE_FILTER with no flags. The data must outlive the call.
struct SeccompProgram {
    std::vector<sock_filter> instructions;

    [[nodiscard]] sock_fprog fprog() const {
        return {static_cast<unsigned short>(instructions.size()),
                const_cast<sock_filter *>(instructions.data())};
    }
};

// The filter for a process with these capabilities on the running kernel. System calls newer than any the
// profile knows get ENOSYS, so that programs fall back, as runc does.
// @throws base::Error for a profile that makes no filter.
[[nodiscard]] SeccompProgram compile_seccomp(const SeccompProfile &profile, CapabilitySet capabilities);

// Compiled programs by profile and capabilities. Not thread-safe.
class SeccompCache {
  public:
    // The reference stays valid for the cache's life.
    const SeccompProgram &get(const SeccompProfile &profile, CapabilitySet capabilities);

  private:
    struct Entry {
        SeccompProfile profile;
        CapabilitySet capabilities;
        SeccompProgram program;
    };

    std::list<Entry> entries_;
};

// What security_opt asks for. "unconfined" -> no filter.
struct SeccompChoice {
    bool unconfined = false;
    std::filesystem::path profile; // empty: Docker's default
};

// From the values of security_opt ("seccomp=unconfined", "seccomp:./profile.json"); others are left alone.
// Privileged containers are unconfined unless a profile is named.
[[nodiscard]] SeccompChoice choose_seccomp(const std::vector<std::string> &security_opt, bool privileged);

} // namespace container

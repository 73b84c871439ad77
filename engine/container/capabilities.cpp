#include "engine/container/capabilities.hpp"

#include "base/error.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <utility>

namespace container {

namespace {

// The names of linux/capability.h without CAP_; the index is the number.
constexpr std::array<std::string_view, 41> known = {"CHOWN",
                                                    "DAC_OVERRIDE",
                                                    "DAC_READ_SEARCH",
                                                    "FOWNER",
                                                    "FSETID",
                                                    "KILL",
                                                    "SETGID",
                                                    "SETUID",
                                                    "SETPCAP",
                                                    "LINUX_IMMUTABLE",
                                                    "NET_BIND_SERVICE",
                                                    "NET_BROADCAST",
                                                    "NET_ADMIN",
                                                    "NET_RAW",
                                                    "IPC_LOCK",
                                                    "IPC_OWNER",
                                                    "SYS_MODULE",
                                                    "SYS_RAWIO",
                                                    "SYS_CHROOT",
                                                    "SYS_PTRACE",
                                                    "SYS_PACCT",
                                                    "SYS_ADMIN",
                                                    "SYS_BOOT",
                                                    "SYS_NICE",
                                                    "SYS_RESOURCE",
                                                    "SYS_TIME",
                                                    "SYS_TTY_CONFIG",
                                                    "MKNOD",
                                                    "LEASE",
                                                    "AUDIT_WRITE",
                                                    "AUDIT_CONTROL",
                                                    "SETFCAP",
                                                    "MAC_OVERRIDE",
                                                    "MAC_ADMIN",
                                                    "SYSLOG",
                                                    "WAKE_ALARM",
                                                    "BLOCK_SUSPEND",
                                                    "AUDIT_READ",
                                                    "PERFMON",
                                                    "BPF",
                                                    "CHECKPOINT_RESTORE"};

constexpr std::array<std::string_view, 14> defaults = {
    "CHOWN",  "DAC_OVERRIDE", "FSETID",  "FOWNER",           "MKNOD",      "NET_RAW", "SETGID",
    "SETUID", "SETFCAP",      "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "KILL",    "AUDIT_WRITE"};

std::string canonical(std::string_view name) {
    std::string upper(name);
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return upper.starts_with("CAP_") ? upper.substr(4) : upper;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = std::exchange(row[j], std::min({substituted, row[j] + 1, row[j - 1] + 1}));
        }
    }
    return row[b.size()];
}

[[noreturn]] void throw_unknown(const std::string &asked) {
    const auto name = canonical(asked);
    const auto nearest = std::min_element(known.begin(), known.end(), [&](auto a, auto b) {
        return edit_distance(name, a) < edit_distance(name, b);
    });
    const bool near = edit_distance(name, *nearest) <= std::max<std::size_t>(2, name.size() / 3);
    throw base::Error("unknown capability \"" + asked + "\"",
                      near ? "did you mean " + std::string(*nearest) + "?"
                           : "capabilities(7) lists the names; ALL is every one");
}

struct Names {
    CapabilitySet set;
    bool all = false;
};

Names parse(const std::vector<std::string> &names) {
    Names parsed;
    for (const auto &name : names) {
        if (canonical(name) == "ALL")
            parsed.all = true;
        else if (const auto capability = find_capability(name))
            parsed.set.add(*capability);
        else
            throw_unknown(name);
    }
    return parsed;
}

CapabilitySet without(CapabilitySet set, CapabilitySet removed) {
    return CapabilitySet(set.bits() & ~removed.bits());
}

} // namespace

std::vector<std::string> CapabilitySet::names() const {
    std::vector<std::string> names;
    for (std::size_t capability = 0; capability < known.size(); ++capability)
        if (has(static_cast<int>(capability)))
            names.push_back("CAP_" + std::string(known[capability]));
    return names;
}

std::optional<int> find_capability(std::string_view name) {
    const auto found = std::find(known.begin(), known.end(), canonical(name));
    if (found == known.end())
        return std::nullopt;
    return static_cast<int>(found - known.begin());
}

CapabilitySet default_capabilities() {
    CapabilitySet set;
    for (const auto name : defaults)
        set.add(*find_capability(name));
    return set;
}

CapabilitySet all_capabilities() {
    return CapabilitySet((std::uint64_t{1} << known.size()) - 1);
}

CapabilitySet available_capabilities() {
    CapabilitySet set;
    for (int capability = 0; capability < static_cast<int>(known.size()); ++capability)
        if (::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1)
            set.add(capability);
    return set;
}

CapabilitySet resolve_capabilities(const CapabilityRequest &request, CapabilitySet available,
                                   std::vector<std::string> &warnings) {
    const auto add = parse(request.add);
    const auto drop = parse(request.drop);
    for (const auto &name : without(add.set, available).names())
        warnings.push_back("capability " + name + " is not given: this process does not have it itself");

    CapabilitySet granted;
    if (request.privileged)
        granted = all_capabilities();
    else if (add.all)
        granted = without(all_capabilities(), drop.set);
    else if (drop.all)
        granted = add.set;
    else
        granted = CapabilitySet(without(default_capabilities(), drop.set).bits() | add.set.bits());
    return granted & available;
}

} // namespace container

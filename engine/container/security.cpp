#include "engine/container/security.hpp"

#include "base/file.hpp"

#include <mutex>

namespace container {

namespace {

// The cache is not thread-safe, and several containers may be starting.
std::mutex cache_mutex;

const SeccompProgram *filter_for(const Security &security, CapabilitySet capabilities, SeccompCache &cache) {
    if (security.seccomp_unconfined || (security.privileged && security.seccomp_profile.empty()))
        return nullptr;
    const std::lock_guard lock(cache_mutex);
    if (security.seccomp_profile.empty())
        return &cache.get(default_seccomp_profile(), capabilities);
    const std::string text = base::read_file(security.seccomp_profile);
    return &cache.get(parse_seccomp_profile(text, security.seccomp_profile), capabilities);
}

} // namespace

Confinement confine(const Spec &spec, bool privileged, SeccompCache &cache,
                    std::vector<std::string> &warnings) {
    const Security &security = spec.security;
    const CapabilitySet available = available_capabilities();
    Confinement confinement;
    confinement.capabilities =
        resolve_capabilities({security.cap_add, security.cap_drop, security.privileged}, available, warnings);
    // As in Docker, a privileged exec keeps the filter of its container.
    confinement.filter = filter_for(security, confinement.capabilities, cache);
    if (privileged)
        confinement.capabilities = all_capabilities() & available;
    return confinement;
}

} // namespace container

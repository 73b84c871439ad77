#include "engine/container/propagation.hpp"

#include "base/error.hpp"
#include "base/file.hpp"

#include <sys/stat.h>

#include <fcntl.h>
#include <sstream>

namespace container {

namespace {

bool is_shared(Propagation propagation) {
    return propagation == Propagation::shared || propagation == Propagation::rshared;
}

bool is_slave(Propagation propagation) {
    return propagation == Propagation::slave || propagation == Propagation::rslave;
}

// The optional fields of the mount the path is on, "shared:5 master:1"; empty when it is private.
std::string peers_of(const std::string &path) {
    struct statx status {};

    base::check(::statx(AT_FDCWD, path.c_str(), 0, STATX_MNT_ID, &status), "examine mount of", path);
    std::istringstream lines(base::read_file("/proc/self/mountinfo"));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::uint64_t id = 0;
        std::string word, peers;
        if (!(words >> id) || id != status.stx_mnt_id)
            continue;
        constexpr int fields_before = 5; // parent, device, root, mount point, options
        for (int field = 0; words >> word && word != "-"; ++field)
            if (field >= fields_before)
                peers += word + " ";
        return peers;
    }
    return {};
}

} // namespace

void check_propagation(const BindMount &bind, const std::string &target) {
    if (!is_shared(bind.propagation) && !is_slave(bind.propagation))
        return;
    const std::string peers = peers_of(bind.source);
    const bool shared = peers.find("shared:") != std::string::npos;
    if (shared || (is_slave(bind.propagation) && peers.find("master:") != std::string::npos))
        return;
    throw base::Error("mount " + bind.source + " on " + target + ": it is not below a shared "
                          + (is_shared(bind.propagation) ? "mount" : "or slave mount"),
                      "run mount --make-shared on the mount it is on, or leave the propagation out");
}

} // namespace container

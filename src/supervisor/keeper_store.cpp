#include "supervisor/keeper_store.hpp"

#include "base/error.hpp"
#include "base/log.hpp"

#include <fcntl.h>

namespace supervisor {

namespace {

base::UniqueFd copy_of(int fd) {
    return base::UniqueFd(
        base::check(::fcntl(fd, F_DUPFD_CLOEXEC, 3), "duplicate descriptor", std::to_string(fd)));
}

} // namespace

void KeeperStore::store(const std::string &name, std::span<const int> descriptors) {
    std::vector<base::UniqueFd> copies;
    for (const int fd : descriptors)
        copies.push_back(copy_of(fd));
    copies_[name] = std::move(copies);
    try {
        client_.store(name, descriptors);
    } catch (const base::Error &error) {
        base::log::warning("keeper: {}", error.what());
    }
}

void KeeperStore::drop(const std::string &name) {
    if (copies_.erase(name) == 0)
        return;
    try {
        client_.drop(name);
    } catch (const base::Error &error) {
        base::log::warning("keeper: {}", error.what());
    }
}

container::DescriptorStore KeeperStore::take_all() {
    container::DescriptorStore all = client_.take_all();
    for (const auto &[name, fds] : all)
        for (const base::UniqueFd &fd : fds)
            copies_[name].push_back(fd.duplicate());
    return all;
}

std::map<std::string, std::vector<int>> KeeperStore::descriptors() const {
    std::map<std::string, std::vector<int>> result;
    for (const auto &[name, fds] : copies_)
        for (const base::UniqueFd &fd : fds)
            result[name].push_back(fd.get());
    return result;
}

} // namespace supervisor

#include "engine/network/port_owner.hpp"

#include "base/file.hpp"
#include "engine/network/records.hpp"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <sstream>

namespace network {

namespace {

namespace fs = base::fs;

// The container whose record says that it has the port published.
std::optional<std::string> container_holding(const base::Paths &paths, const PublishedPort &port) {
    for (const Publication &publication : Records(paths).publications())
        for (const PublishedPort &claimed : publication.ports)
            if (claimed.protocol == port.protocol && claimed.host_first == port.host_first)
                return fmt::format("container {} of project {}", publication.container_name,
                                   publication.project);
    return std::nullopt;
}

std::string process_name(const fs::path &process) {
    std::string name = base::read_file_if(process / "comm").value_or("");
    while (name.ends_with('\n'))
        name.pop_back();
    return name;
}

bool has_socket(const fs::path &process, const std::set<std::uint64_t> &inodes) {
    constexpr std::string_view mark = "socket:[";
    std::error_code unreadable; // ended meanwhile, or another user's
    for (const auto &entry : fs::directory_iterator(process / "fd", unreadable)) {
        const std::string target = fs::read_symlink(entry.path(), unreadable).string();
        std::uint64_t inode = 0;
        if (target.starts_with(mark))
            std::from_chars(target.data() + mark.size(), target.data() + target.size(), inode);
        if (inode != 0 && inodes.contains(inode))
            return true;
    }
    return false;
}

std::optional<std::string> process_holding(const std::set<std::uint64_t> &inodes) {
    if (inodes.empty())
        return std::nullopt;
    for (const std::string &pid : base::list_dir("/proc")) {
        const fs::path process = fs::path("/proc") / pid;
        if (pid.find_first_not_of("0123456789") != std::string::npos || !has_socket(process, inodes))
            continue;
        const std::string name = process_name(process);
        return name == "docker-proxy" ? fmt::format("a Docker container (docker-proxy, pid {})", pid)
                                      : fmt::format("process {} (pid {})", name, pid);
    }
    return std::nullopt;
}

} // namespace

std::set<std::uint64_t> socket_inodes(std::string_view table, std::uint16_t port, bool tcp) {
    constexpr std::string_view listening = "0A";
    const std::string suffix = fmt::format(":{:04X}", port);
    std::set<std::uint64_t> inodes;
    std::istringstream lines{std::string(table)};
    std::string line;
    std::getline(lines, line); // the heading
    while (std::getline(lines, line)) {
        std::istringstream fields(line);
        std::string slot, local, remote, state, queues, timer, retransmits, user, timeout;
        std::uint64_t inode = 0;
        fields >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout
            >> inode;
        if (local.ends_with(suffix) && (!tcp || state == listening) && inode != 0)
            inodes.insert(inode);
    }
    return inodes;
}

std::optional<std::string> port_owner(const base::Paths &paths, const PublishedPort &port) {
    if (auto container = container_holding(paths, port))
        return container;
    std::set<std::uint64_t> inodes;
    for (const char *family : {"", "6"}) {
        const auto table = base::read_file_if("/proc/thread-self/net/" + port.protocol + family);
        if (table)
            inodes.merge(socket_inodes(*table, port.host_first, port.protocol == "tcp"));
    }
    return process_holding(inodes);
}

} // namespace network

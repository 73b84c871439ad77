#include "engine/container/spec.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace container {

namespace {

std::uint32_t option_number(const std::string &text, std::string_view name, std::string_view value,
                            int radix) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number, radix);
    if (value.empty() || error != std::errc() || end != value.data() + value.size())
        throw base::Error("tmpfs " + text + ": option " + std::string(name) + " needs a number",
                          "for example /run:size=64m,mode=1770");
    return number;
}

void apply_option(const std::string &text, std::string_view option, Mount &mount, TmpfsMount &tmpfs) {
    const std::size_t equals = option.find('=');
    const std::string_view name = option.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? "" : option.substr(equals + 1);
    if (name == "size") {
        tmpfs.size = base::parse_bytes(value);
        if (!tmpfs.size)
            throw base::Error("tmpfs " + text + ": size " + std::string(value) + " is not a size",
                              "for example 64m");
    } else if (name == "mode") {
        tmpfs.mode = option_number(text, name, value, 8);
    } else if (name == "uid") {
        tmpfs.uid = option_number(text, name, value, 10);
    } else if (name == "gid") {
        tmpfs.gid = option_number(text, name, value, 10);
    } else if (name == "nr_inodes" || name == "nr_blocks") {
        if (!base::parse_bytes(value))
            throw base::Error("tmpfs " + text + ": option " + std::string(name) + " needs a number",
                              "for example /run:nr_inodes=10k");
        (name == "nr_inodes" ? tmpfs.nr_inodes : tmpfs.nr_blocks) = value;
    } else if (name == "noatime" || name == "strictatime") {
        tmpfs.access_times = name;
    } else if (name == "atime" || name == "relatime" || name == "norelatime" || name == "nostrictatime") {
        tmpfs.access_times.clear(); // the kernel's default for all of them
    } else if (name == "diratime" || name == "nodiratime") {
        tmpfs.directory_access_times = name == "diratime";
    } else if (name == "ro" || name == "rw") {
        mount.read_only = name == "ro";
    } else if (name == "exec" || name == "noexec") {
        tmpfs.exec = name == "exec";
    } else if (name == "suid" || name == "nosuid") {
        tmpfs.suid = name == "suid";
    } else if (name == "dev" || name == "nodev") {
        tmpfs.dev = name == "dev";
    } else {
        throw base::Error(
            "tmpfs " + text + ": unknown option " + std::string(option),
            "size, nr_inodes, nr_blocks, mode, uid, gid, ro, rw, exec, noexec, suid, nosuid, dev, nodev and "
            "those of access times are known");
    }
}

} // namespace

Mount parse_tmpfs(const std::string &text) {
    const std::size_t colon = text.find(':');
    Mount mount;
    TmpfsMount tmpfs;
    mount.target = text.substr(0, colon);
    std::string_view rest = colon == std::string::npos ? "" : std::string_view(text).substr(colon + 1);
    while (!rest.empty()) {
        const std::size_t comma = rest.find(',');
        apply_option(text, rest.substr(0, comma), mount, tmpfs);
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
    mount.source = tmpfs;
    return mount;
}

int parse_signal(const std::string &text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (!text.empty() && error == std::errc() && end == text.data() + text.size() && number > 0
        && number <= SIGRTMAX)
        return number;
    std::string name = text;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
    if (name.starts_with("SIG"))
        name.erase(0, 3);
    for (int signal = 1; signal < NSIG; ++signal) {
        const char *known = ::sigabbrev_np(signal);
        if (known != nullptr && name == known)
            return signal;
    }
    if (name.starts_with("RTMIN+") || name.starts_with("RTMAX-")) {
        const int offset = std::atoi(name.c_str() + 6);
        const int signal = name.starts_with("RTMIN+") ? SIGRTMIN + offset : SIGRTMAX - offset;
        if (offset >= 0 && signal >= SIGRTMIN && signal <= SIGRTMAX)
            return signal;
    }
    throw base::Error("unknown signal " + text, "use a name like SIGTERM or a number");
}

} // namespace container

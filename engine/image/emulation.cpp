#include "engine/image/emulation.hpp"

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/file.hpp"
#include "base/syscall.hpp"

#include <sys/mount.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <map>
#include <optional>
#include <sstream>
#include <vector>

namespace image {

namespace {

struct Elf {
    char word;  // 1: 32 bits, 2: 64
    char order; // 1: little end first, 2: big
    int machine;
};

const std::map<std::string_view, Elf> machines{
    {"386", {1, 1, 3}},      {"amd64", {2, 1, 62}},    {"arm", {1, 1, 40}},
    {"arm64", {2, 1, 183}},  {"loong64", {2, 1, 258}}, {"mips64le", {2, 1, 8}},
    {"ppc64le", {2, 1, 21}}, {"riscv64", {2, 1, 243}}, {"s390x", {2, 2, 22}},
};

std::optional<std::string> bytes_of(const std::string &hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        unsigned value = 0;
        const auto read = std::from_chars(&hex[i], &hex[i] + 2, value, 16);
        if (read.ptr != &hex[i] + 2)
            return std::nullopt;
        bytes.push_back(static_cast<char>(value));
    }
    return bytes;
}

// The file system without a place, so that nobody sees a mount.
base::UniqueFd open_records() {
    const base::UniqueFd context(base::sys_fsopen("binfmt_misc"));
    if (!context || base::sys_fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0)
        return {};
    return base::UniqueFd(base::sys_fsmount(context.get(), 0));
}

bool has_interpreter(const std::string &header) {
    const base::UniqueFd directory = open_records();
    if (!directory)
        return errno != ENODEV; // a kernel without it
    const std::string path = "/proc/self/fd/" + std::to_string(directory.get());
    const std::vector<std::string> names = base::list_dir(path);
    return std::any_of(names.begin(), names.end(), [&](const std::string &name) {
        const auto record =
            name == "register" || name == "status" ? std::nullopt : base::read_file_if(path + "/" + name);
        return record && interprets(*record, header);
    });
}

} // namespace

std::string elf_header(const Platform &platform) {
    const auto found = machines.find(platform.normalized().architecture);
    if (found == machines.end())
        return {};
    const Elf &elf = found->second;
    std::string header = "\x7f"
                         "ELF";
    header += {elf.word, elf.order, 1};
    header.resize(16, '\0');
    const auto add = [&](int half) {
        const char low = static_cast<char>(half & 0xff);
        const char high = static_cast<char>(half >> 8);
        header += elf.order == 1 ? std::string{low, high} : std::string{high, low};
    };
    add(2); // executable
    add(elf.machine);
    header.resize(64, '\0');
    return header;
}

bool interprets(std::string_view record, std::string_view header) {
    std::istringstream lines{std::string(record)};
    std::string line;
    if (!std::getline(lines, line) || line != "enabled")
        return false;
    std::size_t offset = 0;
    std::optional<std::string> magic, mask;
    while (std::getline(lines, line)) {
        const std::size_t space = line.find(' ');
        if (space == std::string::npos)
            continue;
        const std::string key = line.substr(0, space);
        const std::string value = line.substr(space + 1);
        if (key == "offset")
            std::from_chars(value.data(), value.data() + value.size(), offset);
        else if (key == "magic")
            magic = bytes_of(value);
        else if (key == "mask")
            mask = bytes_of(value);
    }
    if (!magic || magic->empty() || offset > header.size() || magic->size() > header.size() - offset
        || (mask && mask->size() != magic->size()))
        return false;
    for (std::size_t i = 0; i < magic->size(); ++i)
        if ((((*magic)[i] ^ header[offset + i]) & (mask ? (*mask)[i] : '\xff')) != 0)
            return false;
    return true;
}

bool can_run(const Platform &platform) {
    const Platform host = Platform::host();
    if (host.distance_to(platform) >= 0)
        return true;
    const Platform wanted = platform.normalized();
    // Many processors of arm64 run programs of arm, too.
    if (host.architecture == "arm64" && wanted.architecture == "arm")
        return true;
    const std::string header = elf_header(wanted);
    return wanted.os == host.os && (header.empty() || has_interpreter(header));
}

std::string emulation_hint(const Platform &platform) {
    return "install an interpreter for programs of " + platform.architecture
           + " with binfmt_misc: apt install qemu-user-static binfmt-support";
}

} // namespace image

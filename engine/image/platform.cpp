#include "engine/image/platform.hpp"

#include "base/error.hpp"

#include <sys/utsname.h>

#include <map>

namespace image {

namespace {

const std::map<std::string_view, std::pair<std::string_view, std::string_view>> architecture_aliases{
    {"x86_64", {"amd64", ""}},
    {"x86-64", {"amd64", ""}},
    {"aarch64", {"arm64", ""}},
    {"armhf", {"arm", "v7"}},
    {"armel", {"arm", "v6"}},
    {"armv7l", {"arm", "v7"}},
    {"armv6l", {"arm", "v6"}},
    {"i386", {"386", ""}},
    {"i686", {"386", ""}},
    {"powerpc64le", {"ppc64le", ""}},
    {"loongarch64", {"loong64", ""}},
};

int arm_version(const std::string &variant) {
    return variant.size() == 2 && variant[0] == 'v' ? variant[1] - '0' : 7;
}

} // namespace

Platform Platform::normalized() const {
    Platform result = *this;
    for (std::string *part : {&result.os, &result.architecture, &result.variant})
        for (char &c : *part)
            if (c >= 'A' && c <= 'Z')
                c = static_cast<char>(c - 'A' + 'a');
    if (const auto alias = architecture_aliases.find(result.architecture);
        alias != architecture_aliases.end()) {
        result.architecture = alias->second.first;
        if (result.variant.empty())
            result.variant = alias->second.second;
    }
    if (!result.variant.empty() && result.variant[0] >= '0' && result.variant[0] <= '9')
        result.variant.insert(0, "v");
    const bool is_default = (result.architecture == "arm64" && result.variant == "v8")
                            || (result.architecture == "arm" && result.variant == "v7")
                            || (result.architecture == "amd64" && result.variant == "v1");
    if (is_default)
        result.variant.clear();
    return result;
}

Platform Platform::host() {
    utsname names{};
    ::uname(&names);
    return Platform{"linux", names.machine, ""}.normalized();
}

Platform Platform::parse(std::string_view text) {
    Platform result;
    std::string *const parts[] = {&result.os, &result.architecture, &result.variant};
    std::size_t count = 0;
    std::string_view rest = text;
    for (bool more = true; more; ++count) {
        const auto slash = rest.find('/');
        more = slash != std::string_view::npos;
        const std::string_view part = rest.substr(0, slash);
        if (count == 3 || part.empty()
            || part.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
                   != std::string_view::npos)
            throw base::Error("invalid platform \"" + std::string(text) + "\"",
                              "write it as os/architecture[/variant], for example linux/arm64");
        *parts[count] = part;
        if (more)
            rest.remove_prefix(slash + 1);
    }
    if (count == 1 && result.os == "linux")
        result.architecture = host().architecture;
    else if (count == 1)
        result = Platform{"linux", result.os, ""};
    return result.normalized();
}

std::string Platform::text() const {
    return os + "/" + architecture + (variant.empty() ? "" : "/" + variant);
}

int Platform::distance_to(const Platform &other) const {
    const Platform mine = normalized();
    const Platform theirs = other.normalized();
    if (mine.os != theirs.os)
        return -1;
    if (mine.architecture == theirs.architecture) {
        if (mine.variant == theirs.variant)
            return 0;
        if (mine.architecture == "arm") {
            const int older = arm_version(mine.variant) - arm_version(theirs.variant);
            return older > 0 ? older : -1;
        }
        return theirs.variant.empty() ? 1 : -1;
    }
    if (mine.architecture == "amd64" && theirs.architecture == "386")
        return 100;
    return -1;
}

} // namespace image

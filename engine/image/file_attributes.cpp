#include "engine/image/file_attributes.hpp"

#include "base/error.hpp"

#include <climits>

#include <sys/xattr.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <unistd.h>

namespace image {

namespace {

constexpr std::size_t largest = 65536; // XATTR_SIZE_MAX and XATTR_LIST_MAX

bool is_of_the_file(std::string_view name) {
    if (name.starts_with("trusted.overlay.") || name.starts_with("user.overlay."))
        return false;
    return !name.starts_with("security.") || name == "security.capability";
}

} // namespace

std::map<std::string, std::string> file_attributes(int directory, const std::string &name) {
    // Links have attributes too, hence by path.
    const std::string path = "/proc/self/fd/" + std::to_string(directory) + "/" + name;
    std::map<std::string, std::string> found;
    ssize_t size = ::llistxattr(path.c_str(), nullptr, 0);
    if (size == 0 || (size < 0 && errno == ENOTSUP))
        return found;
    std::string list(largest, '\0');
    size = base::check(::llistxattr(path.c_str(), list.data(), list.size()), "list attributes of", name);
    for (const char *key = list.data(); key < list.data() + size; key += std::strlen(key) + 1) {
        if (!is_of_the_file(key))
            continue;
        std::string value(largest, '\0');
        const ssize_t length = ::lgetxattr(path.c_str(), key, value.data(), value.size());
        value.resize(static_cast<std::size_t>(
            base::check(length, std::string("read attribute ") + key + " of", name)));
        found[key] = std::move(value);
    }
    return found;
}

std::string link_target(int directory, const std::string &name) {
    std::string target(PATH_MAX, '\0');
    const ssize_t size = ::readlinkat(directory, name.c_str(), target.data(), target.size());
    target.resize(static_cast<std::size_t>(base::check(size, "read link", name)));
    return target;
}

} // namespace image

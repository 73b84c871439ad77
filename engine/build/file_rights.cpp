// --chown and --chmod.
#include "base/error.hpp"
#include "engine/build/copy_files.hpp"
#include "engine/container/users.hpp"

#include <charconv>

namespace build {

namespace {

mode_t parse_mode(const std::string &text) {
    unsigned mode = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || mode > 07777)
        throw base::Error("\"" + text + "\" is no file mode", "write it in octal, as --chmod=755");
    return mode;
}

} // namespace

std::pair<uid_t, gid_t> owner_of(int root, const std::string &text) {
    const container::Identity identity = container::resolve_user(container::read_user_files(root), text, {});
    const auto number = container::parse_id(text);
    return {identity.uid, number ? *number : identity.gid};
}

FileRights file_rights(int root, const CopyStep &step) {
    FileRights rights;
    if (!step.chown.empty())
        rights.owner = owner_of(root, step.chown);
    if (!step.chmod.empty())
        rights.mode = parse_mode(step.chmod);
    return rights;
}

} // namespace build

// --chown and --chmod.
#include "base/error.hpp"
#include "engine/build/copy_files.hpp"
#include "engine/container/users.hpp"

namespace build {

std::pair<uid_t, gid_t> owner_of(int root, const std::string &text) {
    const container::UserFiles files = root < 0 ? container::UserFiles{} : container::read_user_files(root);
    const container::Identity identity = container::resolve_user(files, text, {});
    const auto number = container::parse_id(text);
    return {identity.uid, number ? *number : identity.gid};
}

FileRights file_rights(int root, const CopyStep &step) {
    FileRights rights;
    if (!step.chown.empty())
        rights.owner = owner_of(root, step.chown);
    if (!step.chmod.empty())
        rights.mode = FileMode::parse(step.chmod);
    return rights;
}

} // namespace build

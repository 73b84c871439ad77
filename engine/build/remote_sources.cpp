#include "engine/build/remote_sources.hpp"

namespace build {

RemoteFiles RemoteSources::fetch(const std::string &source, const CopyStep::Add &add) const {
    auto repository = parse_git_source(source);
    if (!repository)
        return fetch_web_file(paths_, source, add.checksum, cancellation_);
    repository->keep_git_dir = add.keep_git_dir.value_or(repository->keep_git_dir);
    if (!add.checksum.empty())
        repository->commit = add.checksum;
    return fetch_repository(paths_, *repository, cancellation_);
}

RemoteFiles RemoteSources::get(const std::string &source, const CopyStep::Add &add) {
    const std::string key =
        source + '\n' + add.checksum + '\n' + (add.keep_git_dir.value_or(false) ? "keep" : "");
    {
        const std::lock_guard lock(mutex_);
        if (const auto known = found_.find(key); known != found_.end())
            return known->second;
    }
    // Not under the lock: stages fetch at the same time.
    RemoteFiles files = fetch(source, add);
    const std::lock_guard lock(mutex_);
    return found_.emplace(key, std::move(files)).first->second;
}

} // namespace build

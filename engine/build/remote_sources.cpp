#include "engine/build/remote_sources.hpp"

#include "base/digest.hpp"
#include "base/file.hpp"
#include "engine/image/sources.hpp"

#include <fcntl.h>

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

namespace {

std::string digest_of(const std::filesystem::path &path) {
    const base::UniqueFd fd = base::open_file(path, O_RDONLY);
    image::FdSource source(fd.get(), path.string());
    base::Sha256 hash;
    std::vector<char> buffer(1 << 20);
    while (const std::size_t count = source.read(buffer.data(), buffer.size()))
        hash.update({buffer.data(), count});
    return hash.hex();
}

} // namespace

std::vector<Material> RemoteSources::materials() const {
    std::vector<Material> materials;
    for (const auto &[key, files] : found_) {
        const std::string uri = without_login(key.substr(0, key.find('\n')));
        if (!files.commit.empty())
            materials.push_back({uri, "sha1", files.commit});
        else
            materials.push_back({uri, "sha256", digest_of(files.directory / files.name)});
    }
    return materials;
}

} // namespace build

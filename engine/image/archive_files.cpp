#include "engine/image/archive_files.hpp"

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/syscall.hpp"

#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>
#include <vector>

namespace image {

namespace {

constexpr off_t largest_document = 16 << 20;

} // namespace

std::string layout_name(const std::string &digest) {
    return "blobs/sha256/" + digest.substr(7);
}

base::UniqueFd ArchiveFiles::open(const std::string &name) const {
    open_how how{};
    how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK; // a FIFO must not hang us
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    base::UniqueFd fd(base::sys_openat2(directory_.get(), name.c_str(), how));
    if (!fd && (errno == ENOENT || errno == ENOTDIR))
        return fd;
    if (!fd)
        base::throw_errno("open", name);

    struct stat status {};

    base::check(::fstat(fd.get(), &status), "look up", name);
    if (!S_ISREG(status.st_mode))
        throw base::Error("the archive's " + name + " is not a regular file");
    return fd;
}

std::optional<std::string> ArchiveFiles::document(const std::string &name) const {
    const base::UniqueFd fd = open(name);
    if (!fd)
        return std::nullopt;

    struct stat status {};

    base::check(::fstat(fd.get(), &status), "look up", name);
    if (status.st_size > largest_document)
        throw base::Error("the archive's " + name + " is larger than 16 MiB");
    return base::read_all(fd.get(), name);
}

std::optional<base::Json> ArchiveFiles::json(const std::string &name) const {
    const auto text = document(name);
    return text ? std::optional(base::parse_json(*text, "the archive's " + name)) : std::nullopt;
}

ArchiveFiles::Stored ArchiveFiles::store(const Content &content, const std::string &name,
                                         const std::string &expected) const {
    const base::UniqueFd fd = open(name);
    if (!fd)
        throw base::Error("the archive has no " + name, "it is incomplete: save or export it again");
    std::optional<BlobWriter> copy;
    if (!ours_)
        copy.emplace(content);
    base::Sha256 hash;
    Stored stored;
    std::vector<char> buffer(1 << 20);
    for (;;) {
        const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR)
            continue;
        base::check(count, "read", name);
        if (count == 0)
            break;
        const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
        if (stored.size == 0)
            stored.compression = detect_compression(bytes);
        stored.size += count;
        if (copy)
            copy->write(bytes);
        else
            hash.update(bytes);
    }
    stored.digest = copy ? copy->commit() : "sha256:" + hash.hex();
    if (!expected.empty() && stored.digest != expected)
        throw_wrong_digest("the archive's " + name, expected, stored.digest);
    if (copy)
        return stored;
    const std::string from = "/proc/self/fd/" + std::to_string(fd.get());
    if (::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, content.path(stored.digest).c_str(), AT_SYMLINK_FOLLOW) < 0
        && errno != EEXIST)
        base::throw_errno("store", content.path(stored.digest).string());
    return stored;
}

} // namespace image

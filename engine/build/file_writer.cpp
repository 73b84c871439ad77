#include "engine/build/file_writer.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/build/root_directory.hpp"
#include "engine/image/file_attributes.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace build {

namespace {

std::pair<dev_t, ino_t> identity(const struct stat &status) {
    return {status.st_dev, status.st_ino};
}

void make_room(const CopyPlace &place) {
    if (::unlinkat(place.directory, place.name.c_str(), 0) == 0 || errno == ENOENT)
        return;
    if (errno == EISDIR)
        throw base::Error("a file can't be copied over the directory " + place.path,
                          "choose another destination, or remove it before");
    base::throw_errno("replace", place.path);
}

void content(int from, int to, const std::string &path) {
    for (;;) {
        // Nothing need not be the end: not every file system can do it.
        if (::copy_file_range(from, nullptr, to, nullptr, 1 << 30, 0) <= 0)
            break;
    }
    std::array<char, 65536> buffer;
    while (const ssize_t count = base::check(::read(from, buffer.data(), buffer.size()), "read", path))
        base::write_all(to, {buffer.data(), static_cast<std::size_t>(count)}, path);
}

} // namespace

std::string parent_of(const std::string &path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

std::string last_of(const std::string &path) {
    return path.substr(path.rfind('/') + 1);
}

base::UniqueFd create_file(const CopyPlace &place) {
    make_room(place);
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    return base::UniqueFd(
        base::check(::openat(place.directory, place.name.c_str(), flags, 0600), "create", place.path));
}

mode_t mode_for(const FileRights &rights, mode_t mode) {
    return rights.mode ? rights.mode->apply(mode, S_ISDIR(mode)) : mode & 07777;
}

void FileWriter::write(const SourceTree::Entry &entry, const CopyPlace &place) {
    if (S_ISSOCK(entry.status.st_mode))
        return; // nobody listens on a copy
    if (entry.status.st_nlink > 1 && link_to_copy(entry, place))
        return;
    if (S_ISREG(entry.status.st_mode))
        regular(entry, place);
    else
        special(entry, place);
    if (entry.status.st_nlink > 1)
        copies_.emplace(identity(entry.status), place.path);
}

bool FileWriter::link_to_copy(const SourceTree::Entry &entry, const CopyPlace &place) const {
    const auto found = copies_.find(identity(entry.status));
    if (found == copies_.end())
        return false;
    make_room(place);
    const base::UniqueFd first = make_directories(root_, parent_of(found->second));
    base::check(::linkat(first.get(), last_of(found->second).c_str(), place.directory, place.name.c_str(), 0),
                "link", place.path);
    return true;
}

void FileWriter::regular(const SourceTree::Entry &entry, const CopyPlace &place) const {
    const base::UniqueFd from = tree_.open(entry);
    const base::UniqueFd to = create_file(place);
    content(from.get(), to.get(), place.path);
    finish(to.get(), entry.status, place.path);
    copy_attributes(entry, to.get(), place.path);
    const timespec times[2] = {entry.status.st_mtim, entry.status.st_mtim};
    base::check(::futimens(to.get(), times), "set times of", place.path);
}

void FileWriter::special(const SourceTree::Entry &entry, const CopyPlace &place) const {
    make_room(place);
    const bool link = S_ISLNK(entry.status.st_mode);
    if (link)
        base::check(::symlinkat(image::link_target(entry.directory, entry.name).c_str(), place.directory,
                                place.name.c_str()),
                    "create link", place.path);
    else
        base::check(
            ::mknodat(place.directory, place.name.c_str(), entry.status.st_mode, entry.status.st_rdev),
            "create node", place.path);
    const Owner owner = owner_for(entry.status);
    base::check(
        ::fchownat(place.directory, place.name.c_str(), owner.first, owner.second, AT_SYMLINK_NOFOLLOW),
        "set owner of", place.path);
    if (!link)
        base::check(
            ::fchmodat(place.directory, place.name.c_str(), mode_for(rights_, entry.status.st_mode), 0),
            "set mode of", place.path);
    const timespec times[2] = {entry.status.st_mtim, entry.status.st_mtim};
    base::check(::utimensat(place.directory, place.name.c_str(), times, AT_SYMLINK_NOFOLLOW), "set times of",
                place.path);
}

FileWriter::Owner FileWriter::owner_for(const struct stat &status) const {
    if (rights_.owner)
        return *rights_.owner;
    return tree_.owners() == SourceTree::Owners::root ? Owner{0, 0} : Owner{status.st_uid, status.st_gid};
}

void FileWriter::describe(const SourceTree::Entry &entry, int directory, const std::string &path) const {
    finish(directory, entry.status, path);
    copy_attributes(entry, directory, path);
}

void FileWriter::finish(int fd, const struct stat &status, const std::string &path) const {
    const Owner owner = owner_for(status);
    base::check(::fchown(fd, owner.first, owner.second), "set owner of", path);
    // After the owner, whose change clears setuid bits.
    base::check(::fchmod(fd, mode_for(rights_, status.st_mode)), "set mode of", path);
}

void FileWriter::copy_attributes(const SourceTree::Entry &entry, int fd, const std::string &path) const {
    if (tree_.owners() == SourceTree::Owners::root)
        return;
    for (const auto &[name, value] : image::file_attributes(entry.directory, entry.name))
        if (::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) < 0 && errno != ENOTSUP)
            base::throw_errno("set attribute " + name + " of", path);
}

} // namespace build

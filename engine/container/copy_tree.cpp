#include "engine/container/copy_tree.hpp"

#include "base/error.hpp"
#include "base/fd.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <map>
#include <memory>
#include <unistd.h>
#include <utility>
#include <vector>

namespace container {

namespace {

constexpr const char *partial_name = ".compose-partial";
constexpr int synced_one_by_one = 64; // files; for more, one syncfs is faster

struct CloseDir {
    void operator()(DIR *stream) const { ::closedir(stream); }
};

class Copier {
  public:
    Copier(int top, const std::string &subject) : top_(top), subject_(subject) {}

    void directory(int from, int to) {
        const int listed = ::fcntl(from, F_DUPFD_CLOEXEC, 3);
        const std::unique_ptr<DIR, CloseDir> stream(::fdopendir(check(listed, "read directory", ".")));
        ::rewinddir(stream.get());
        while (const dirent *entry = ::readdir(stream.get())) {
            const std::string name = entry->d_name;
            if (name != "." && name != "..")
                copy(from, to, name);
        }

        struct stat status {};

        check(::fstat(from, &status), "examine", ".");
        check(::fchown(to, status.st_uid, status.st_gid), "set owner of", ".");
        attributes(from, to);
        check(::fchmod(to, status.st_mode & 07777), "set mode of", ".");
        times(to, nullptr, status);
    }

    void sync() {
        if (files_ > synced_one_by_one)
            check(::syncfs(top_), "sync", ".");
        else
            check(::fsync(top_), "sync", ".");
    }

  private:
    template <typename T>
    T check(T result, const char *doing, const std::string &name) const {
        return base::check(result, doing, subject_ + "/" + name);
    }

    void copy(int from, int to, const std::string &name) {
        struct stat status {};

        check(::fstatat(from, name.c_str(), &status, AT_SYMLINK_NOFOLLOW), "examine", name);
        if (S_ISDIR(status.st_mode))
            return subdirectory(from, to, name);
        if (status.st_nlink > 1 && link_to_copy(to, name, status))
            return;
        if (S_ISREG(status.st_mode))
            file(from, to, name, status);
        else if (S_ISLNK(status.st_mode))
            symbolic_link(from, to, name, status);
        else
            node(to, name, status);
        if (status.st_nlink > 1)
            copied_.emplace(std::pair(status.st_dev, status.st_ino), Copied{base::UniqueFd(::dup(to)), name});
    }

    bool link_to_copy(int to, const std::string &name, const struct stat &status) {
        const auto found = copied_.find(std::pair(status.st_dev, status.st_ino));
        if (found == copied_.end())
            return false;
        if (::linkat(found->second.directory.get(), found->second.name.c_str(), to, name.c_str(), 0) < 0
            && errno != EEXIST)
            base::throw_errno("link", subject_ + "/" + name);
        return true;
    }

    void subdirectory(int from, int to, const std::string &name) {
        if (::mkdirat(to, name.c_str(), 0700) < 0 && errno != EEXIST)
            base::throw_errno("create directory", subject_ + "/" + name);
        constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        const base::UniqueFd inner_from(check(::openat(from, name.c_str(), flags), "open directory", name));
        const base::UniqueFd inner_to(check(::openat(to, name.c_str(), flags), "open directory", name));
        directory(inner_from.get(), inner_to.get());
    }

    void file(int from, int to, const std::string &name, const struct stat &status) {
        if (::faccessat(to, name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            return;
        const base::UniqueFd source(
            check(::openat(from, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC), "open", name));
        const base::UniqueFd target(
            check(::openat(to, partial_name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600),
                  "create", name));
        content(source.get(), target.get(), name);
        check(::fchown(target.get(), status.st_uid, status.st_gid), "set owner of", name);
        attributes(source.get(), target.get());
        check(::fchmod(target.get(), status.st_mode & 07777), "set mode of", name);
        times(target.get(), nullptr, status);
        if (++files_ <= synced_one_by_one)
            check(::fsync(target.get()), "sync", name);
        check(::renameat(to, partial_name, to, name.c_str()), "create", name);
    }

    void content(int source, int target, const std::string &name) {
        for (;;) {
            const ssize_t count = ::copy_file_range(source, nullptr, target, nullptr, 1 << 30, 0);
            if (count == 0)
                return;
            if (count < 0)
                break;
        }
        std::array<char, 65536> buffer;
        for (;;) {
            const ssize_t count = check(::read(source, buffer.data(), buffer.size()), "read", name);
            if (count == 0)
                return;
            for (ssize_t done = 0; done < count;)
                done += check(::write(target, buffer.data() + done, static_cast<std::size_t>(count - done)),
                              "write", name);
        }
    }

    void symbolic_link(int from, int to, const std::string &name, const struct stat &status) {
        std::array<char, 4096> text;
        const ssize_t size =
            check(::readlinkat(from, name.c_str(), text.data(), text.size() - 1), "read link", name);
        text[static_cast<std::size_t>(size)] = '\0';
        if (::symlinkat(text.data(), to, name.c_str()) < 0) {
            if (errno == EEXIST)
                return;
            base::throw_errno("create link", subject_ + "/" + name);
        }
        check(::fchownat(to, name.c_str(), status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW), "set owner of",
              name);
        times(to, name.c_str(), status);
    }

    void node(int to, const std::string &name, const struct stat &status) {
        if (S_ISSOCK(status.st_mode))
            return; // nobody listens on a copy
        if (::mknodat(to, name.c_str(), status.st_mode, status.st_rdev) < 0) {
            if (errno == EEXIST)
                return;
            base::throw_errno("create node", subject_ + "/" + name);
        }
        check(::fchownat(to, name.c_str(), status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW), "set owner of",
              name);
        check(::fchmodat(to, name.c_str(), status.st_mode & 07777, 0), "set mode of", name);
        times(to, name.c_str(), status);
    }

    // Those of overlay describe the layer, not the file. File systems differ in what they take: what the
    // destination can't hold is lost, as with cp -a.
    void attributes(int source, int target) {
        std::vector<char> names(65536);
        const ssize_t size = ::flistxattr(source, names.data(), names.size());
        for (const char *name = names.data(); name < names.data() + size;
             name += std::string_view(name).size() + 1) {
            if (std::string_view(name).starts_with("trusted.overlay."))
                continue;
            std::vector<char> value(65536);
            const ssize_t count = ::fgetxattr(source, name, value.data(), value.size());
            if (count >= 0 && ::fsetxattr(target, name, value.data(), static_cast<std::size_t>(count), 0) < 0
                && errno != EOPNOTSUPP && errno != EPERM)
                base::throw_errno("set attribute of", subject_);
        }
    }

    void times(int at, const char *name, const struct stat &status) const {
        const timespec both[2] = {status.st_atim, status.st_mtim};
        check(name == nullptr ? ::futimens(at, both) : ::utimensat(at, name, both, AT_SYMLINK_NOFOLLOW),
              "set times of", name == nullptr ? "." : name);
    }

    struct Copied {
        base::UniqueFd directory;
        std::string name;
    };

    int top_;
    const std::string &subject_;
    int files_ = 0;
    std::map<std::pair<dev_t, ino_t>, Copied> copied_;
};

} // namespace

void copy_tree(int from, int to, const std::string &subject) {
    Copier copier(to, subject);
    copier.directory(from, to);
    copier.sync();
}

} // namespace container

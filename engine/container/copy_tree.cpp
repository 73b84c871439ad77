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
#include <set>
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
    Copier(int top, const std::string &subject, const CopyOptions &options)
        : top_(top), subject_(subject), options_(options) {}

    // fresh: made by this copy, which then gives it what the source has besides entries.
    void directory(int from, int to, bool fresh) {
        const int listed = ::fcntl(from, F_DUPFD_CLOEXEC, 3);
        const std::unique_ptr<DIR, CloseDir> stream(::fdopendir(check(listed, "read directory", ".")));
        ::rewinddir(stream.get());
        while (const dirent *item = ::readdir(stream.get())) {
            const std::string name = item->d_name;
            if (name != "." && name != "..")
                entry(from, name, to, name);
        }
        if (options_.replace && !fresh)
            return;

        struct stat status {};

        check(::fstat(from, &status), "examine", ".");
        give(to, status, ".");
        attributes(from, to);
        check(::fchmod(to, status.st_mode & 07777), "set mode of", ".");
        times(to, nullptr, status);
    }

    void entry(int from, const std::string &name, int to, const std::string &as) {
        struct stat status {};

        check(::fstatat(from, name.c_str(), &status, AT_SYMLINK_NOFOLLOW), "examine", name);
        if (S_ISDIR(status.st_mode) && made_.contains(identity(status)))
            return; // a directory copied into itself
        if (S_ISDIR(status.st_mode))
            return subdirectory(from, name, to, as);
        if (status.st_nlink > 1 && link_to_copy(to, as, status))
            return;
        if (S_ISREG(status.st_mode))
            return file(from, name, to, as, status);
        if (options_.replace)
            make_room(to, as);
        if (S_ISLNK(status.st_mode))
            symbolic_link(from, name, to, as, status);
        else
            node(to, as, status);
        remember(to, as, status);
    }

    void sync() {
        if (!options_.durable)
            return;
        if (files_ > synced_one_by_one)
            check(::syncfs(top_), "sync", ".");
        else
            check(::fsync(top_), "sync", ".");
    }

  private:
    using Identity = std::pair<dev_t, ino_t>;

    static Identity identity(const struct stat &status) { return {status.st_dev, status.st_ino}; }

    template <typename T>
    T check(T result, const char *doing, const std::string &name) const {
        return base::check(result, doing, subject_ + "/" + name);
    }

    [[nodiscard]] Owner owner(const struct stat &status) const {
        const Owner source{status.st_uid, status.st_gid};
        return options_.owner ? options_.owner(source) : source;
    }

    void give(int fd, const struct stat &status, const std::string &name) const {
        const Owner to = owner(status);
        check(::fchown(fd, to.uid, to.gid), "set owner of", name);
    }

    void give(int directory, const std::string &name, const struct stat &status) const {
        const Owner to = owner(status);
        check(::fchownat(directory, name.c_str(), to.uid, to.gid, AT_SYMLINK_NOFOLLOW), "set owner of", name);
    }

    void make_room(int to, const std::string &as) const {
        if (::unlinkat(to, as.c_str(), 0) < 0 && errno != ENOENT)
            base::throw_errno("replace", subject_ + "/" + as);
    }

    void remember(int to, const std::string &as, const struct stat &status) {
        if (status.st_nlink > 1)
            copied_.emplace(identity(status), Copied{base::UniqueFd(::dup(to)), as});
    }

    bool link_to_copy(int to, const std::string &name, const struct stat &status) {
        const auto found = copied_.find(identity(status));
        if (found == copied_.end())
            return false;
        if (options_.replace)
            make_room(to, name);
        if (::linkat(found->second.directory.get(), found->second.name.c_str(), to, name.c_str(), 0) < 0
            && errno != EEXIST)
            base::throw_errno("link", subject_ + "/" + name);
        return true;
    }

    void subdirectory(int from, const std::string &name, int to, const std::string &as) {
        const bool fresh = ::mkdirat(to, as.c_str(), 0700) == 0;
        if (!fresh && errno != EEXIST)
            base::throw_errno("create directory", subject_ + "/" + as);
        constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        const base::UniqueFd inner_from(check(::openat(from, name.c_str(), flags), "open directory", name));
        const base::UniqueFd inner_to(check(::openat(to, as.c_str(), flags), "open directory", as));

        struct stat made {};

        check(::fstat(inner_to.get(), &made), "examine", as);
        made_.insert(identity(made));
        directory(inner_from.get(), inner_to.get(), fresh);
    }

    void file(int from, const std::string &name, int to, const std::string &as, const struct stat &status) {
        if (!options_.replace && ::faccessat(to, as.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            return remember(to, as, status);
        // What was a file a moment ago may be a pipe that blocks by now.
        const base::UniqueFd source(check(
            ::openat(from, name.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC), "open", name));
        const base::UniqueFd target(
            check(::openat(to, partial_name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600),
                  "create", as));
        content(source.get(), target.get(), as);
        give(target.get(), status, as);
        attributes(source.get(), target.get());
        check(::fchmod(target.get(), status.st_mode & 07777), "set mode of", as);
        times(target.get(), nullptr, status);
        if (options_.durable && ++files_ <= synced_one_by_one)
            check(::fsync(target.get()), "sync", as);
        check(::renameat(to, partial_name, to, as.c_str()), "create", as);
        remember(to, as, status);
    }

    void content(int source, int target, const std::string &name) {
        for (;;) {
            // Nothing is not the end of it: files of /proc have no size, yet content.
            if (::copy_file_range(source, nullptr, target, nullptr, 1 << 30, 0) <= 0)
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

    void symbolic_link(int from, const std::string &name, int to, const std::string &as,
                       const struct stat &status) {
        std::array<char, 4096> text;
        const ssize_t size =
            check(::readlinkat(from, name.c_str(), text.data(), text.size() - 1), "read link", name);
        text[static_cast<std::size_t>(size)] = '\0';
        if (::symlinkat(text.data(), to, as.c_str()) < 0) {
            if (errno == EEXIST)
                return;
            base::throw_errno("create link", subject_ + "/" + as);
        }
        give(to, as, status);
        times(to, as.c_str(), status);
    }

    void node(int to, const std::string &name, const struct stat &status) {
        if (S_ISSOCK(status.st_mode))
            return; // nobody listens on a copy
        if (::mknodat(to, name.c_str(), status.st_mode, status.st_rdev) < 0) {
            if (errno == EEXIST)
                return;
            base::throw_errno("create node", subject_ + "/" + name);
        }
        give(to, name, status);
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
    const CopyOptions &options_;
    int files_ = 0;
    std::map<Identity, Copied> copied_;
    std::set<Identity> made_; // directories
};

} // namespace

void copy_tree(int from, int to, const std::string &subject, const CopyOptions &options) {
    Copier copier(to, subject, options);
    copier.directory(from, to, false);
    copier.sync();
}

void copy_entry(int from, const std::string &name, int to, const std::string &as, const std::string &subject,
                const CopyOptions &options) {
    Copier copier(to, subject, options);
    copier.entry(from, name, to, as);
    copier.sync();
}

} // namespace container

#include "engine/image/pack.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/image/file_attributes.hpp"
#include "engine/image/tar_member.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <algorithm>
#include <fcntl.h>
#include <map>
#include <tuple>
#include <unistd.h>
#include <utility>
#include <vector>

namespace image {

namespace {

constexpr const char *opaque_attribute = "trusted.overlay.opaque";
constexpr const char *redirect_attribute = "trusted.overlay.redirect";
constexpr std::size_t block = 1 << 20;

std::string path_of(int dir) {
    return "/proc/self/fd/" + std::to_string(dir);
}

bool is_opaque(int dir, const std::string &name) {
    char value = '\0';
    return ::lgetxattr((path_of(dir) + "/" + name).c_str(), opaque_attribute, &value, 1) == 1 && value == 'y';
}

bool is_redirected(int dir, const std::string &name) {
    return ::lgetxattr((path_of(dir) + "/" + name).c_str(), redirect_attribute, nullptr, 0) > 0;
}

bool is_mount_point(int dir, const std::string &name) {
    struct statx status {};

    return ::statx(dir, name.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &status) == 0
           && (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

class Packer {
  public:
    Packer(const std::function<void(std::string_view)> &sink, const PackOptions &options)
        : sink_(sink), options_(options), buffer_(block) {}

    void directory(int dir, const std::string &prefix) {
        for (const std::string &name : base::list_dir(path_of(dir)))
            entry(dir, name, prefix + name);
    }

    // As the member `path`.
    void entry(int dir, const std::string &name, const std::string &path) {
        try {
            add(dir, name, path);
        } catch (const base::SystemError &error) {
            if (error.code() != ENOENT || !options_.on_change)
                throw;
            options_.on_change(path + " was removed before it was read");
        }
    }

    PackResult finish() {
        sink_(tar_end());
        return result_;
    }

  private:
    using Identity = std::pair<dev_t, ino_t>;

    // Writes nothing when it fails because there is no such entry.
    void add(int dir, const std::string &name, const std::string &path) {
        struct stat status {};

        base::check(::fstatat(dir, name.c_str(), &status, AT_SYMLINK_NOFOLLOW), "examine", path);
        if (S_ISSOCK(status.st_mode))
            return;
        if (S_ISCHR(status.st_mode) && status.st_rdev == 0)
            return whiteout(path.substr(0, path.size() - name.size()) + ".wh." + name);
        TarEntry member = describe(dir, name, path, status);
        if (options_.one_mount && is_mount_point(dir, name))
            return mount_point(member);
        member.xattrs = file_attributes(dir, name);
        if (S_ISDIR(status.st_mode))
            return subdirectory(dir, name, member);
        const Identity identity{status.st_dev, status.st_ino};
        if (const auto first = links_.find(identity); status.st_nlink > 1 && first != links_.end()) {
            member.type = TarType::hard_link;
            member.link = first->second;
            member.size = 0;
            member.xattrs.clear();
            return write(member);
        }
        if (S_ISREG(status.st_mode))
            file(dir, name, member, identity);
        else
            write(member);
        if (status.st_nlink > 1)
            links_.emplace(identity, path);
    }

    TarEntry describe(int dir, const std::string &name, const std::string &path, const struct stat &status) {
        TarEntry member;
        member.name = path;
        member.mode = status.st_mode & 07777;
        member.uid = status.st_uid;
        member.gid = status.st_gid;
        if (options_.owner)
            std::tie(member.uid, member.gid) = options_.owner(status.st_uid, status.st_gid);
        member.mtime = time_of(dir, name, path, status);
        switch (status.st_mode & S_IFMT) {
        case S_IFDIR:
            member.type = TarType::directory;
            member.name += '/';
            break;
        case S_IFLNK:
            member.type = TarType::symlink;
            member.link = link_target(dir, name);
            break;
        case S_IFCHR:
        case S_IFBLK:
            member.type = S_ISCHR(status.st_mode) ? TarType::char_device : TarType::block_device;
            member.device_major = major(status.st_rdev);
            member.device_minor = minor(status.st_rdev);
            break;
        case S_IFIFO:
            member.type = TarType::fifo;
            break;
        default:
            member.size = static_cast<std::uint64_t>(status.st_size);
        }
        return member;
    }

    timespec time_of(int dir, const std::string &name, const std::string &path, const struct stat &status) {
        if (!options_.latest || status.st_mtim.tv_sec < *options_.latest)
            return status.st_mtim;
        const timespec latest{*options_.latest, 0};
        const timespec times[2] = {latest, latest};
        if (status.st_mtim.tv_sec != latest.tv_sec || status.st_mtim.tv_nsec != 0)
            base::check(::utimensat(dir, name.c_str(), times, AT_SYMLINK_NOFOLLOW), "set times of", path);
        return latest;
    }

    void whiteout(const std::string &path) {
        TarEntry member;
        member.name = path;
        member.mode = 0600;
        write(member);
    }

    void mount_point(TarEntry member) {
        const bool directory = member.type == TarType::directory;
        member.type = directory ? TarType::directory : TarType::file;
        member.mode = directory ? 0755 : 0644;
        member.uid = member.gid = 0;
        member.size = 0;
        write(member);
    }

    void subdirectory(int dir, const std::string &name, const TarEntry &member) {
        if (is_redirected(dir, name))
            throw base::Error("directory " + member.name + " was renamed within the overlay",
                              "turn off the kernel's redirect_dir for overlay file systems");
        constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        const base::UniqueFd inner(base::check(::openat(dir, name.c_str(), flags), "open", member.name));
        write(member);
        if (is_opaque(dir, name))
            whiteout(member.name + ".wh..wh..opq");
        directory(inner.get(), member.name);
    }

    void file(int dir, const std::string &name, const TarEntry &member, const Identity &identity) {
        // Not opened before it is known to be the same: a pipe would wait for who writes to it.
        constexpr int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
        const base::UniqueFd place(base::check(::openat(dir, name.c_str(), flags), "open", member.name));

        struct stat found {};

        base::check(::fstat(place.get(), &found), "examine", member.name);
        if (Identity{found.st_dev, found.st_ino} != identity)
            throw base::SystemError("read", ENOENT, member.name, "another file took its place");
        const base::UniqueFd fd(
            base::check(::open(path_of(place.get()).c_str(), O_RDONLY | O_CLOEXEC), "open", member.name));
        write(member);
        content(fd.get(), member);
        sink_(tar_padding(member.size));
        result_.bytes += member.size;
    }

    void content(int fd, const TarEntry &member) {
        std::uint64_t left = member.size;
        bool ended = false;
        while (left > 0) {
            const std::size_t wanted = std::min<std::uint64_t>(left, buffer_.size());
            ssize_t count = ended ? 0 : base::check(::read(fd, buffer_.data(), wanted), "read", member.name);
            if (count == 0) {
                if (!std::exchange(ended, true))
                    became_shorter(member, left);
                std::fill_n(buffer_.begin(), wanted, '\0');
                count = static_cast<ssize_t>(wanted);
            }
            sink_({buffer_.data(), static_cast<std::size_t>(count)});
            left -= static_cast<std::uint64_t>(count);
        }
    }

    void became_shorter(const TarEntry &member, std::uint64_t missing) const {
        if (!options_.on_change)
            throw base::Error(member.name + " became shorter while it was read");
        options_.on_change(member.name + " became shorter while it was read: its last "
                           + std::to_string(missing) + " bytes are zeros");
    }

    void write(const TarEntry &member) {
        sink_(tar_member_header(member));
        ++result_.entries;
    }

    const std::function<void(std::string_view)> &sink_;
    const PackOptions &options_;
    std::vector<char> buffer_;
    std::map<Identity, std::string> links_;
    PackResult result_;
};

} // namespace

PackResult pack(int dir, const std::function<void(std::string_view)> &sink, const PackOptions &options) {
    Packer packer(sink, options);
    packer.directory(dir, "");
    return packer.finish();
}

PackResult pack_entry(int dir, const std::string &name, const std::string &as,
                      const std::function<void(std::string_view)> &sink, const PackOptions &options) {
    Packer packer(sink, options);
    packer.entry(dir, name, as);
    return packer.finish();
}

} // namespace image

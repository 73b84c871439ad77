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
        if (status.st_nlink > 1) {
            const auto [first, fresh] = links_.emplace(Identity{status.st_dev, status.st_ino}, path);
            if (!fresh) {
                member.type = TarType::hard_link;
                member.link = first->second;
                member.size = 0;
                member.xattrs.clear();
                return write(member);
            }
        }
        if (!S_ISREG(status.st_mode))
            return write(member);
        file(dir, name, member);
    }

    PackResult finish() {
        sink_(tar_end());
        return result_;
    }

  private:
    using Identity = std::pair<dev_t, ino_t>;

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
        write(member);
        if (is_opaque(dir, name))
            whiteout(member.name + ".wh..wh..opq");
        constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        const base::UniqueFd inner(base::check(::openat(dir, name.c_str(), flags), "open", member.name));
        directory(inner.get(), member.name);
    }

    void file(int dir, const std::string &name, const TarEntry &member) {
        const base::UniqueFd fd(
            base::check(::openat(dir, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC), "open", member.name));
        write(member);
        std::uint64_t left = member.size;
        while (left > 0) {
            const std::size_t wanted = std::min<std::uint64_t>(left, buffer_.size());
            const ssize_t count = base::check(::read(fd.get(), buffer_.data(), wanted), "read", member.name);
            if (count == 0)
                throw base::Error(member.name + " became shorter while the layer was written");
            sink_({buffer_.data(), static_cast<std::size_t>(count)});
            left -= static_cast<std::uint64_t>(count);
        }
        sink_(tar_padding(member.size));
        result_.bytes += member.size;
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

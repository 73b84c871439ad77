#include "engine/build/copy_files.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/build/added_archive.hpp"
#include "engine/build/root_directory.hpp"
#include "engine/build/slash_path.hpp"
#include "engine/container/rootfs.hpp"
#include "engine/image/file_attributes.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <map>
#include <unistd.h>
#include <utility>

namespace build {

namespace {

std::string parent_of(const std::string &path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

std::string last_of(const std::string &path) {
    return path.substr(path.rfind('/') + 1);
}

std::string below(const std::string &directory, const std::string &path) {
    return directory == "/" ? "/" + path : directory + "/" + path;
}

class Copier {
  public:
    Copier(int root, const CopyStep &step, const IgnoreRules &excluded, const FileRights &rights)
        : root_(root), step_(step), excluded_(excluded), rights_(rights) {}

    void source(const CopySource &source) {
        source_ = &source;
        copies_.clear(); // names of files are those of one tree
        std::size_t files = 0;
        for (const Selected &match : source.selected)
            files += S_ISDIR(match.status.st_mode) ? 0 : 1;
        if (files > 1 && !step_.into_directory && !is_directory(step_.destination))
            throw base::Error("\"" + source.pattern + "\" stands for several files, and " + step_.destination
                                  + " is no directory",
                              "end the destination with /");
        for (const Selected &match : source.selected)
            copy(source.pattern, match);
    }

    void inline_file(const InlineFile &file) {
        const Place place = place_of(step_.destination, file.name);
        const base::UniqueFd fd = create(place);
        base::write_all(fd.get(), file.content, place.path);
        const auto [uid, gid] = rights_.owner.value_or(Owner{0, 0});
        base::check(::fchown(fd.get(), uid, gid), "set owner of", place.path);
        base::check(::fchmod(fd.get(), mode_for(S_IFREG | 0644)), "set mode of", place.path);
        touch_parents();
    }

    // Directories get their times when nothing is put into them any more.
    void touch_parents() {
        while (!open_.empty())
            close_directory();
    }

  private:
    using Owner = std::pair<uid_t, gid_t>;

    struct Place {
        int directory;
        std::string name;
        std::string path; // for messages
    };

    struct Open {
        std::string relative;
        base::UniqueFd fd;
        std::optional<timespec> mtime; // to be set
        std::string path;
    };

    [[nodiscard]] bool is_directory(const std::string &path) const {
        return container::open_in_root(root_, path, O_PATH | O_DIRECTORY | O_CLOEXEC).valid();
    }

    // With --parents, the directories a source was named with.
    [[nodiscard]] std::string destination_of(const std::string &pattern, const Selected &match) const {
        if (!step_.parents)
            return step_.destination;
        std::string kept = match.written;
        const std::size_t pivot = pattern.find("/./");
        if (pivot != std::string::npos) {
            const std::size_t skipped = path_parts(clean_path("/" + pattern.substr(0, pivot))).size();
            for (std::size_t count = 0; count < skipped && kept.find('/') != std::string::npos; ++count)
                kept.erase(0, kept.find('/') + 1);
        }
        if (kept == ".")
            return step_.destination;
        if (S_ISDIR(match.status.st_mode))
            return below(step_.destination, kept);
        const std::size_t slash = kept.rfind('/');
        return slash == std::string::npos ? step_.destination
                                          : below(step_.destination, kept.substr(0, slash));
    }

    void copy(const std::string &pattern, const Selected &match) {
        const std::string destination = destination_of(pattern, match);
        if (S_ISDIR(match.status.st_mode)) {
            top_directory(destination, match.status);
            tree().walk(match, excluded_, [this](const SourceTree::Entry &entry) {
                if (!entry.relative.empty())
                    this->entry(entry);
            });
            return touch_parents();
        }
        if (excluded_.ignores(match.name()))
            return;
        tree().walk(match, {}, [&](const SourceTree::Entry &entry) {
            if (source_->unpack && S_ISREG(entry.status.st_mode)) {
                const base::UniqueFd file = tree().open(entry);
                if (is_archive(file.get(), entry.path)) {
                    const base::UniqueFd to = make_directories(root_, destination, rights_.owner);
                    return unpack_archive(file.get(), entry.path, to.get(), rights_.owner);
                }
            }
            write(entry, place_of(destination, match.name()));
        });
        touch_parents();
    }

    // Where a single file goes: into a directory under its own name, or to that very path.
    Place place_of(const std::string &destination, const std::string &name) {
        std::string path = destination;
        if (step_.into_directory || step_.parents || destination == "/" || is_directory(destination))
            path = below(destination, name);
        else
            path = real_path(root_, destination);
        const std::string parent = parent_of(path);
        open_.push_back({"", make_directories(root_, parent, rights_.owner), {}, parent});
        return {open_.back().fd.get(), last_of(path), path};
    }

    // Of a directory its entries are copied, not itself; with --parents it is one of those that are kept.
    void top_directory(const std::string &destination, const struct stat &status) {
        const bool there = is_directory(destination);
        base::UniqueFd fd = make_directories(root_, destination, rights_.owner);
        if (step_.parents && !there)
            finish(fd.get(), status, destination);
        const std::optional<timespec> mtime = there ? std::nullopt : std::optional(status.st_mtim);
        open_.push_back({"", std::move(fd), mtime, destination});
    }

    void close_directory() {
        const Open &open = open_.back();
        if (open.mtime) {
            const timespec times[2] = {*open.mtime, *open.mtime};
            base::check(::futimens(open.fd.get(), times), "set times of", open.path);
        }
        open_.pop_back();
    }

    // The walk goes depth first, so the directories that are open are those above the entry.
    void entry(const SourceTree::Entry &entry) {
        const std::size_t slash = entry.relative.rfind('/');
        const std::string parent = slash == std::string::npos ? "" : entry.relative.substr(0, slash);
        while (open_.back().relative != parent)
            close_directory();
        const std::string name = entry.relative.substr(slash == std::string::npos ? 0 : slash + 1);
        const Place place{open_.back().fd.get(), name, below(open_.back().path, name)};
        if (S_ISDIR(entry.status.st_mode))
            subdirectory(entry, place);
        else
            write(entry, place);
    }

    void subdirectory(const SourceTree::Entry &entry, const Place &place) {
        if (::mkdirat(place.directory, place.name.c_str(), 0700) < 0 && errno != EEXIST)
            base::throw_errno("create directory", place.path);
        constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        base::UniqueFd fd(::openat(place.directory, place.name.c_str(), flags));
        if (!fd && (errno == ENOTDIR || errno == ELOOP))
            throw base::Error("a directory can't be copied over " + place.path + ", which is none",
                              "choose another destination, or remove it before");
        if (!fd)
            base::throw_errno("open directory", place.path);
        finish(fd.get(), entry.status, place.path);
        copy_attributes(entry, fd.get(), place.path);
        open_.push_back({entry.relative, std::move(fd), entry.status.st_mtim, place.path});
    }

    void write(const SourceTree::Entry &entry, const Place &place) {
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

    static std::pair<dev_t, ino_t> identity(const struct stat &status) {
        return {status.st_dev, status.st_ino};
    }

    bool link_to_copy(const SourceTree::Entry &entry, const Place &place) {
        const auto found = copies_.find(identity(entry.status));
        if (found == copies_.end())
            return false;
        make_room(place);
        const base::UniqueFd first = make_directories(root_, parent_of(found->second));
        base::check(
            ::linkat(first.get(), last_of(found->second).c_str(), place.directory, place.name.c_str(), 0),
            "link", place.path);
        return true;
    }

    static void make_room(const Place &place) {
        if (::unlinkat(place.directory, place.name.c_str(), 0) == 0 || errno == ENOENT)
            return;
        if (errno == EISDIR)
            throw base::Error("a file can't be copied over the directory " + place.path,
                              "choose another destination, or remove it before");
        base::throw_errno("replace", place.path);
    }

    static base::UniqueFd create(const Place &place) {
        make_room(place);
        constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
        return base::UniqueFd(
            base::check(::openat(place.directory, place.name.c_str(), flags, 0600), "create", place.path));
    }

    void regular(const SourceTree::Entry &entry, const Place &place) {
        const base::UniqueFd from = tree().open(entry);
        const base::UniqueFd to = create(place);
        content(from.get(), to.get(), place.path);
        finish(to.get(), entry.status, place.path);
        copy_attributes(entry, to.get(), place.path);
        const timespec times[2] = {entry.status.st_mtim, entry.status.st_mtim};
        base::check(::futimens(to.get(), times), "set times of", place.path);
    }

    static void content(int from, int to, const std::string &path) {
        for (;;) {
            // Nothing need not be the end: not every file system can do it.
            if (::copy_file_range(from, nullptr, to, nullptr, 1 << 30, 0) <= 0)
                break;
        }
        std::array<char, 65536> buffer;
        while (const ssize_t count = base::check(::read(from, buffer.data(), buffer.size()), "read", path))
            base::write_all(to, {buffer.data(), static_cast<std::size_t>(count)}, path);
    }

    void special(const SourceTree::Entry &entry, const Place &place) {
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
            base::check(::fchmodat(place.directory, place.name.c_str(), mode_for(entry.status.st_mode), 0),
                        "set mode of", place.path);
        const timespec times[2] = {entry.status.st_mtim, entry.status.st_mtim};
        base::check(::utimensat(place.directory, place.name.c_str(), times, AT_SYMLINK_NOFOLLOW),
                    "set times of", place.path);
    }

    [[nodiscard]] Owner owner_for(const struct stat &status) const {
        if (rights_.owner)
            return *rights_.owner;
        return tree().owners() == SourceTree::Owners::root ? Owner{0, 0}
                                                           : Owner{status.st_uid, status.st_gid};
    }

    [[nodiscard]] mode_t mode_for(mode_t mode) const {
        return rights_.mode ? rights_.mode->apply(mode, S_ISDIR(mode)) : mode & 07777;
    }

    void finish(int fd, const struct stat &status, const std::string &path) const {
        const Owner owner = owner_for(status);
        base::check(::fchown(fd, owner.first, owner.second), "set owner of", path);
        // After the owner, whose change clears setuid bits.
        base::check(::fchmod(fd, mode_for(status.st_mode)), "set mode of", path);
    }

    void copy_attributes(const SourceTree::Entry &entry, int fd, const std::string &path) const {
        if (tree().owners() == SourceTree::Owners::root)
            return;
        for (const auto &[name, value] : image::file_attributes(entry.directory, entry.name))
            if (::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) < 0 && errno != ENOTSUP)
                base::throw_errno("set attribute " + name + " of", path);
    }

    [[nodiscard]] const SourceTree &tree() const { return *source_->tree; }

    int root_;
    const CopyStep &step_;
    const IgnoreRules &excluded_;
    const FileRights &rights_;
    const CopySource *source_ = nullptr; // being copied
    std::vector<Open> open_;
    std::map<std::pair<dev_t, ino_t>, std::string> copies_; // of files with several names
};

} // namespace

void copy_files(int root, const CopyStep &step, const std::vector<CopySource> &sources,
                const IgnoreRules &excluded, const FileRights &rights) {
    Copier copier(root, step, excluded, rights);
    for (const CopySource &source : sources)
        copier.source(source);
    for (const InlineFile &file : step.contents)
        copier.inline_file(file);
}

} // namespace build

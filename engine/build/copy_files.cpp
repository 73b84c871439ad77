#include "engine/build/copy_files.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/build/added_archive.hpp"
#include "engine/build/file_writer.hpp"
#include "engine/build/root_directory.hpp"
#include "engine/build/slash_path.hpp"
#include "engine/container/rootfs.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace build {

namespace {

std::string below(const std::string &directory, const std::string &path) {
    return directory == "/" ? "/" + path : directory + "/" + path;
}

class Copier {
  public:
    Copier(int root, const CopyStep &step, const IgnoreRules &excluded, const FileRights &rights)
        : root_(root), step_(step), excluded_(excluded), rights_(rights) {}

    void source(const CopySource &source) {
        source_ = &source;
        writer_.emplace(root_, *source.tree, rights_);
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
        const CopyPlace place = place_of(step_.destination, file.name);
        const base::UniqueFd fd = create_file(place);
        base::write_all(fd.get(), file.content, place.path);
        const auto [uid, gid] = rights_.owner.value_or(std::pair<uid_t, gid_t>{0, 0});
        base::check(::fchown(fd.get(), uid, gid), "set owner of", place.path);
        base::check(::fchmod(fd.get(), mode_for(rights_, S_IFREG | 0644)), "set mode of", place.path);
        touch_parents();
    }

    // Directories get their times when nothing is put into them any more.
    void touch_parents() {
        while (!open_.empty())
            close_directory();
    }

  private:
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
            writer_->write(entry, place_of(destination, match.name()));
        });
        touch_parents();
    }

    // Where a single file goes: into a directory under its own name, or to that very path.
    CopyPlace place_of(const std::string &destination, const std::string &name) {
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
            writer_->finish(fd.get(), status, destination);
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
        const CopyPlace place{open_.back().fd.get(), name, below(open_.back().path, name)};
        if (S_ISDIR(entry.status.st_mode))
            subdirectory(entry, place);
        else
            writer_->write(entry, place);
    }

    void subdirectory(const SourceTree::Entry &entry, const CopyPlace &place) {
        if (::mkdirat(place.directory, place.name.c_str(), 0700) < 0 && errno != EEXIST)
            base::throw_errno("create directory", place.path);
        constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        base::UniqueFd fd(::openat(place.directory, place.name.c_str(), flags));
        if (!fd && (errno == ENOTDIR || errno == ELOOP))
            throw base::Error("a directory can't be copied over " + place.path + ", which is none",
                              "choose another destination, or remove it before");
        if (!fd)
            base::throw_errno("open directory", place.path);
        writer_->describe(entry, fd.get(), place.path);
        open_.push_back({entry.relative, std::move(fd), entry.status.st_mtim, place.path});
    }

    [[nodiscard]] const SourceTree &tree() const { return *source_->tree; }

    int root_;
    const CopyStep &step_;
    const IgnoreRules &excluded_;
    const FileRights &rights_;
    const CopySource *source_ = nullptr; // being copied
    std::vector<Open> open_;
    std::optional<FileWriter> writer_;
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

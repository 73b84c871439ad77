#include "engine/build/source_tree.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/syscall.hpp"
#include "engine/build/path_pattern.hpp"
#include "engine/build/root_directory.hpp"
#include "engine/build/slash_path.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace build {

namespace {

std::vector<std::string> names_in(int directory) {
    return base::list_dir("/proc/self/fd/" + std::to_string(directory));
}

base::UniqueFd open_beneath(int root, const std::string &path, int flags) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return base::UniqueFd(base::sys_openat2(root, path.c_str(), how));
}

std::string join(const std::string &directory, const std::string &name) {
    return directory.empty() || directory == "." ? name : directory + "/" + name;
}

bool has_wildcard(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\')
            ++at;
        else if (text[at] == '*' || text[at] == '?' || text[at] == '[')
            return true;
    }
    return false;
}

// "/a/../b" is "b": a source can't climb out of its root.
std::string from_root(std::string_view path) {
    const std::string clean = clean_path("/" + std::string(path));
    return clean == "/" ? "." : clean.substr(1);
}

// One walk, with the directories that are shown only once something in them is.
class Walk {
  public:
    Walk(const IgnoreRules &ignored, const IgnoreRules &excluded, const SourceTree::Visitor &visit)
        : ignored_(ignored), excluded_(excluded), visit_(visit) {}

    void entry(const SourceTree::Entry &entry) {
        const bool top = entry.relative.empty();
        const bool hidden = (entry.path != "." && ignored_.ignores(entry.path))
                            || (!top && excluded_.ignores(entry.relative));
        if (!S_ISDIR(entry.status.st_mode)) {
            if (!hidden) {
                show_pending();
                visit_(entry);
            }
            return;
        }
        const bool nothing_below = hidden
                                   && (ignored_.ignores_all_below(entry.path)
                                       || (!top && excluded_.ignores_all_below(entry.relative)));
        if (nothing_below && !top)
            return;
        pending_.push_back(entry);
        if (!hidden || top)
            show_pending();
        children(entry);
        if (!pending_.empty())
            pending_.pop_back(); // it was never shown
    }

  private:
    void children(const SourceTree::Entry &entry) {
        constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        const base::UniqueFd directory(
            base::check(::openat(entry.directory, entry.name.c_str(), flags), "open directory", entry.path));
        for (const std::string &name : names_in(directory.get())) {
            SourceTree::Entry inner;
            inner.directory = directory.get();
            inner.name = name;
            inner.path = join(entry.path, name);
            inner.relative = join(entry.relative, name);
            base::check(::fstatat(directory.get(), name.c_str(), &inner.status, AT_SYMLINK_NOFOLLOW),
                        "examine", inner.path);
            this->entry(inner);
        }
    }

    void show_pending() {
        for (const SourceTree::Entry &directory : pending_)
            visit_(directory);
        pending_.clear();
    }

    const IgnoreRules &ignored_;
    const IgnoreRules &excluded_;
    const SourceTree::Visitor &visit_;
    std::vector<SourceTree::Entry> pending_;
};

} // namespace

std::string Selected::name() const {
    const std::string &named = written == "." ? path : written;
    return named.substr(named.rfind('/') + 1);
}

SourceTree::SourceTree(base::UniqueFd root, Owners owners, IgnoreRules ignored, std::string name)
    : root_(std::move(root)), owners_(owners), ignored_(std::move(ignored)), name_(std::move(name)) {}

bool SourceTree::find(const std::string &path, const std::string &written, Selected &found) const {
    const base::UniqueFd fd = open_beneath(root_.get(), path, O_PATH | O_CLOEXEC);
    if (!fd) {
        if (errno != ENOENT && errno != ENOTDIR)
            base::throw_errno("open", written + " of " + name_);
        return false;
    }
    found.path = from_root(path_in_root(root_.get(), fd.get()));
    found.written = written;
    base::check(::fstat(fd.get(), &found.status), "examine", written);
    const auto hidden = [&](const std::string &name) {
        if (name == "." || !ignored_.ignores(name))
            return false;
        return !S_ISDIR(found.status.st_mode) || ignored_.ignores_all_below(name);
    };
    return !hidden(path) && !hidden(found.path);
}

void SourceTree::match_below(const std::string &directory, const PathPattern &pattern,
                             std::vector<Selected> &found) const {
    const base::UniqueFd fd = open_beneath(root_.get(), directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!fd)
        return; // a file, or nothing any more
    for (const std::string &name : names_in(fd.get())) {
        const std::string path = join(directory, name);
        Selected match;
        if (pattern.matches(path)) {
            if (find(path, path, match))
                found.push_back(std::move(match));
        } else if (pattern.may_match_below(path)) {
            struct stat status {};

            if (::fstatat(fd.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0
                && S_ISDIR(status.st_mode) && !ignored_.ignores_all_below(path))
                match_below(path, pattern, found);
        }
    }
}

std::vector<Selected> SourceTree::select(const std::string &pattern) const {
    const std::string path = from_root(pattern);
    std::vector<Selected> found;
    if (has_wildcard(path)) {
        std::string directory = ".";
        for (const std::string &part : path_parts(path)) {
            if (has_wildcard(part))
                break;
            directory = join(directory, part);
        }
        match_below(directory, PathPattern(path, PathPattern::Dialect::match), found);
        return found;
    }
    return select_exactly(pattern);
}

std::vector<Selected> SourceTree::select_exactly(const std::string &name) const {
    const std::string path = from_root(name);
    if (Selected match; find(path, path, match))
        return {match};
    const bool excluded = static_cast<bool>(open_beneath(root_.get(), path, O_PATH | O_CLOEXEC));
    throw base::Error("\"" + name + "\" is not in " + name_,
                      excluded ? "it is there, but .dockerignore leaves it out"
                               : "paths are relative to its top directory, which they can't leave");
}

void SourceTree::walk(const Selected &selected, const IgnoreRules &excluded, const Visitor &visit) const {
    const std::size_t slash = selected.path.rfind('/');
    Entry entry;
    const base::UniqueFd parent =
        open_beneath(root_.get(), slash == std::string::npos ? "." : selected.path.substr(0, slash),
                     O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!parent)
        base::throw_errno("open", selected.path + " of " + name_);
    entry.directory = parent.get();
    entry.name = selected.path.substr(slash == std::string::npos ? 0 : slash + 1);
    entry.path = selected.path;
    entry.status = selected.status;
    Walk(ignored_, excluded, visit).entry(entry);
}

base::UniqueFd SourceTree::open(const Entry &entry) const {
    // What was a file a moment ago may be a pipe that blocks by now.
    base::UniqueFd fd(
        ::openat(entry.directory, entry.name.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
    if (!fd)
        base::throw_errno("open", entry.path + " of " + name_);
    return fd;
}

} // namespace build

#include "engine/image/unpack.hpp"

#include "base/error.hpp"
#include "engine/image/tar_reader.hpp"
#include "engine/image/tree_writer.hpp"

#include <sys/stat.h>

#include <tuple>
#include <unistd.h>
#include <utility>

namespace image {

namespace {

constexpr std::string_view whiteout_prefix = ".wh.";
constexpr std::string_view whiteout_meta_prefix = ".wh..wh.";
constexpr std::string_view opaque_marker = ".wh..wh..opq";

class Unpacker {
  public:
    Unpacker(ByteSource &tar, int dir, const UnpackOptions &options)
        : options_(options), reader_(tar), tree_(dir, options.privileged) {}

    UnpackResult run() {
        TarEntry entry;
        while (reader_.next(entry)) {
            count(entry);
            if (options_.owner)
                std::tie(entry.uid, entry.gid) = options_.owner(entry.uid, entry.gid);
            const PathParts path = clean_path(entry.name, options_.max_depth);
            if (!apply_whiteout(path))
                create(path, entry);
        }
        for (auto directory = directories_.rbegin(); directory != directories_.rend(); ++directory)
            tree_.set_directory_time(directory->first, directory->second);
        return result_;
    }

  private:
    void count(const TarEntry &entry) {
        if (++result_.entries > options_.max_entries)
            throw base::Error("the archive holds more than " + std::to_string(options_.max_entries)
                                  + " members",
                              "it looks built to fill the disk: get it from a source you trust");
        if (entry.type != TarType::file)
            return;
        if (entry.size > options_.max_bytes || result_.bytes > options_.max_bytes - entry.size)
            throw base::Error("the archive unpacks to more than " + std::to_string(options_.max_bytes)
                                  + " bytes (at " + entry.name + ")",
                              "it looks built to fill the disk: get it from a source you trust");
        result_.bytes += entry.size;
    }

    [[nodiscard]] const char *opaque_attribute() const {
        return options_.whiteouts == Whiteouts::user_overlay ? "user.overlay.opaque"
                                                             : "trusted.overlay.opaque";
    }

    // Whiteouts speak of lower layers only: what this layer itself brings under the name stays, whichever
    // comes first.
    bool apply_whiteout(const PathParts &path) {
        if (options_.whiteouts == Whiteouts::none || path.empty()
            || !path.back().starts_with(whiteout_prefix))
            return false;
        PathParts target(path.begin(), path.end() - 1);
        if (path.back() == opaque_marker) {
            open_whiteout_parents(path);
            tree_.set_xattr(target, opaque_attribute(), "y");
            return true;
        }
        if (path.back().starts_with(whiteout_meta_prefix))
            return true; // bookkeeping of aufs
        const std::string name = path.back().substr(whiteout_prefix.size());
        if (name.empty() || name == "." || name == "..")
            throw base::Error("refused archive member \"" + path.back() + "\": it is a whiteout of no name");
        target.push_back(name);
        open_whiteout_parents(target);
        const TreeWriter::Kind kind = tree_.kind(target);
        if (kind == TreeWriter::Kind::directory)
            tree_.set_xattr(target, opaque_attribute(), "y");
        else if (kind == TreeWriter::Kind::missing) {
            tree_.create_node(target, S_IFCHR, 0, 0);
            ++whiteouts_;
        }
        return true;
    }

    // A directory that this layer removes and makes anew without saying so is an opaque one.
    void open_whiteout_parents(const PathParts &path) {
        if (options_.whiteouts == Whiteouts::none || whiteouts_ == 0)
            return;
        PathParts parent;
        for (std::size_t i = 0; i + 1 < path.size(); ++i) {
            parent.push_back(path[i]);
            if (tree_.kind(parent) == TreeWriter::Kind::whiteout)
                replace_whiteout_by_directory(parent);
        }
    }

    void replace_whiteout_by_directory(const PathParts &path) {
        tree_.remove(path);
        tree_.create_directory(path);
        tree_.set_xattr(path, opaque_attribute(), "y");
    }

    // @returns true when there is a directory already that a directory entry only has to describe.
    bool make_room(const PathParts &path, TarType type) {
        const TreeWriter::Kind kind = tree_.kind(path);
        if (kind == TreeWriter::Kind::missing)
            return false;
        if (type == TarType::directory && kind == TreeWriter::Kind::directory)
            return true;
        if (type == TarType::directory && kind == TreeWriter::Kind::whiteout
            && options_.whiteouts != Whiteouts::none) {
            replace_whiteout_by_directory(path);
            return true;
        }
        tree_.remove(path);
        return false;
    }

    void create(const PathParts &path, const TarEntry &entry) {
        if (path.empty()) {
            if (entry.type != TarType::directory)
                throw base::Error("refused archive member \"" + entry.name
                                  + "\": the root of a file system must be a directory");
            if (options_.describes_root) {
                tree_.set_metadata(path, entry);
                directories_.emplace_back(path, entry.mtime);
            }
            return;
        }
        if (entry.type == TarType::hard_link) {
            create_hard_link(path, entry);
            return;
        }
        open_whiteout_parents(path);
        const bool present = make_room(path, entry.type);
        switch (entry.type) {
        case TarType::file:
            create_file(path, entry);
            return;
        case TarType::directory:
            if (!present)
                tree_.create_directory(path);
            directories_.emplace_back(path, entry.mtime);
            break;
        case TarType::symlink:
            tree_.create_symlink(path, entry.link);
            break;
        case TarType::fifo:
            tree_.create_node(path, S_IFIFO, 0, 0);
            break;
        case TarType::char_device:
        case TarType::block_device:
            if (!options_.privileged)
                return;
            tree_.create_node(path, entry.type == TarType::char_device ? S_IFCHR : S_IFBLK,
                              entry.device_major, entry.device_minor);
            break;
        case TarType::hard_link:
            return;
        }
        tree_.set_metadata(path, entry);
    }

    void create_hard_link(const PathParts &path, const TarEntry &entry) {
        const PathParts target = clean_path(entry.link, options_.max_depth);
        if (target == path)
            return;
        open_whiteout_parents(path);
        (void)make_room(path, TarType::hard_link);
        tree_.create_hard_link(path, target);
    }

    void create_file(const PathParts &path, const TarEntry &entry) {
        const base::UniqueFd fd = tree_.create_file(path);
        TarReader::Chunk chunk;
        while (reader_.read(chunk))
            write_at(fd.get(), chunk, entry.name);
        if (entry.sparse && ::ftruncate(fd.get(), static_cast<off_t>(entry.size)) < 0)
            base::throw_errno("set size of", entry.name);
        tree_.set_file_metadata(fd.get(), entry);
    }

    static void write_at(int fd, TarReader::Chunk chunk, const std::string &name) {
        while (!chunk.data.empty()) {
            const ssize_t count =
                ::pwrite(fd, chunk.data.data(), chunk.data.size(), static_cast<off_t>(chunk.offset));
            if (count < 0 && errno == EINTR)
                continue;
            if (count < 0)
                throw base::SystemError("write", errno, name,
                                        errno == ENOSPC || errno == EDQUOT
                                            ? "free some space, for example with compose image prune"
                                            : "");
            chunk.data.remove_prefix(static_cast<std::size_t>(count));
            chunk.offset += static_cast<std::uint64_t>(count);
        }
    }

    const UnpackOptions &options_;
    TarReader reader_;
    TreeWriter tree_;
    UnpackResult result_;
    std::vector<std::pair<PathParts, timespec>> directories_;
    std::size_t whiteouts_ = 0;
};

} // namespace

UnpackResult unpack(ByteSource &tar, int dir, const UnpackOptions &options) {
    return Unpacker(tar, dir, options).run();
}

} // namespace image

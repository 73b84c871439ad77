#include "engine/build/content_digest.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"
#include "engine/image/file_attributes.hpp"

#include <unistd.h>

namespace build {

namespace {

// Every value with its length in front, so that no two lists of values look the same.
class Record {
  public:
    explicit Record(base::Sha256 &hash) : hash_(hash) {}

    void add(std::string_view text) {
        const std::string length = std::to_string(text.size()) + ":";
        hash_.update(length);
        hash_.update(text);
    }

    void add(std::uint64_t number) { add(std::to_string(number)); }

  private:
    base::Sha256 &hash_;
};

std::string hash_content(const SourceTree &tree, const SourceTree::Entry &entry) {
    const base::UniqueFd fd = tree.open(entry);
    base::Sha256 hash;
    std::vector<char> buffer(1 << 18);
    for (;;) {
        const ssize_t count = base::check(::read(fd.get(), buffer.data(), buffer.size()), "read", entry.path);
        if (count == 0)
            break;
        hash.update({buffer.data(), static_cast<std::size_t>(count)});
    }

    struct stat after {};

    base::check(::fstat(fd.get(), &after), "examine", entry.path);
    const bool same = after.st_ino == entry.status.st_ino && after.st_size == entry.status.st_size
                      && after.st_mtim.tv_sec == entry.status.st_mtim.tv_sec
                      && after.st_mtim.tv_nsec == entry.status.st_mtim.tv_nsec;
    if (!same)
        throw base::Error(entry.path + " of " + tree.name() + " changed while it was read",
                          "build again when nobody writes it");
    return hash.hex();
}

void add_entry(Record &record, const SourceTree &tree, const SourceTree::Entry &entry, StatCache &cache) {
    record.add(entry.relative);
    record.add(entry.status.st_mode);
    if (tree.owners() == SourceTree::Owners::kept) {
        record.add(entry.status.st_uid);
        record.add(entry.status.st_gid);
        for (const auto &[name, value] : image::file_attributes(entry.directory, entry.name)) {
            record.add(name);
            record.add(value);
        }
    }
    if (S_ISREG(entry.status.st_mode))
        record.add(cache.digest(entry.path, entry.status, [&] { return hash_content(tree, entry); }));
    else if (S_ISLNK(entry.status.st_mode))
        record.add(image::link_target(entry.directory, entry.name));
    else if (S_ISCHR(entry.status.st_mode) || S_ISBLK(entry.status.st_mode))
        record.add(entry.status.st_rdev);
}

} // namespace

std::string content_digest(const SourceTree &tree, const std::vector<std::vector<Selected>> &sources,
                           const IgnoreRules &excluded, StatCache &cache) {
    base::Sha256 hash;
    Record record(hash);
    for (const std::vector<Selected> &source : sources) {
        record.add(source.size());
        for (const Selected &selected : source) {
            record.add(selected.written);
            tree.walk(selected, excluded, [&](const SourceTree::Entry &entry) {
                if (!S_ISSOCK(entry.status.st_mode))
                    add_entry(record, tree, entry, cache);
            });
        }
    }
    return "sha256:" + hash.hex();
}

} // namespace build

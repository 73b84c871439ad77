// Where COPY and ADD take files from: a build context, or the file system of a stage or image. Everything is
// resolved beneath its root, by descriptor: links and ".." never lead out. Blocks.
#pragma once

#include "base/fd.hpp"
#include "engine/build/ignore_rules.hpp"

#include <sys/stat.h>

#include <functional>
#include <string>
#include <vector>

namespace build {

// What one source of COPY stands for.
struct Selected {
    std::string path;    // from the root, resolved: no component is a link; "." is the root itself
    std::string written; // the same as it was named, for messages and --parents

    struct stat status {};

    // The name it gets in a directory.
    [[nodiscard]] std::string name() const;
};

class SourceTree {
  public:
    enum class Owners {
        root, // files belong to 0:0, whoever owns them here: a context
        kept,
    };

    // ignored: what there is not. name: "the build context", for messages.
    SourceTree(base::UniqueFd root, Owners owners, IgnoreRules ignored, std::string name);

    // As Go's filepath.Match where the pattern has "*", "?" or "["; then it may stand for nothing. Sorted.
    // @throws base::Error when there is no such file, or the pattern is malformed.
    [[nodiscard]] std::vector<Selected> select(const std::string &pattern) const;

    // The file of that name, which is no pattern.
    [[nodiscard]] std::vector<Selected> select_exactly(const std::string &name) const;

    struct Entry {
        int directory = -1;   // open, of which it is an entry
        std::string name;     // in there
        std::string path;     // from the root
        std::string relative; // to what was selected; "" is that itself

        struct stat status {};
    };

    using Visitor = std::function<void(const Entry &)>;

    // What was selected and all below it, but for what is ignored or excluded (by its path relative to what
    // was selected): directories before their entries, these in the order of their bytes. A directory that is
    // ignored comes up when something below it is not.
    void walk(const Selected &selected, const IgnoreRules &excluded, const Visitor &visit) const;

    // For reading, never following a link. @throws base::SystemError.
    [[nodiscard]] base::UniqueFd open(const Entry &entry) const;

    [[nodiscard]] int root() const { return root_.get(); }

    [[nodiscard]] Owners owners() const { return owners_; }

    [[nodiscard]] const std::string &name() const { return name_; }

  private:
    [[nodiscard]] bool find(const std::string &path, const std::string &written, Selected &found) const;
    void match_below(const std::string &directory, const class PathPattern &pattern,
                     std::vector<Selected> &found) const;

    base::UniqueFd root_;
    Owners owners_;
    IgnoreRules ignored_;
    std::string name_;
};

} // namespace build

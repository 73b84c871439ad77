// COPY and ADD: writes what was selected into the file system of a step. Blocks.
#pragma once

#include "engine/build/file_mode.hpp"
#include "engine/build/plan.hpp"
#include "engine/build/source_tree.hpp"

#include <optional>
#include <string>
#include <vector>

namespace build {

// Whose a file is, and its permission bits, where the instruction says so.
struct FileRights {
    std::optional<std::pair<uid_t, gid_t>> owner;
    std::optional<FileMode> mode;
};

// --chown and --chmod, by the account files of the step's file system (-1: it has none). @throws base::Error
// that says what is wrong with them.
[[nodiscard]] FileRights file_rights(int root, const CopyStep &step);

// "user", "user:group", "1000", "1000:1000" as --chown and WORKDIR take it: a number alone is the group's,
// too. @throws base::Error.
[[nodiscard]] std::pair<uid_t, gid_t> owner_of(int root, const std::string &text);

// One source of the instruction.
struct CopySource {
    const SourceTree *tree;
    std::string pattern;            // as written
    std::vector<Selected> selected; // what it stands for in the tree
    bool unpack = false;            // a tar archive gives its files
};

// root: the step's file system, writable; its links are followed, but never out of it.
// @throws base::Error, base::SystemError naming the file.
void copy_files(int root, const CopyStep &step, const std::vector<CopySource> &sources,
                const IgnoreRules &excluded, const FileRights &rights);

} // namespace build

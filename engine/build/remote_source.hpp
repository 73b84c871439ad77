// What ADD takes and a build context may be besides files: the address of a file on the web, or of a git
// repository. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace build {

// A repository, and what of it is meant: "https://host/repo.git#REF:DIRECTORY", or the same as a query
// ("?ref=", "tag", "branch", "subdir", "checksum" or "commit", "keep-git-dir", "submodules").
struct GitSource {
    std::string repository; // for git
    std::string ref;        // a branch, tag, other reference or commit; empty: the default branch
    std::string directory;  // in the repository; empty: all
    std::string commit;     // what it must be, or how that begins
    bool keep_git_dir = false;
    bool submodules = true;
};

// http:// or https://, and no repository.
[[nodiscard]] bool is_web_file(std::string_view text);

// A URL of git:// or ssh://, one of http(s):// whose path ends in .git, or USER@HOST:PATH. Contexts may also
// begin with github.com/. nullopt for anything else. @throws base::Error for a query that means nothing.
[[nodiscard]] std::optional<GitSource> parse_git_source(std::string_view text);
[[nodiscard]] std::optional<GitSource> parse_git_context(std::string_view text);

// Not on this machine.
[[nodiscard]] bool is_remote_source(std::string_view text);
[[nodiscard]] bool is_remote_context(std::string_view text);

// The last part of the path of a URL, as ADD names the file; "__unnamed__" where there is none.
[[nodiscard]] std::string name_of_web_file(std::string_view url);

// Without name and password, for messages.
[[nodiscard]] std::string without_login(std::string_view url);

} // namespace build

// Which files make up the project, and what its environment is: flags, COMPOSE_* variables, .env files and
// the search through the parent directories. Reads env files, no Compose file. Blocks.
#pragma once

#include "compose/diagnostic.hpp"
#include "compose/load.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace compose {

struct ProjectFiles {
    std::filesystem::path directory; // base of relative paths, absolute
    std::vector<std::string> files;  // absolute, or "-"; empty when none was found
    std::vector<std::filesystem::path> env_files;
    std::map<std::string, std::string> environment;   // of the process, then of the env files
    std::map<std::string, Location> variable_origins; // what of it env files set
    std::vector<std::string> profiles;                // --profile and COMPOSE_PROFILES
};

inline constexpr const char *standard_input = "-";

// Wrong env files are added to the diagnostics. @throws base::Error for flags and variables that can't be
// right.
[[nodiscard]] ProjectFiles find_project(const LoadOptions &options, Diagnostics &diagnostics);

// -p, COMPOSE_PROJECT_NAME, the last `name:` of the documents, the directory's name, the working directory's.
// @throws base::Error when an explicit name is not valid or nothing gives one.
[[nodiscard]] std::string project_name(const LoadOptions &options, const ProjectFiles &project,
                                       const std::vector<const Node *> &documents);

// "the names looked for and where", for the error that nothing was found.
[[nodiscard]] std::string describe_search(const LoadOptions &options);

} // namespace compose

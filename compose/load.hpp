// The way in: flags and files to a Project. Reads the named files and nothing else.
#pragma once

#include "compose/diagnostic.hpp"
#include "compose/model.hpp"
#include "compose/node.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace compose {

struct LoadOptions {
    std::vector<std::string>
        files;                     // -f, in order; "-" is standard input. Empty: COMPOSE_FILE, then discovery
    std::string project_name;      // -p
    std::string project_directory; // --project-directory
    std::vector<std::string> env_files;             // --env-file
    std::vector<std::string> profiles;              // --profile; "*" enables all
    std::vector<std::string> services;              // targeted: their profiles become active
    std::filesystem::path working_dir;              // where the command runs
    std::map<std::string, std::string> environment; // of the process
    bool all_resources = false;
    bool no_interpolate = false;
    bool no_normalize = false;
    bool no_path_resolution = false;
    bool no_consistency = false;
    bool no_env_resolution = false;
    bool compatibility = false;
    bool no_hashes = false;     // the model is not compared with what runs
    bool no_services = false;   // only Loaded::canonical is wanted: the project has no services, networks ...
    bool describe_only = false; // nothing will run: what the engine lacks is worth a warning, not an error
};

struct Loaded {
    Project project;
    Node canonical;                                   // what `config` prints, keys in Docker Compose's order
    std::map<std::string, Location> variable_origins; // of project.environment, what env files set
    Diagnostics warnings;
};

// @throws LoadError with every error found; base::Error when there is no file to load.
[[nodiscard]] Loaded load(const LoadOptions &options);

// What a command needs when it works by project name alone (`down -p NAME`): the name by the same rules, and
// the environment after .env, without requiring a Compose file.
struct ProjectContext {
    std::string name;
    std::filesystem::path directory;
    std::vector<std::filesystem::path> files; // empty: none found
    std::vector<std::filesystem::path> env_files;
    std::map<std::string, std::string> environment;
};

[[nodiscard]] ProjectContext locate(const LoadOptions &options);

} // namespace compose

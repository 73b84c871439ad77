// The steps of normalise(), each over the whole merged tree.
#pragma once

#include "compose/phases.hpp"
#include "compose/selection.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace compose {

// What the paths of a tree are relative to.
struct PathBase {
    std::filesystem::path directory;
    const std::map<std::string, std::string> &environment;
};

// Relative paths become absolute below the directory, ~ the home directory.
void resolve_paths(Node &model, const PathBase &base);

// One path by the same rules.
[[nodiscard]] std::string absolute_path(const std::string &path, const PathBase &base);

// Keys of environment without a value get the one they have in the project's environment; one that has none
// there stays. Also build.args, where it goes.
void pass_through(Node &service, const std::map<std::string, std::string> &environment);

// The files of label_file, then labels. The files of env_file, then environment, whose keys without a value
// come from the project's environment. Reads the files of enabled services.
void resolve_environment(Node &service, const NormaliseContext &context, Diagnostics &diagnostics);

// Values that follow from others of the same service: the default network, implicit dependencies.
void complete_service(Node &service);

// Values that Docker Compose fills in even when asked not to normalise. An error for a dependency that no
// file gives the condition of. `path` is that of the service.
void fill_defaults(Node &service, const std::string &path, Diagnostics &diagnostics);

// Names of networks, volumes, secrets and configs; the default network.
void name_resources(Node &model, const std::string &project_name);

} // namespace compose

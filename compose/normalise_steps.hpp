// The steps of normalise(), each over the whole merged tree.
#pragma once

#include "compose/phases.hpp"
#include "compose/selection.hpp"

#include <string>

namespace compose {

// Relative paths become absolute below the project directory, ~ the home directory.
void resolve_paths(Node &model, const NormaliseContext &context);

// One path by the same rules.
[[nodiscard]] std::string absolute_path(const std::string &path, const NormaliseContext &context);

// The files of env_file, then environment, whose keys without a value come from the project's environment.
// Reads the files of enabled services.
void resolve_environment(Node &service, const NormaliseContext &context, Diagnostics &diagnostics);

// Values that follow from others of the same service: the default network, implicit dependencies.
void complete_service(Node &service);

// Values that Docker Compose fills in even when asked not to normalise.
void fill_defaults(Node &service);

// Names of networks, volumes, secrets and configs; the default network.
void name_resources(Node &model, const std::string &project_name);

} // namespace compose

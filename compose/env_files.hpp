// Reads the env files of a project into its environment. Part of finding a project.
#pragma once

#include "compose/diagnostic.hpp"
#include "compose/load.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace compose {

struct ProjectFiles;

// Adds the variables of env files as defaults: one that is set keeps its value, and a later file wins over an
// earlier one. `origins` gets where those are written that were not set. Pure.
void add_defaults(const std::vector<std::shared_ptr<const Source>> &files,
                  std::map<std::string, std::string> &environment, Diagnostics &diagnostics,
                  std::map<std::string, Location> *origins = nullptr);

class EnvFileReader {
  public:
    EnvFileReader(const LoadOptions &options, ProjectFiles &project, Diagnostics &diagnostics);

    // The --env-file files, else those of COMPOSE_ENV_FILES, at the first call; without either
    // directory/.env, unless it is disabled, absent or was read before. A variable that is set already keeps
    // its value, and a later file wins over an earlier one of the same call.
    void read_for(const std::filesystem::path &directory);

  private:
    void read(const std::vector<std::filesystem::path> &files, bool required);
    [[nodiscard]] std::vector<std::filesystem::path> named_files() const;
    [[nodiscard]] bool default_is_disabled() const;

    const LoadOptions &options_;
    ProjectFiles &project_;
    Diagnostics &diagnostics_;
};

} // namespace compose

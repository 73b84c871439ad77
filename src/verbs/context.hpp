// What every verb shares: the global flags, the paths, and the project they name.
#pragma once

#include "base/paths.hpp"
#include "compose/load.hpp"
#include "terminal/progress.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cli {

struct GlobalOptions {
    std::vector<std::string> files;
    std::vector<std::string> profiles;
    std::vector<std::string> env_files;
    std::string project_name;
    std::string project_directory;
    std::string progress = "auto";
    std::string ansi;
    std::optional<int> parallel;
    bool all_resources = false;
    bool compatibility = false; // the flag; `config` then shows the model as it is written
    bool old_names = false;     // the flag or its variable: _ separates the parts of container names
    bool dry_run = false;
    bool verbose = false;
    bool status_on_stdout = false; // COMPOSE_STATUS_STDOUT: progress belongs on standard output
};

class Context {
  public:
    explicit Context(base::Paths paths) : paths_(std::move(paths)) {}

    GlobalOptions options;

    [[nodiscard]] const base::Paths &paths() const { return paths_; }

    // The process's and what .env adds; empty before prepare().
    [[nodiscard]] const std::map<std::string, std::string> &environment() const { return environment_; }

    // Completes the global flags from the environment, checks them against each other and applies what is
    // global (colours, debug log).
    void prepare();

    [[nodiscard]] compose::LoadOptions load_options(const std::vector<std::string> &services = {}) const;

    // The model; warnings go to stderr. @throws compose::LoadError, base::Error.
    [[nodiscard]] compose::Loaded load(const std::vector<std::string> &services = {}) const;

    // For verbs that also work by name alone: the model when a file is found, else nothing but the name.
    struct Named {
        std::string project;
        std::optional<compose::Loaded> loaded;
    };

    [[nodiscard]] Named load_or_name(const std::vector<std::string> &services = {}) const;

    [[nodiscard]] std::unique_ptr<Progress> progress(const std::string &title) const;
    [[nodiscard]] ProgressMode progress_mode() const;

  private:
    base::Paths paths_;
    std::map<std::string, std::string> environment_;
};

void show_warnings(const compose::Diagnostics &warnings);
void warn(const std::string &sentence);

// @throws base::Error "no such service: NAME" with near names, for the first that isn't in the model.
void require_services(const compose::Project &project, const std::vector<std::string> &services);

} // namespace cli

#include "compose/env_files.hpp"

#include "compose/dotenv.hpp"
#include "compose/locate.hpp"
#include "compose/read_source.hpp"

#include <algorithm>

namespace compose {

namespace {

namespace fs = std::filesystem;

// As Go's strconv.ParseBool.
bool parse_boolean(const std::string &name, const std::string &value) {
    for (const char *word : {"1", "t", "T", "true", "True", "TRUE"})
        if (value == word)
            return true;
    for (const char *word : {"0", "f", "F", "false", "False", "FALSE"})
        if (value == word)
            return false;
    throw base::Error(name + " is \"" + value + "\", which is neither true nor false",
                      "set it to true or false");
}

fs::path with_home(const std::string &path, const std::map<std::string, std::string> &environment) {
    const auto home = environment.find("HOME");
    if (home != environment.end() && (path == "~" || path.starts_with("~/")))
        return fs::path(home->second) / path.substr(std::min<std::size_t>(2, path.size()));
    return path;
}

} // namespace

EnvFileReader::EnvFileReader(const LoadOptions &options, ProjectFiles &project, Diagnostics &diagnostics)
    : options_(options), project_(project), diagnostics_(diagnostics) {}

std::vector<fs::path> EnvFileReader::named_files() const {
    std::vector<std::string> names = options_.env_files;
    const auto variable = options_.environment.find("COMPOSE_ENV_FILES");
    if (names.empty() && variable != options_.environment.end()) {
        std::string name;
        for (const char letter : variable->second + ",") {
            if (letter != ',') {
                name += letter;
                continue;
            }
            if (!name.empty())
                names.push_back(name);
            name.clear();
        }
    }
    std::vector<fs::path> files;
    for (const std::string &name : names)
        files.push_back((options_.working_dir / with_home(name, options_.environment)).lexically_normal());
    return files;
}

bool EnvFileReader::default_is_disabled() const {
    const auto found = project_.environment.find("COMPOSE_DISABLE_ENV_FILE");
    return found != project_.environment.end() && parse_boolean(found->first, found->second);
}

void EnvFileReader::read_for(const fs::path &directory) {
    const std::vector<fs::path> named = named_files();
    if (!named.empty()) {
        if (project_.env_files.empty())
            read(named, true);
        return;
    }
    const fs::path standard = directory / ".env";
    const auto &before = project_.env_files;
    std::error_code ignored;
    if (default_is_disabled() || std::find(before.begin(), before.end(), standard) != before.end()
        || !fs::exists(standard, ignored) || fs::is_directory(standard, ignored))
        return;
    read({standard}, false);
}

void EnvFileReader::read(const std::vector<fs::path> &files, bool required) {
    std::vector<std::shared_ptr<const Source>> sources;
    for (const fs::path &file : files) {
        const std::string shown = shown_path(file, options_.working_dir);
        std::error_code ignored;
        if (required && !fs::exists(file, ignored)) {
            diagnostics_.error({}, {}, "couldn't find env file: " + file.string(),
                               "check --env-file and COMPOSE_ENV_FILES");
            continue;
        }
        auto source = read_source(file, shown, SourceKind::env_file, diagnostics_);
        if (source == nullptr)
            continue;
        project_.env_files.push_back(file);
        sources.push_back(std::move(source));
    }
    add_defaults(sources, project_.environment, diagnostics_, &project_.variable_origins);
}

void add_defaults(const std::vector<std::shared_ptr<const Source>> &files,
                  std::map<std::string, std::string> &environment, Diagnostics &diagnostics,
                  std::map<std::string, Location> *origins) {
    std::map<std::string, std::string> values;
    std::map<std::string, Location> locations;
    const Lookup lookup = [&](const std::string &name) -> const std::string * {
        if (const auto found = environment.find(name); found != environment.end())
            return &found->second;
        if (const auto found = values.find(name); found != values.end())
            return &found->second;
        return nullptr;
    };
    for (const auto &file : files)
        for (EnvEntry &entry : parse_env_file(file, lookup, diagnostics))
            if (entry.value) {
                locations[entry.key] = entry.location;
                values[entry.key] = std::move(*entry.value);
            }
    if (origins != nullptr)
        for (const auto &[name, location] : locations)
            if (!environment.contains(name))
                origins->emplace(name, location);
    environment.merge(values);
}

} // namespace compose

#include "compose/locate.hpp"

#include "compose/env_files.hpp"
#include "compose/expand.hpp"
#include "compose/remote.hpp"

#include <algorithm>

namespace compose {

namespace {

namespace fs = std::filesystem;

constexpr const char *file_names[] = {"compose.yaml", "compose.yml", "docker-compose.yml",
                                      "docker-compose.yaml"};
constexpr const char *override_names[] = {"compose.override.yml", "compose.override.yaml",
                                          "docker-compose.override.yml", "docker-compose.override.yaml"};

fs::path absolute(const fs::path &path, const fs::path &base) {
    fs::path result = (base / path).lexically_normal();
    // "dir/" and "dir" have the same name.
    return result.has_filename() || result == result.root_path() ? result : result.parent_path();
}

std::vector<std::string> split(const std::string &text, const std::string &separator) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(separator, begin), text.size());
        if (end > begin)
            parts.push_back(text.substr(begin, end - begin));
        begin = end + separator.size();
    }
    return parts;
}

std::string trimmed(const std::string &text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

const std::string *find(const std::map<std::string, std::string> &environment, const std::string &name) {
    const auto found = environment.find(name);
    return found == environment.end() || found->second.empty() ? nullptr : &found->second;
}

void refuse_remote(const std::string &file) {
    if (is_remote(file))
        throw base::Error("remote Compose files are not supported: " + file,
                          "fetch it first and name the local file with -f");
}

std::vector<std::string> existing(const fs::path &directory, const char *const *begin,
                                  const char *const *end) {
    std::vector<std::string> found;
    for (; begin != end; ++begin) {
        std::error_code ignored;
        if (fs::exists(directory / *begin, ignored))
            found.push_back((directory / *begin).string());
    }
    return found;
}

// The first of them; several are worth a warning, for the others are not read.
void choose(const std::vector<std::string> &candidates, const char *what, std::vector<std::string> &files,
            Diagnostics &diagnostics) {
    if (candidates.empty())
        return;
    files.push_back(candidates.front());
    if (candidates.size() == 1)
        return;
    std::string names;
    for (const std::string &candidate : candidates)
        names += (names.empty() ? "" : ", ") + candidate;
    diagnostics.warning(
        {}, {}, std::string("found several ") + what + " files: " + names + "; using " + candidates.front(),
        "remove the others, or name the files with -f");
}

// The nearest directory upwards that has a Compose file.
std::vector<std::string> discover(fs::path directory, Diagnostics &diagnostics) {
    std::vector<std::string> files;
    for (;; directory = directory.parent_path()) {
        choose(existing(directory, std::begin(file_names), std::end(file_names)), "Compose", files,
               diagnostics);
        if (!files.empty()) {
            choose(existing(directory, std::begin(override_names), std::end(override_names)), "override",
                   files, diagnostics);
            return files;
        }
        if (directory == directory.parent_path())
            return files;
    }
}

fs::path project_directory(const LoadOptions &options, const std::vector<std::string> &files) {
    if (!options.project_directory.empty())
        return absolute(options.project_directory, options.working_dir);
    for (const std::string &file : files)
        if (file != standard_input)
            return fs::path(file).parent_path();
    return absolute(options.working_dir, "/");
}

// Lower case, without what a project name can't have.
std::string normalised(const std::string &name) {
    std::string result;
    for (char letter : name) {
        if (letter >= 'A' && letter <= 'Z')
            letter = static_cast<char>(letter - 'A' + 'a');
        const bool alphanumeric = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
        if (alphanumeric || (!result.empty() && (letter == '_' || letter == '-')))
            result += letter;
    }
    return result;
}

std::string checked(const std::string &name, const char *origin) {
    if (normalised(name) == name)
        return name;
    const std::string valid = normalised(name);
    throw base::Error(
        "invalid project name \"" + name + "\" (" + origin
            + "): must consist only of lowercase alphanumeric characters, hyphens, and underscores "
              "as well as start with a letter or number",
        valid.empty() ? "choose another name" : "use \"" + valid + "\"");
}

std::string name_in(const Node &document, const std::map<std::string, std::string> &environment) {
    constexpr std::size_t longest = 4096;
    const Node *name = document.find("name");
    if (name == nullptr || !name->is_scalar())
        return {};
    const Lookup lookup = [&](const std::string &variable) -> const std::string * {
        const auto found = environment.find(variable);
        return found == environment.end() ? nullptr : &found->second;
    };
    return expand(name->text, lookup, longest).text;
}

} // namespace

ProjectFiles find_project(const LoadOptions &options, Diagnostics &diagnostics) {
    ProjectFiles project;
    project.environment = options.environment;
    project.environment.try_emplace("PWD", options.working_dir.string());
    for (const std::string &file : options.files) {
        refuse_remote(file);
        project.files.push_back(file == standard_input ? file : absolute(file, options.working_dir).string());
    }

    EnvFileReader env(options, project, diagnostics);
    env.read_for(project_directory(options, project.files));
    if (project.files.empty()) {
        const std::string *separator = find(project.environment, "COMPOSE_PATH_SEPARATOR");
        if (const std::string *files = find(project.environment, "COMPOSE_FILE")) {
            for (const std::string &file : split(*files, separator == nullptr ? ":" : *separator)) {
                refuse_remote(file);
                project.files.push_back(
                    file == standard_input ? file : absolute(file, options.working_dir).string());
            }
        }
    }
    if (project.files.empty())
        project.files = discover(project_directory(options, {}), diagnostics);
    project.directory = project_directory(options, project.files);
    env.read_for(project.directory);

    project.profiles = options.profiles;
    if (const std::string *profiles = find(project.environment, "COMPOSE_PROFILES"))
        for (const std::string &profile : split(*profiles, ","))
            if (const std::string name = trimmed(profile); !name.empty())
                project.profiles.push_back(name);
    return project;
}

std::string project_name(const LoadOptions &options, const ProjectFiles &project,
                         const std::vector<const Node *> &documents) {
    if (!options.project_name.empty())
        return checked(options.project_name, "from -p");
    if (const std::string *name = find(project.environment, "COMPOSE_PROJECT_NAME"))
        return checked(*name, "from COMPOSE_PROJECT_NAME");
    for (auto document = documents.rbegin(); document != documents.rend(); ++document)
        if (const std::string name = normalised(name_in(**document, project.environment)); !name.empty())
            return name;
    for (const fs::path &directory : {project.directory, options.working_dir})
        if (const std::string name = normalised(directory.filename().string()); !name.empty())
            return name;
    throw base::Error(
        "project name must not be empty",
        "the directory's name has no letter or digit to make one of; give one with -p or name:");
}

std::string describe_search(const LoadOptions &options) {
    std::string names;
    for (const char *name : file_names)
        names += std::string(names.empty() ? "" : ", ") + name;
    return "looked for " + names + " in " + project_directory(options, {}).string()
           + " and the directories above it; name a file with -f";
}

} // namespace compose

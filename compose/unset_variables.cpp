#include "compose/unset_variables.hpp"

#include "compose/dotenv.hpp"
#include "compose/read_source.hpp"

#include <algorithm>

namespace compose {

namespace {

namespace fs = std::filesystem;

struct Candidate {
    fs::path path;
    std::string note;
};

void add_env_files(const Node &merged, const fs::path &directory, std::vector<Candidate> &candidates) {
    const Node *services = merged.find("services");
    if (services == nullptr)
        return;
    for (const Member &service : services->members) {
        const Node *files = service.value.find("env_file");
        if (files == nullptr)
            continue;
        for (const Node &file : files->items)
            if (const Node *path = file.find("path"); path != nullptr && path->is_scalar())
                candidates.push_back(
                    {directory / path->text,
                     "env_file sets it inside service \"" + service.key
                         + "\" only; variables of the Compose file come from the environment and .env"});
    }
}

std::vector<Candidate> candidates_of(const Node &merged, const ProjectFiles &project,
                                     const LoadOptions &options) {
    std::vector<Candidate> candidates;
    add_env_files(merged, project.directory, candidates);
    const fs::path beside = options.working_dir / ".env";
    const auto &read = project.env_files;
    if (std::find(read.begin(), read.end(), beside) == read.end())
        candidates.push_back({beside, "this .env is not read; name it with --env-file"});
    return candidates;
}

} // namespace

void explain_unset(const std::multimap<std::string, std::size_t> &unset, const Node &merged,
                   const ProjectFiles &project, const LoadOptions &options, Diagnostics &diagnostics) {
    if (unset.empty())
        return;
    for (const Candidate &candidate : candidates_of(merged, project, options)) {
        std::error_code ignored;
        if (!fs::is_regular_file(candidate.path, ignored))
            continue;
        Diagnostics unrelated;
        const auto source = read_source(candidate.path, shown_path(candidate.path, options.working_dir),
                                        SourceKind::env_file, unrelated);
        if (source == nullptr)
            continue;
        const Lookup none = [](const std::string &) -> const std::string * { return nullptr; };
        for (const EnvEntry &entry : parse_env_file(source, none, unrelated))
            for (auto [each, end] = unset.equal_range(entry.key); each != end; ++each)
                diagnostics.note(each->second, {entry.location, candidate.note});
    }
}

} // namespace compose

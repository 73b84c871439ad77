#include "compose/load.hpp"

#include "base/heap.hpp"
#include "compose/assemble.hpp"
#include "compose/disk.hpp"
#include "compose/locate.hpp"
#include "compose/parse.hpp"
#include "compose/phases.hpp"
#include "compose/read_source.hpp"
#include "compose/unset_variables.hpp"
#include "compose/written_name.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace compose {

namespace {

using Documents = std::vector<Node>;

std::shared_ptr<const Source> read_file(const std::string &file, const LoadOptions &options,
                                        Diagnostics &diagnostics) {
    if (file == standard_input)
        return read_standard_input(diagnostics);
    return read_source(file, shown_path(file, options.working_dir), SourceKind::yaml, diagnostics);
}

Documents parse_files(const ProjectFiles &project, const LoadOptions &options, Diagnostics &diagnostics) {
    Documents documents;
    for (const std::string &file : project.files) {
        const auto source = read_file(file, options, diagnostics);
        if (source == nullptr)
            continue;
        constexpr std::size_t heap_for_a_letter = 80; // of a file of common values
        base::prefault_heap(source->text.size() * heap_for_a_letter);
        for (Node &document : parse_yaml(source, diagnostics))
            documents.push_back(std::move(document));
    }
    return documents;
}

// The documents as far as their names go: of a file that is no YAML, what its lines tell.
Documents parse_names(const ProjectFiles &project, const LoadOptions &options, Diagnostics &diagnostics) {
    Documents documents;
    for (const std::string &file : project.files) {
        const auto source = read_file(file, options, diagnostics);
        if (source == nullptr)
            continue;
        Diagnostics broken;
        Documents parsed = parse_yaml(source, broken);
        const auto written = broken.has_errors() ? written_name(source->text) : std::nullopt;
        if (written) {
            parsed.emplace_back(Node::mapping());
            parsed.back().set("name", Node::string(*written));
        } else {
            for (const Diagnostic &each : broken.all())
                diagnostics.add(each);
        }
        for (Node &document : parsed)
            documents.push_back(std::move(document));
    }
    return documents;
}

std::string name_of(const LoadOptions &options, const ProjectFiles &project, const Documents &documents) {
    std::vector<const Node *> pointers;
    for (const Node &document : documents)
        pointers.push_back(&document);
    return project_name(options, project, pointers);
}

void fail_on_errors(const Diagnostics &diagnostics) {
    if (diagnostics.has_errors())
        throw LoadError(diagnostics.sorted());
}

// A value that could not be interpolated is not what its attribute needs either: one error is enough.
void add_consequences(Diagnostics &causes, const Diagnostics &consequences) {
    std::set<std::pair<const Source *, std::string>> wrong;
    for (const Diagnostic &each : causes.all())
        if (each.severity == Severity::error)
            wrong.emplace(each.location.source.get(), each.path);
    for (const Diagnostic &each : consequences.all())
        if (each.path.empty() || !wrong.contains({each.location.source.get(), each.path}))
            causes.add(each);
}

AssembleOptions assemble_options(const LoadOptions &options, const ProjectFiles &project) {
    AssembleOptions result;
    result.interpolate = !options.no_interpolate;
    result.resolve_environment = !options.no_env_resolution;
    if (options.no_path_resolution)
        result.relative_to = project.directory;
    return result;
}

} // namespace

Loaded load(const LoadOptions &given) {
    Diagnostics diagnostics;
    ProjectFiles project = find_project(given, diagnostics);
    fail_on_errors(diagnostics);
    if (project.files.empty())
        throw base::Error("no configuration file provided: not found", describe_search(given));

    Documents documents = parse_files(project, given, diagnostics);
    const bool parsed = !diagnostics.has_errors();
    const auto says_something = [](const Node &document) { return !document.members.empty(); };
    if (parsed && std::none_of(documents.begin(), documents.end(), says_something))
        throw base::Error("empty compose file", "it needs at least \"services:\" with one service");
    const std::string name = name_of(given, project, documents);
    project.environment["COMPOSE_PROJECT_NAME"] = name;
    LoadOptions options = given;
    options.profiles = project.profiles;
    AssembleReport report;
    report.values = Diagnostics(options.describe_only ? Unsupported::warning : Unsupported::error);
    SourceFiles files(file_system(), options.working_dir);
    Assembler assembler(files, assemble_options(options, project), report);
    const Part whole{project.files.front(), project.directory, project.environment, nullptr};
    Node merged = assembler.assemble(whole, std::move(documents));
    const NormaliseContext context{name, project.directory, project.environment, options,
                                   assembler.contents()};
    explain_unset(assembler.unset(), merged, project, options, report.variables);
    if (parsed && assembler.complete()) {
        check_complete(merged, report.values);
        normalise(merged, context, report.values);
        if (!options.no_consistency)
            validate(merged, context, report.values);
    }
    add_consequences(diagnostics, report.variables);
    add_consequences(diagnostics, report.files);
    // Variables that stay as they are written have no type yet.
    if (!options.no_interpolate)
        add_consequences(diagnostics, report.values);
    files.explain(diagnostics);
    fail_on_errors(diagnostics);

    Loaded loaded;
    if (!options.no_interpolate && !options.no_services)
        loaded.project = decode(merged, context);
    loaded.project.name = name;
    loaded.project.working_dir = project.directory.string();
    loaded.project.files = project.files;
    for (const auto &file : project.env_files)
        loaded.project.env_files.push_back(file.string());
    loaded.project.environment = project.environment;
    loaded.variable_origins = project.variable_origins;
    present(merged, context);
    loaded.canonical = std::move(merged);
    loaded.warnings = std::move(diagnostics);
    return loaded;
}

ProjectContext locate(const LoadOptions &options) {
    Diagnostics diagnostics;
    ProjectFiles project = find_project(options, diagnostics);
    fail_on_errors(diagnostics);
    Documents documents;
    // Only the files can tell the name when nothing else does.
    const bool named = !options.project_name.empty() || project.environment.contains("COMPOSE_PROJECT_NAME");
    if (!named)
        documents = parse_names(project, options, diagnostics);
    fail_on_errors(diagnostics);
    ProjectContext context;
    context.name = name_of(options, project, documents);
    context.directory = project.directory;
    context.files.assign(project.files.begin(), project.files.end());
    context.env_files = project.env_files;
    project.environment["COMPOSE_PROJECT_NAME"] = context.name;
    context.environment = std::move(project.environment);
    return context;
}

} // namespace compose

#include "compose/assemble.hpp"

#include "compose/env_files.hpp"
#include "compose/extends.hpp"
#include "compose/interpolate.hpp"
#include "compose/merge.hpp"
#include "compose/normalise_steps.hpp"
#include "compose/phases.hpp"
#include "compose/remote.hpp"

namespace compose {

namespace {

// Each costs some of the stack and a copy of the environment.
constexpr std::size_t deepest_include = 32;
// Reading one is worth as much as so many values.
constexpr std::size_t include_cost = 1000;

} // namespace

Node Assembler::build(const Part &part, std::vector<Node> documents, bool included) {
    Interpolator interpolator(part.environment, report_.variables, budget_);
    const Values values = options_.interpolate ? Values::interpolated : Values::as_written;
    const auto interpolate = [&](Node &tree) {
        check_plain_scalars(tree, report_.variables);
        if (options_.interpolate)
            interpolator.interpolate(tree);
    };
    const auto prepare = [&](Node &tree, const std::filesystem::path &directory) {
        interpolate(tree);
        check_schema(tree, report_.values);
        canonicalise(tree, report_.values, values, ports_);
        resolve_paths(tree, base_of(directory, part));
    };
    Extender extender(part, files_, prepare, values, report_.files, report_.values);

    Node merged = Node::mapping();
    for (Node &document : documents) {
        interpolate(document);
        check_schema(document, report_.values, &merged);
        const std::vector<Include> includes = take_includes(document);
        canonicalise(document, report_.values, values, ports_);
        if (included)
            resolve_paths(document, base_of(part.directory, part));
        for (const Include &wanted : includes)
            include(document, wanted, part);
        extender.apply(document);
        merge(merged, std::move(document), report_.values, values);
    }
    if (included)
        finish_included(merged, part);
    complete_ = complete_ && extender.complete();
    unset_.insert(interpolator.unset().begin(), interpolator.unset().end());
    return merged;
}

void Assembler::include(Node &document, const Include &wanted, const Part &from) {
    Part part;
    part.includer = &from;
    std::vector<Node> documents;
    for (const WrittenPath &written : wanted.files) {
        const std::string path = path_of(written, from);
        if (part.file.empty()) {
            part.file = path;
            if (!may_include(path, written, from)) {
                complete_ = false;
                return;
            }
        }
        for (Node &each : read(path, written))
            documents.push_back(std::move(each));
    }
    part.directory = wanted.directory ? std::filesystem::path(path_of(*wanted.directory, from))
                                      : std::filesystem::path(part.file).parent_path();
    part.environment = from.environment;
    add_environment(wanted, from, part);
    import_resources(document, build(part, std::move(documents), true), report_.values,
                     options_.interpolate ? Values::interpolated : Values::as_written);
}

// Files that include each other would never end.
bool Assembler::may_include(const std::string &path, const WrittenPath &written, const Part &from) {
    std::string chain = files_.shown(path);
    std::size_t depth = 0;
    for (const Part *part = &from; part != nullptr; part = part->includer) {
        chain = files_.shown(part->file) + " -> " + chain;
        if (part->file == path) {
            report_.files.error(written.location, written.attribute, "include cycle: " + chain,
                                "remove one of these includes");
            return false;
        }
        if (++depth > deepest_include) {
            report_.files.error(written.location, written.attribute,
                                "includes are nested more than " + std::to_string(deepest_include) + " deep",
                                "include the file where it is needed");
            return false;
        }
    }
    return true;
}

std::vector<Node> Assembler::read(const std::string &path, const WrittenPath &written) {
    if (is_remote(written.text)) {
        report_.files.error(written.location, written.attribute,
                            "remote files are not supported: " + written.text,
                            "fetch it first and name the local file");
        complete_ = false;
        return {};
    }
    const std::vector<Node> *documents =
        files_.open(path, {written.location, written.attribute, "included here"}, report_.files);
    complete_ = complete_ && documents != nullptr;
    if (documents == nullptr)
        return {};
    std::size_t cost = include_cost;
    for (const Node &document : *documents)
        cost += weight(document);
    if (files_.charge(cost, written.location, report_.files))
        return *documents;
    complete_ = false;
    return {};
}

std::string Assembler::path_of(const WrittenPath &written, const Part &part) {
    return absolute_path(written.text, {part.directory, part.environment});
}

// The variables of the files are defaults: the environment of what includes them comes first.
void Assembler::add_environment(const Include &wanted, const Part &from, Part &part) {
    std::vector<std::shared_ptr<const Source>> sources;
    const auto add = [&](const std::filesystem::path &path, const WrittenPath &named) {
        const SourceFiles::Reference reference{named.location, named.attribute, "read for this include"};
        if (auto source = files_.open_env_file(path, reference, report_.files))
            sources.push_back(std::move(source));
        else
            complete_ = false;
    };
    for (const WrittenPath &written : wanted.env_files)
        if (written.text != "/dev/null")
            add(path_of(written, from), written);
    const std::filesystem::path standard = part.directory / ".env";
    if (wanted.env_files.empty() && files_.has_file(standard))
        add(standard, wanted.files.front());
    add_defaults(sources, part.environment, report_.files);
}

// What depends on where it was included; the rest is normalised with the whole project.
void Assembler::finish_included(Node &merged, const Part &part) {
    const PathBase base = base_of(part.directory, part);
    if (Node *services = merged.find("services"))
        for (Member &member : services->members) {
            Node &service = member.value;
            Node *build = service.find("build");
            if (build != nullptr && build->is_mapping() && build->find("context") == nullptr)
                build->set("context", Node::string(absolute_path(".", base), build->location));
            if (options_.resolve_environment)
                pass_through(service, part.environment);
        }
    for (const char *element : {"secrets", "configs"})
        if (const Node *objects = merged.find(element))
            for (const Member &member : objects->members)
                if (const Node *variable = member.value.find("environment"))
                    if (const auto found = part.environment.find(variable->text);
                        found != part.environment.end())
                        contents_.try_emplace(join_path(element, member.key), found->second);
}

PathBase Assembler::base_of(const std::filesystem::path &directory, const Part &part) const {
    const auto &top = options_.relative_to;
    return {top ? directory.lexically_relative(*top) : directory, part.environment};
}

} // namespace compose

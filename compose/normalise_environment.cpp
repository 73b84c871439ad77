#include "compose/dotenv.hpp"
#include "compose/normalise_steps.hpp"
#include "compose/read_source.hpp"

#include <filesystem>

namespace compose {

namespace {

// The files of env_file, which are objects, or of label_file, which are paths.
class EnvFiles {
  public:
    EnvFiles(std::string attribute, const NormaliseContext &context, Diagnostics &diagnostics)
        : attribute_(std::move(attribute)), context_(context), diagnostics_(diagnostics),
          result_(Node::mapping()) {}

    void read(const Node &file) {
        const Node *path_node = file.is_mapping() ? file.find("path") : &file;
        if (path_node == nullptr)
            return;
        const std::string path =
            absolute_path(path_node->text, {context_.project_directory, context_.environment});
        const std::string shown = shown_path(path, context_.options.working_dir);
        std::error_code error;
        if (!std::filesystem::exists(path, error)) {
            const Node *required = file.find("required");
            if (required == nullptr || required->text != "false")
                diagnostics_.error(path_node->location, attribute_,
                                   (attribute_ == "env_file" ? "env file " : "label file ") + shown
                                       + " not found",
                                   file.is_mapping() ? "create it, or give it required: false" : "create it");
            return;
        }
        const auto source = read_source(path, shown, SourceKind::env_file, diagnostics_);
        if (source == nullptr)
            return;
        const Node *format = file.find("format");
        const bool raw = format != nullptr && format->text == "raw";
        const Lookup lookup = [this](const std::string &name) { return find(name); };
        for (EnvEntry &entry : raw ? parse_raw_env_file(source, lookup, diagnostics_)
                                   : parse_env_file(source, lookup, diagnostics_))
            if (entry.value)
                set(std::move(entry));
    }

    [[nodiscard]] Node take() { return std::move(result_); }

  private:
    void set(EnvEntry entry) {
        const auto [position, fresh] = positions_.emplace(entry.key, result_.members.size());
        if (fresh)
            result_.members.emplace_back();
        Member &member = result_.members[position->second];
        member.key = std::move(entry.key);
        member.key_location = entry.location;
        member.value = Node::string(std::move(*entry.value), entry.location);
    }

    // A variable of an earlier file before one of the project.
    const std::string *find(const std::string &name) const {
        if (const auto earlier = positions_.find(name); earlier != positions_.end())
            return &result_.members[earlier->second].value.text;
        const auto found = context_.environment.find(name);
        return found == context_.environment.end() ? nullptr : &found->second;
    }

    std::string attribute_;
    const NormaliseContext &context_;
    Diagnostics &diagnostics_;
    Node result_;
    std::map<std::string, std::size_t> positions_; // of its members
};

void fill(Node *pairs, const std::map<std::string, std::string> &environment) {
    if (pairs == nullptr)
        return;
    for (Member &member : pairs->members) {
        Node &value = member.value;
        if (!value.is_null() || value.tag == MergeTag::reset)
            continue;
        if (const auto found = environment.find(member.key); found != environment.end())
            value = Node::string(found->second, value.location);
    }
}

void override_members(Node &pairs, const Node &own) {
    std::map<std::string_view, const Member *> given;
    for (const Member &member : own.members)
        given.emplace(member.key, &member);
    for (Member &member : pairs.members)
        if (const auto over = given.find(member.key); over != given.end()) {
            member = *over->second;
            given.erase(over);
        }
    for (const Member &member : own.members)
        if (given.contains(member.key))
            pairs.members.push_back(member);
}

// What files give becomes part of the pairs, which win.
void take_files(Node &service, const char *attribute, const char *pairs, const NormaliseContext &context,
                Diagnostics &diagnostics) {
    const Node *files = service.find(attribute);
    if (files == nullptr)
        return;
    EnvFiles reader(attribute, context, diagnostics);
    for (const Node &file : files->items)
        reader.read(file);
    Node result = reader.take();
    result.location = files->location;
    if (const Node *own = service.find(pairs))
        override_members(result, *own);
    service.erase(attribute);
    if (!result.members.empty())
        service.set(pairs, std::move(result), service.key_location(pairs));
}

} // namespace

void pass_through(Node &service, const std::map<std::string, std::string> &environment) {
    fill(service.find("environment"), environment);
    if (Node *build = service.find("build"))
        fill(build->find("args"), environment);
}

void resolve_environment(Node &service, const NormaliseContext &context, Diagnostics &diagnostics) {
    pass_through(service, context.environment);
    if (Node *build = service.find("build"))
        if (Node *arguments = build->find("args"))
            std::erase_if(arguments->members, [](const Member &member) { return member.value.is_null(); });
    take_files(service, "env_file", "environment", context, diagnostics);
    take_files(service, "label_file", "labels", context, diagnostics);
}

} // namespace compose

#include "compose/normalise_steps.hpp"
#include "compose/remote.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>

namespace compose {

namespace {

using Change = std::function<void(Node &)>;

void change(Node *object, const char *key, const Change &function) {
    Node *value = object == nullptr ? nullptr : object->find(key);
    if (value != nullptr && value->kind == Kind::string && !value->text.empty())
        function(*value);
}

// What is watched are directories, not the links that lead there.
std::string without_links(const std::string &path) {
    std::error_code unreadable;
    const std::filesystem::path real = std::filesystem::weakly_canonical(path, unreadable);
    return unreadable ? path : real.string();
}

// Several files are separated by commas.
void each_file(Node &files, const Change &absolute) {
    std::string result;
    for (std::size_t at = 0; at <= files.text.size();) {
        const std::size_t end = std::min(files.text.find(',', at), files.text.size());
        Node file = Node::string(files.text.substr(at, end - at));
        absolute(file);
        result += (at == 0 ? "" : ",") + file.text;
        at = end + 1;
    }
    files.text = result;
}

void resolve_service(Node &service, const Change &absolute) {
    // Contexts may be URLs, images or other services.
    const Change local = [&](Node &node) {
        if (!is_remote(node.text) && !node.text.starts_with("service:"))
            absolute(node);
    };
    if (Node *build = service.find("build")) {
        change(build, "context", local);
        if (Node *contexts = build->find("additional_contexts"))
            for (Member &member : contexts->members)
                change(contexts, member.key.c_str(), local);
        if (Node *keys = build->find("ssh"))
            for (Member &member : keys->members)
                change(keys, member.key.c_str(), [&](Node &files) { each_file(files, absolute); });
    }
    if (Node *files = service.find("env_file"))
        for (Node &file : files->items)
            change(&file, "path", absolute);
    if (Node *files = service.find("label_file"))
        for (Node &file : files->items)
            absolute(file);
    if (Node *volumes = service.find("volumes"))
        for (Node &mount : volumes->items)
            if (const Node *type = mount.find("type"); type != nullptr && type->text == "bind")
                change(&mount, "source", absolute);
    if (Node *develop = service.find("develop"))
        if (Node *watch = develop->find("watch"))
            for (Node &trigger : watch->items)
                change(&trigger, "path", [&](Node &path) {
                    absolute(path);
                    path.text = without_links(path.text);
                });
    if (Node *options = service.find("security_opt"))
        for (Node &option : options->items) {
            // seccomp=FILE; "unconfined" and inline JSON are no files.
            const std::string prefix = "seccomp=";
            const std::string value =
                option.text.starts_with(prefix) ? option.text.substr(prefix.size()) : "";
            if (value.empty() || value == "unconfined" || value == "builtin" || value.starts_with("{"))
                continue;
            Node file = Node::string(value);
            absolute(file);
            option.text = prefix + file.text;
        }
}

void resolve_volume(Node &volume, const Change &absolute) {
    Node *options = volume.find("driver_opts");
    const Node *driver = volume.find("driver");
    const Node *flags = options == nullptr ? nullptr : options->find("o");
    if (flags != nullptr && flags->text.find("bind") != std::string::npos
        && (driver == nullptr || driver->text == "local"))
        change(options, "device", absolute);
}

void for_each_member(Node *table, const std::function<void(Node &)> &function) {
    if (table != nullptr)
        for (Member &member : table->members)
            function(member.value);
}

} // namespace

std::string absolute_path(const std::string &path, const PathBase &base) {
    if (path.starts_with('/'))
        return path;
    std::filesystem::path full = path;
    if (path == "~" || path.starts_with("~/")) {
        const auto home = base.environment.find("HOME");
        full = (home == base.environment.end() ? std::string("/root") : home->second) + path.substr(1);
    }
    std::string text = (base.directory / full).lexically_normal().string();
    if (text.size() > 1 && text.back() == '/')
        text.pop_back();
    return text;
}

void resolve_paths(Node &model, const PathBase &base) {
    const Change absolute = [&](Node &node) { node.text = absolute_path(node.text, base); };
    for_each_member(model.find("services"), [&](Node &service) { resolve_service(service, absolute); });
    for_each_member(model.find("volumes"), [&](Node &volume) { resolve_volume(volume, absolute); });
    for (const char *element : {"secrets", "configs"})
        for_each_member(model.find(element), [&](Node &object) { change(&object, "file", absolute); });
}

} // namespace compose

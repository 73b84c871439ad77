// [SOURCE:]TARGET[:OPTIONS] of volumes, SOURCE[:TARGET][:PERMISSIONS] of devices.
#include "base/suggest.hpp"
#include "compose/canonical_shapes.hpp"
#include "compose/cdi_name.hpp"
#include "compose/clean_path.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace compose {

namespace {

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (true) {
        const auto at = text.find(separator);
        parts.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos)
            return parts;
        text.remove_prefix(at + 1);
    }
}

bool is_path(std::string_view source) {
    return !source.empty() && (source.front() == '.' || source.front() == '/' || source.front() == '~');
}

const std::vector<std::string> &known_options() {
    static const std::vector<std::string> known{"ro",       "rw",         "z",      "Z",        "nocopy",
                                                "rprivate", "private",    "shared", "slave",    "rshared",
                                                "rslave",   "consistent", "cached", "delegated"};
    return known;
}

struct Options {
    bool read_only = false;
    bool nocopy = false;
    std::string selinux;
    std::string propagation;
};

bool read_options(const std::string &text, Options &options, const Node &node, const std::string &path,
                  Diagnostics &diagnostics) {
    for (const std::string &option : split(text, ',')) {
        if (option == "ro" || option == "rw")
            options.read_only = option == "ro";
        else if (option == "nocopy")
            options.nocopy = true;
        else if (option == "z" || option == "Z")
            options.selinux = option;
        else if (option == "consistent" || option == "cached" || option == "delegated")
            continue; // of other systems than Linux; without effect everywhere else
        else if (const auto &known = known_options();
                 std::find(known.begin(), known.end(), option) != known.end())
            options.propagation = option;
        else {
            const std::string near = base::did_you_mean(option, known);
            diagnostics.error(node.location, path, "unknown volume option \"" + option + "\"",
                              near.empty() ? "known are ro, rw, z, Z, nocopy and the propagations" : near);
            return false;
        }
    }
    return true;
}

} // namespace

void shape_mount(Node &node, const std::string &path, Diagnostics &diagnostics) {
    if (node.is_mapping()) {
        if (Node *target = node.find("target"); target != nullptr && !target->text.empty())
            target->text = clean_path(target->text);
        return;
    }
    if (node.kind != Kind::string)
        return;
    const std::vector<std::string> parts = split(node.text, ':');
    bool complete = parts.size() <= 3;
    for (const std::string &part : parts)
        complete = complete && !part.empty();
    if (!complete) {
        diagnostics.error(node.location, path, "\"" + node.text + "\" is not a volume",
                          "write it as SOURCE:TARGET[:OPTIONS], e.g. \"./data:/data:ro\"");
        return;
    }
    Options options;
    if (parts.size() == 3 && !read_options(parts[2], options, node, path, diagnostics))
        return;

    const Location &at = node.location;
    const std::string source = parts.size() == 1 ? "" : parts[0];
    const bool bind = is_path(source);
    Node mount = mapping_like(node);
    mount.set("type", Node::string(bind ? "bind" : "volume", at), at);
    if (!source.empty())
        mount.set("source", Node::string(source, at), at);
    mount.set("target", Node::string(clean_path(parts.size() == 1 ? parts[0] : parts[1]), at), at);
    if (options.read_only)
        mount.set("read_only", Node::boolean(true, at), at);
    Node details = Node::mapping(at);
    if (bind) {
        if (!options.selinux.empty())
            details.set("selinux", Node::string(options.selinux, at), at);
        if (!options.propagation.empty())
            details.set("propagation", Node::string(options.propagation, at), at);
        details.set("create_host_path", Node::boolean(true, at), at);
    } else if (options.nocopy) {
        details.set("nocopy", Node::boolean(true, at), at);
    }
    mount.set(bind ? "bind" : "volume", std::move(details), at);
    node = std::move(mount);
}

void shape_device(Node &node, const std::string &path, Diagnostics &diagnostics) {
    if (node.kind != Kind::string)
        return;
    // The name of a device of CDI may have colons.
    const std::vector<std::string> parts =
        is_cdi_device(node.text) ? std::vector<std::string>{node.text} : split(node.text, ':');
    if (parts.size() > 3 || parts[0].empty()) {
        diagnostics.error(node.location, path, "\"" + node.text + "\" is not a device",
                          "write it as SOURCE[:TARGET[:PERMISSIONS]], e.g. \"/dev/fuse:/dev/fuse:rw\"");
        return;
    }
    const Location &at = node.location;
    // SOURCE:rw is a permission, not a target: a device's path is absolute.
    const bool short_permissions = parts.size() == 2 && !parts[1].starts_with('/');
    Node device = mapping_like(node);
    device.set("source", Node::string(parts[0], at), at);
    device.set("target", Node::string(parts.size() > 1 && !short_permissions ? parts[1] : parts[0], at), at);
    const std::string permissions = parts.size() == 3 ? parts[2] : short_permissions ? parts[1] : "rwm";
    device.set("permissions", Node::string(permissions, at), at);
    node = std::move(device);
}

} // namespace compose

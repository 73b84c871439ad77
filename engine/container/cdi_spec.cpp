#include "engine/container/cdi_spec.hpp"

#include "engine/container/cdi_edits.hpp"
#include "engine/container/cdi_field.hpp"
#include "engine/container/cdi_yaml.hpp"

#include <regex>
#include <set>

namespace container {

namespace {

using Annotations = std::map<std::string, std::string>;

constexpr std::size_t longest_vendor = 253;
constexpr std::size_t longest_class = 63;

// The pattern is for texts of bounded length: std::regex recurses over what it matches.
bool matches(const std::string &text, const char *pattern) {
    return text.size() <= longest_vendor && std::regex_match(text, std::regex(pattern));
}

void check_version(const CdiField &field) {
    const std::string version = field.text();
    if (!matches(version, "[0-9]{1,4}[.][0-9]{1,4}[.][0-9]{1,4}([-+].*)?"))
        field.fail("is \"" + version + "\", which is no version", "write e.g. \"0.6.0\", in quotes");
    if (!version.starts_with("0.") && !version.starts_with("1."))
        field.fail("is " + version + ", which is newer than this program", "upgrade compose");
}

std::string parse_kind(const CdiField &field) {
    std::string kind = field.text();
    const std::size_t slash = kind.find('/');
    if (slash == std::string::npos || kind.size() - slash - 1 > longest_class
        || !matches(kind.substr(0, slash), "[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?")
        || !matches(kind.substr(slash + 1), "[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?"))
        field.fail("is \"" + kind + "\", which is no kind of device", "write it as vendor.com/class");
    return kind;
}

Annotations parse_annotations(const CdiField &field) {
    Annotations annotations;
    if (const auto found = field.find("annotations"))
        for (const auto &[key, value] : found->members())
            annotations[key] = value.text();
    return annotations;
}

CdiEdits edits_of(const CdiField &field, const std::string &file) {
    const auto found = field.find("containerEdits");
    return found ? parse_cdi_edits(*found, file) : CdiEdits{};
}

CdiDevice parse_device(const CdiField &field, const std::string &file) {
    field.allow_only({"name", "annotations", "containerEdits"});
    CdiDevice device;
    const CdiField name = field.need("name");
    device.name = name.text();
    // Colons are in names that vendors give to parts of a device.
    if (!matches(device.name, "[A-Za-z0-9]([A-Za-z0-9_.:-]*[A-Za-z0-9])?"))
        name.fail("is \"" + device.name + "\", which is no name of a device",
                  "use letters, digits, and between them \"-\", \"_\", \".\" and \":\"");
    device.annotations = parse_annotations(field);
    device.edits = edits_of(field, file);
    return device;
}

} // namespace

CdiSpec parse_cdi_spec(const std::string &text, const std::string &file) {
    const bool yaml = file.ends_with(".yaml") || file.ends_with(".yml");
    const base::Json json = yaml ? json_of_yaml(text, file) : base::parse_json(text, file);
    const CdiField top(json, "", file);
    top.allow_only({"cdiVersion", "kind", "annotations", "devices", "containerEdits"});
    check_version(top.need("cdiVersion"));
    CdiSpec spec;
    spec.file = file;
    spec.kind = parse_kind(top.need("kind"));
    spec.annotations = parse_annotations(top);
    std::set<std::string> names;
    for (const CdiField &device : top.need("devices").items()) {
        spec.devices.push_back(parse_device(device, file));
        if (!names.insert(spec.devices.back().name).second)
            device.fail("has the name of another device: " + spec.devices.back().name, "rename one of them");
    }
    spec.edits = edits_of(top, file);
    return spec;
}

} // namespace container

#include "engine/container/cdi_registry.hpp"

#include "base/file.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace container {

namespace fs = std::filesystem;

namespace {

std::string joined(const std::vector<std::string> &texts) {
    std::string result;
    for (const std::string &text : texts)
        result += (result.empty() ? "" : ", ") + text;
    return result;
}

void set_variable(std::vector<std::string> &env, const std::string &variable) {
    const std::string_view name = std::string_view(variable).substr(0, variable.find('='));
    std::erase_if(env, [&](const std::string &each) { return each.substr(0, each.find('=')) == name; });
    env.push_back(variable);
}

void add(Spec &spec, const CdiEdits &edits) {
    if (!edits.unsupported.empty())
        throw base::Error(edits.unsupported + " asks for what compose can't do yet",
                          "generate the file without it; nvidia-ctk cdi generate leaves hooks out with "
                          "--disable-hook=all");
    for (const std::string &variable : edits.env)
        set_variable(spec.process.env, variable);
    for (const Device &device : edits.devices) {
        std::erase_if(spec.devices, [&](const Device &each) { return each.target == device.target; });
        spec.devices.push_back(device);
    }
    for (const Mount &mount : edits.mounts) {
        std::erase_if(spec.mounts, [&](const Mount &each) { return each.target == mount.target; });
        spec.mounts.push_back(mount);
    }
    for (const std::uint32_t group : edits.groups)
        spec.process.group_add.push_back(std::to_string(group));
}

bool is_specification(const fs::path &path) {
    const std::string extension = path.extension();
    return extension == ".json" || extension == ".yaml" || extension == ".yml";
}

} // namespace

std::vector<fs::path> cdi_directories() {
    const char *given = std::getenv("COMPOSE_CDI_DIRS");
    if (given == nullptr)
        return {"/etc/cdi", "/var/run/cdi", "/run/cdi"};
    std::vector<fs::path> directories;
    const std::string text(given);
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(':', at), text.size());
        if (end > at)
            directories.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    return directories;
}

CdiRegistry::CdiRegistry(const std::vector<fs::path> &directories) : directories_(directories) {
    for (std::size_t index = 0; index < directories.size(); ++index)
        try {
            for (const std::string &name : base::list_dir(directories[index]))
                if (is_specification(name))
                    read_file(directories[index] / name, index);
        } catch (const base::Error &error) {
            problems_.emplace_back(error.what());
        }
}

void CdiRegistry::read_file(const fs::path &path, std::size_t directory) {
    std::error_code gone;
    if (fs::is_directory(path, gone))
        return;
    try {
        if (!fs::is_regular_file(path, gone))
            throw base::Error(path.string() + ": is not a file");
        specs_.push_back(parse_cdi_spec(base::read_file(path), path.string()));
    } catch (const base::Error &error) {
        problems_.emplace_back(error.what());
        return;
    }
    const CdiSpec &spec = specs_.back();
    for (std::size_t index = 0; index < spec.devices.size(); ++index) {
        Found found{directory, specs_.size() - 1, index, {}};
        const auto [at, is_new] = devices_.try_emplace(spec.kind + "=" + spec.devices[index].name, found);
        if (!is_new && at->second.directory == directory)
            at->second.also_in = spec.file;
        else
            at->second = found;
    }
}

std::vector<std::string> CdiRegistry::names() const {
    std::vector<std::string> result;
    for (const auto &[name, found] : devices_)
        result.push_back(name);
    return result;
}

std::map<std::string, std::string> CdiRegistry::annotations(const std::string &name) const {
    const Found &found = devices_.at(name);
    const CdiSpec &spec = specs_[found.spec];
    auto result = spec.devices[found.device].annotations;
    result.insert(spec.annotations.begin(), spec.annotations.end());
    return result;
}

base::Error CdiRegistry::missing(const std::string &name) const {
    std::vector<std::string> directories;
    for (const fs::path &directory : directories_)
        directories.push_back(directory.string());
    std::string hint = "searched " + joined(directories) + "; ";
    hint += devices_.empty() ? "there are no devices" : "there are " + joined(names());
    for (const std::string &problem : problems_)
        hint += "; not read: " + problem;
    return base::Error("there is no CDI device " + name, hint);
}

const CdiRegistry::Found &CdiRegistry::find(const std::string &name) const {
    const auto found = devices_.find(name);
    if (found == devices_.end())
        throw missing(name);
    if (!found->second.also_in.empty())
        throw base::Error("the CDI device " + name + " is defined twice, in "
                              + specs_[found->second.spec].file + " and " + found->second.also_in,
                          "remove one of them");
    return found->second;
}

void CdiRegistry::add_to(Spec &spec, const std::vector<std::string> &names) const {
    std::set<std::string> added;
    std::set<std::size_t> files;
    for (const std::string &name : names) {
        const Found &found = find(name);
        if (!added.insert(name).second)
            continue;
        const CdiSpec &file = specs_[found.spec];
        if (files.insert(found.spec).second)
            add(spec, file.edits);
        add(spec, file.devices[found.device].edits);
    }
}

Spec with_cdi_devices(Spec spec) {
    if (!spec.cdi_devices.empty())
        CdiRegistry(cdi_directories()).add_to(spec, spec.cdi_devices);
    return spec;
}

} // namespace container

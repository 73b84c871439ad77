// What `config --FLAG` prints.
#include "base/suggest.hpp"
#include "compose/render.hpp"

#include <algorithm>
#include <set>

namespace compose {

namespace {

void add_in_order(const Project &project, const std::string &name, std::set<std::string> &seen,
                  std::vector<std::string> &order) {
    const auto service = project.services.find(name);
    if (service == project.services.end() || !seen.insert(name).second)
        return;
    for (const auto &[dependency, _] : service->second.depends_on)
        add_in_order(project, dependency, seen, order);
    order.push_back(name);
}

template <typename Map>
std::vector<std::string> keys(const Map &map) {
    std::vector<std::string> names;
    for (const auto &[name, _] : map)
        names.push_back(name);
    return names;
}

std::vector<std::string> split(const std::string &text) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t comma = std::min(text.find(',', at), text.size());
        parts.push_back(text.substr(at, comma - at));
        at = comma + 1;
    }
    return parts;
}

} // namespace

std::vector<std::string> list_services(const Project &project) {
    std::vector<std::string> order;
    std::set<std::string> seen;
    for (const auto &[name, _] : project.services)
        add_in_order(project, name, seen, order);
    return order;
}

std::vector<std::string> list_elements(const Node &canonical, const std::string &element) {
    std::vector<std::string> names;
    if (const Node *table = canonical.find(element))
        for (const Member &member : table->members)
            names.push_back(member.key);
    return names;
}

std::vector<std::string> list_profiles(const Project &project) {
    std::set<std::string> profiles;
    for (const auto *services : {&project.services, &project.disabled_services})
        for (const auto &[_, service] : *services)
            profiles.insert(service.profiles.begin(), service.profiles.end());
    return {profiles.begin(), profiles.end()};
}

std::vector<std::string> list_images(const Project &project, const std::vector<std::string> &services) {
    std::vector<std::string> images;
    for (const std::string &name : services)
        if (const auto service = project.services.find(name); service != project.services.end())
            images.push_back(service->second.image);
    return images;
}

std::vector<std::string> list_hashes(const Project &project, const std::string &names) {
    std::vector<std::string> wanted = names == "*" ? keys(project.services) : split(names);
    std::sort(wanted.begin(), wanted.end());
    std::vector<std::string> lines;
    for (const std::string &name : wanted) {
        const auto service = project.services.find(name);
        if (service == project.services.end())
            throw base::Error("no such service: " + name, base::did_you_mean(name, keys(project.services)));
        lines.push_back(name + " " + service->second.config_hash);
    }
    return lines;
}

std::vector<std::string> list_environment(const Project &project) {
    std::vector<std::string> lines;
    for (const auto &[key, value] : project.environment)
        lines.push_back(key + "=" + value);
    return lines;
}

} // namespace compose

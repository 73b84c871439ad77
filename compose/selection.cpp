#include "compose/selection.hpp"

#include <algorithm>
#include <string_view>

namespace compose {

namespace {

std::set<std::string> active_profiles(const Node &model, const NormaliseContext &context) {
    std::set<std::string> profiles(context.options.profiles.begin(), context.options.profiles.end());
    if (const auto found = context.environment.find("COMPOSE_PROFILES"); found != context.environment.end()) {
        for (std::string_view rest = found->second; !rest.empty();) {
            const auto comma = rest.find(',');
            std::string_view one = rest.substr(0, comma);
            rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
            while (!one.empty() && one.front() == ' ')
                one.remove_prefix(1);
            while (!one.empty() && one.back() == ' ')
                one.remove_suffix(1);
            if (!one.empty())
                profiles.emplace(one);
        }
    }
    if (const Node *services = model.find("services"))
        for (const std::string &target : context.options.services)
            if (const Node *service = services->find(target))
                for (const std::string &profile : names_in(service->find("profiles")))
                    profiles.insert(profile);
    return profiles;
}

void add_sources(std::set<std::string> &names, const Node *grants) {
    if (grants == nullptr)
        return;
    for (const Node &grant : grants->items)
        if (const Node *source = grant.find("source"))
            names.insert(source->text);
}

void add_uses(Selection &selection, const Node &service) {
    for (const std::string &name : names_in(service.find("networks")))
        selection.networks.insert(name);
    for (const std::string &name : names_in(service.find("models")))
        selection.models.insert(name);
    add_sources(selection.secrets, service.find("secrets"));
    add_sources(selection.configs, service.find("configs"));
    if (const Node *build = service.find("build"))
        add_sources(selection.secrets, build->find("secrets"));
    if (const Node *volumes = service.find("volumes"))
        for (const Node &mount : volumes->items) {
            const Node *type = mount.find("type");
            const Node *source = mount.find("source");
            if (type != nullptr && source != nullptr && type->text == "volume")
                selection.volumes.insert(source->text);
        }
}

void reach(const Node &services, const std::string &name, std::set<std::string> &reached) {
    const Node *service = services.find(name);
    if (service == nullptr || !reached.insert(name).second)
        return;
    for (const std::string &dependency : names_in(service->find("depends_on")))
        reach(services, dependency, reached);
}

} // namespace

std::set<std::string> with_dependencies(const Node &services, const std::vector<std::string> &names) {
    std::set<std::string> reached;
    for (const std::string &name : names)
        reach(services, name, reached);
    return reached;
}

bool Selection::enables(const Node &service) const {
    const std::vector<std::string> own = names_in(service.find("profiles"));
    return own.empty() || profiles.contains("*")
           || std::any_of(own.begin(), own.end(),
                          [&](const std::string &name) { return name.empty() || profiles.contains(name); });
}

Selection select(const Node &model, const NormaliseContext &context) {
    Selection selection;
    selection.profiles = active_profiles(model, context);
    const Node *services = model.find("services");
    if (services == nullptr)
        return selection;
    for (const Member &member : services->members) {
        const Node &service = member.value;
        if (!selection.enables(service))
            continue;
        selection.services.insert(member.key);
        add_uses(selection, service);
    }
    return selection;
}

std::vector<std::string> names_in(const Node *node) {
    std::vector<std::string> names;
    if (node == nullptr)
        return names;
    for (const Node &item : node->items)
        names.push_back(item.text);
    for (const Member &member : node->members)
        names.push_back(member.key);
    return names;
}

} // namespace compose

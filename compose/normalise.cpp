#include "compose/normalise_steps.hpp"

#include <set>
#include <string>
#include <string_view>

namespace compose {

namespace {

void put_name_first(Node &model, const std::string &name) {
    Location at = model.key_location("name");
    if (const Node *written = model.find("name"))
        at = written->location;
    model.erase("name");
    Member member{"name", at, {Node::string(name, at)}};
    model.members.insert(model.members.begin(), std::move(member));
}

// A service and what it depends on: only their env files are read.
void reach(const Node &services, const std::string &name, std::set<std::string> &reached) {
    const Node *service = services.find(name);
    if (service == nullptr || !reached.insert(name).second)
        return;
    for (const std::string &dependency : names_in(service->find("depends_on")))
        reach(services, dependency, reached);
    constexpr std::string_view prefix = "service:";
    for (const char *key : {"network_mode", "pid", "ipc"})
        if (const Node *mode = service->find(key); mode != nullptr && mode->text.starts_with(prefix))
            reach(services, mode->text.substr(prefix.size()), reached);
}

} // namespace

void normalise(Node &merged, const NormaliseContext &context, Diagnostics &diagnostics) {
    if (!merged.is_mapping())
        return;
    put_name_first(merged, context.project_name);
    if (merged.find("services") == nullptr || merged.find("services")->is_null())
        merged.set("services", Node::mapping(merged.location));
    if (!context.options.no_path_resolution)
        resolve_paths(merged, context);

    const Selection selection = select(merged, context);
    std::set<std::string> targeted;
    for (const std::string &name : context.options.services)
        reach(*merged.find("services"), name, targeted);
    for (Member &member : merged.find("services")->members) {
        Node &service = member.value.front();
        if (!service.is_mapping())
            continue;
        fill_defaults(service);
        const bool wanted = targeted.empty() || targeted.contains(member.key);
        if (!context.options.no_env_resolution && wanted && selection.enables(service))
            resolve_environment(service, context, diagnostics);
        if (!context.options.no_normalize)
            complete_service(service);
    }
    if (!context.options.no_normalize)
        name_resources(merged, context.project_name);
}

} // namespace compose

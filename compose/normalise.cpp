#include "compose/normalise_steps.hpp"

#include <set>
#include <string>

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

// A file that a service names which is not asked for may be missing.
void resolve_environments(Node &services, const Selection &selection, const NormaliseContext &context,
                          Diagnostics &diagnostics) {
    const std::set<std::string> targeted = with_dependencies(services, context.options.services);
    for (Member &member : services.members) {
        Node &service = member.value;
        const bool wanted = targeted.empty() || targeted.contains(member.key);
        if (service.is_mapping() && wanted && selection.enables(service))
            resolve_environment(service, context, diagnostics);
    }
}

} // namespace

void normalise(Node &merged, const NormaliseContext &context, Diagnostics &diagnostics) {
    if (!merged.is_mapping())
        return;
    put_name_first(merged, context.project_name);
    if (merged.find("services") == nullptr || merged.find("services")->is_null())
        merged.set("services", Node::mapping(merged.location));
    Node &services = *merged.find("services");
    for (Member &member : services.members) {
        Node &service = member.value;
        if (!service.is_mapping())
            continue;
        fill_defaults(service, "services." + member.key, diagnostics);
        if (!context.options.no_normalize)
            complete_service(service);
    }
    // After the defaults: one of them is a path.
    if (!context.options.no_path_resolution)
        resolve_paths(merged, {context.project_directory, context.environment});
    if (!context.options.no_env_resolution && !context.options.no_interpolate)
        resolve_environments(services, select(merged, context), context, diagnostics);
    if (!context.options.no_normalize)
        name_resources(merged, context.project_name);
}

} // namespace compose

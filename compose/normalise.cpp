#include "compose/normalise_steps.hpp"

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
    for (Member &member : merged.find("services")->members) {
        Node &service = member.value.front();
        if (!service.is_mapping())
            continue;
        fill_defaults(service);
        if (!context.options.no_env_resolution && selection.enables(service))
            resolve_environment(service, context, diagnostics);
        if (!context.options.no_normalize)
            complete_service(service);
    }
    if (!context.options.no_normalize)
        name_resources(merged, context.project_name);
}

} // namespace compose

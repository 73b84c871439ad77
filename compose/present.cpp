// present: what `config` prints, in Docker Compose's order.
#include "compose/arrange.hpp"
#include "compose/selection.hpp"

namespace compose {

namespace {

void keep_only(Node &model, const char *element, const std::set<std::string> &names) {
    if (Node *table = model.find(element))
        std::erase_if(table->members, [&](const Member &member) { return !names.contains(member.key); });
}

// Services that are named alone, as Docker Compose shows them: with what they depend on, and all other
// resources.
void keep_targets(Node &model, const std::vector<std::string> &targets) {
    Node &services = *model.find("services");
    keep_only(model, "services", with_dependencies(services, targets));
    for (Member &service : services.members)
        if (Node *dependencies = service.value.find("depends_on"))
            std::erase_if(dependencies->members,
                          [&](const Member &each) { return services.find(each.key) == nullptr; });
}

} // namespace

void present(Node &normalised, const NormaliseContext &context) {
    if (!normalised.is_mapping())
        return;
    if (context.options.no_interpolate) {
        // Nobody knows yet what is enabled or empty.
        normalised.erase("version");
        arrange(normalised, Rule{});
        return;
    }
    const Selection selection = select(normalised, context);
    keep_only(normalised, "services", selection.services);
    if (!context.options.services.empty())
        keep_targets(normalised, context.options.services);
    if (!context.options.all_resources) {
        keep_only(normalised, "networks", selection.networks);
        keep_only(normalised, "volumes", selection.volumes);
        keep_only(normalised, "secrets", selection.secrets);
        keep_only(normalised, "configs", selection.configs);
        keep_only(normalised, "models", selection.models);
    }
    for (const char *element : {"networks", "volumes"})
        if (Node *table = normalised.find(element))
            for (Member &member : table->members)
                if (member.value.is_null())
                    member.value = Node::mapping(member.key_location);
    normalised.erase("version");
    arrange(normalised, rules());
}

} // namespace compose

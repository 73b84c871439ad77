// present: what `config` prints, in Docker Compose's order.
#include "compose/arrange.hpp"
#include "compose/selection.hpp"

namespace compose {

namespace {

void keep_only(Node &model, const char *element, const std::set<std::string> &names) {
    if (Node *table = model.find(element))
        std::erase_if(table->members, [&](const Member &member) { return !names.contains(member.key); });
}

} // namespace

void present(Node &normalised, const NormaliseContext &context) {
    if (!normalised.is_mapping())
        return;
    const Selection selection = select(normalised, context);
    keep_only(normalised, "services", selection.services);
    if (!context.options.all_resources) {
        keep_only(normalised, "networks", selection.networks);
        keep_only(normalised, "volumes", selection.volumes);
        keep_only(normalised, "secrets", selection.secrets);
        keep_only(normalised, "configs", selection.configs);
    }
    normalised.erase("version");
    arrange(normalised, rules());
}

} // namespace compose

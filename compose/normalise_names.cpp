#include "compose/normalise_steps.hpp"

#include <algorithm>
#include <array>

namespace compose {

namespace {

bool uses_default_network(const Node &model) {
    const auto &services = model.find("services")->members;
    return std::any_of(services.begin(), services.end(), [](const Member &service) {
        const Node *networks = service.value.find("networks");
        return networks != nullptr && networks->find("default") != nullptr;
    });
}

void add_default_network(Node &model) {
    if (model.find("networks") == nullptr || model.find("networks")->is_null()) {
        if (!uses_default_network(model))
            return;
        model.set("networks", Node::mapping());
    }
    Node &networks = *model.find("networks");
    if (networks.find("default") == nullptr && uses_default_network(model))
        networks.set("default", Node::mapping());
}

} // namespace

void name_resources(Node &model, const std::string &project_name) {
    add_default_network(model);

    struct Element {
        const char *key;
        bool may_be_empty;
    };

    static constexpr std::array elements{Element{"networks", true}, Element{"volumes", true},
                                         Element{"secrets", false}, Element{"configs", false}};
    for (const Element &element : elements) {
        Node *table = model.find(element.key);
        if (table == nullptr)
            continue;
        for (Member &member : table->members) {
            Node &resource = member.value;
            if (resource.is_null() && element.may_be_empty)
                resource = Node::mapping(member.key_location);
            if (!resource.is_mapping() || resource.find("name") != nullptr)
                continue;
            const Node *external = resource.find("external");
            const bool outside = external != nullptr && external->text == "true";
            resource.set("name", Node::string(outside ? member.key : project_name + "_" + member.key,
                                              member.key_location));
        }
    }
}

} // namespace compose

#include "compose/validate_rules.hpp"
#include "compose/values.hpp"

namespace compose {

void validate(const Node &normalised, const NormaliseContext &context, Diagnostics &diagnostics) {
    const Selection selection = select(normalised, context);
    const Node *services = normalised.find("services");
    if (services == nullptr)
        return;
    Declarations declared(normalised);
    for (const Member &member : services->members) {
        if (!member.value.is_mapping())
            continue;
        const ServiceView service{member.key, member.value, member.key_location};
        check_profiles(service, diagnostics);
        if (!selection.services.contains(member.key))
            continue;
        check_build(service, *services, diagnostics);
        check_combinations(service, diagnostics);
        check_formats(service, diagnostics);
        check_limits(service, diagnostics);
        check_kernel_names(service, diagnostics);
        check_addresses(service, normalised, diagnostics);
        check_health(service, diagnostics);
        check_mounts(service, diagnostics);
        check_ports(service, diagnostics);
        check_references(service, declared, selection, diagnostics);
    }
    check_cycles(*services, selection, diagnostics);
    check_conflicts(*services, selection, diagnostics);
    check_resources(normalised, selection, diagnostics);
}

std::string text_of(const Node *object, std::string_view key) {
    const Node *value = object == nullptr ? nullptr : object->find(key);
    return value != nullptr && value->is_scalar() ? value->text : std::string{};
}

std::int64_t replicas_of(const Node &service) {
    if (const Node *scale = service.find("scale"))
        return read_integer(*scale).value_or(1);
    if (const Node *deploy = service.find("deploy"))
        if (const Node *replicas = deploy->find("replicas"))
            return read_integer(*replicas).value_or(1);
    return 1;
}

} // namespace compose

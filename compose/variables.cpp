#include "compose/variables.hpp"

#include "base/json.hpp"
#include "compose/yaml_scalar.hpp"

namespace compose {

namespace {

bool is_bare(const VariableUse &use) {
    return !use.required && use.default_value.empty() && use.presence_value.empty();
}

void collect(const Node &node, Variables &variables) {
    if (node.kind == Kind::string)
        for (VariableUse &use : variables_in(node.text)) {
            const std::string name = use.name;
            const auto [known, fresh] = variables.try_emplace(name, use);
            if (!fresh && !is_bare(use))
                known->second = std::move(use);
        }
    for (const Node &item : node.items)
        collect(item, variables);
    for (const Member &member : node.members)
        collect(member.value, variables);
}

std::string yaml_text(const std::string &text) {
    const ScalarStyle style = scalar_style(text, false);
    return write_scalar(text, style == ScalarStyle::literal ? ScalarStyle::double_quoted : style, 0);
}

} // namespace

Variables variables_of(const Node &model) {
    Variables variables;
    collect(model, variables);
    return variables;
}

std::string render_variables_yaml(const Variables &variables) {
    std::string text;
    for (const auto &[name, use] : variables) {
        text += write_scalar(name, scalar_style(name, true), 0) + ":\n    name: " + yaml_text(name)
                + "\n    defaultvalue: " + yaml_text(use.default_value)
                + "\n    presencevalue: " + yaml_text(use.presence_value)
                + "\n    required: " + (use.required ? "true" : "false") + "\n";
    }
    return variables.empty() ? "{}\n" : text;
}

std::string render_variables_json(const Variables &variables) {
    base::Json all = base::Json::object();
    for (const auto &[name, use] : variables)
        all[name] = {{"Name", name},
                     {"DefaultValue", use.default_value},
                     {"PresenceValue", use.presence_value},
                     {"Required", use.required}};
    // Docker Compose's layout, with the empty line at its end.
    return all.dump(4) + "\n\n";
}

} // namespace compose

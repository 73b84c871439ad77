#include "verbs/config_explain.hpp"

#include "base/excerpt.hpp"
#include "compose/explain.hpp"
#include "terminal/table.hpp"
#include "terminal/terminal.hpp"

namespace cli {

namespace {

constexpr const char *no_file = "no file gives it: a default";

std::string place(const compose::Location &location, const std::string &what, bool colour) {
    if (!location.known())
        return what + "\n";
    return coloured(to_string(location) + ":", Colour::bold, colour) + " " + what + "\n" + excerpt(location);
}

std::string one_value(const compose::Explanation &value, bool colour) {
    std::string text = coloured(value.path + ":", Colour::bold, colour) + " " + value.value + "\n";
    text += place(value.location, value.location.known() ? "given here" : no_file, colour);
    for (const auto &variable : value.variables)
        text += place(variable.location,
                      "with " + variable.name + "=" + variable.value
                          + (variable.location.known() ? "" : ", from the environment"),
                      colour);
    for (const compose::Location &earlier : value.replaced)
        text += place(earlier, "instead of what stands here", colour);
    return text;
}

std::string many_values(const std::vector<compose::Explanation> &values) {
    Table table({"PATH", "VALUE", "GIVEN AT", "INSTEAD OF"});
    for (const compose::Explanation &value : values) {
        std::string replaced;
        for (const compose::Location &earlier : value.replaced)
            replaced += (replaced.empty() ? "" : ", ") + to_string(earlier);
        table.add({value.path, value.value, value.location.known() ? to_string(value.location) : "(default)",
                   replaced});
    }
    return table.text();
}

} // namespace

std::string explained(const compose::Loaded &loaded, const std::string &path, bool colour) {
    const std::vector<compose::Explanation> values = compose::explain(loaded, path);
    return values.size() == 1 ? one_value(values.front(), colour) : many_values(values);
}

} // namespace cli

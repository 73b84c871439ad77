#include "engine/build/sbom_options.hpp"

#include "base/error.hpp"
#include "engine/image/reference.hpp"

#include <sstream>

namespace build {

namespace {

[[noreturn]] void refuse(std::string_view text, const std::string &item, const std::string &what) {
    throw base::Error(what + " is \"" + std::string(text) + "\", in which \"" + item + "\" means nothing",
                      "give true, false, or generator=IMAGE, with NAME=VALUE for what it is to be told");
}

} // namespace

std::optional<SbomOptions> parse_sbom(std::string_view text, const std::string &what) {
    if (text.empty() || text == "false" || text == "0")
        return std::nullopt;
    SbomOptions options;
    if (text == "true" || text == "1")
        return options;
    bool wanted = true;
    std::istringstream items{std::string(text)};
    for (std::string item; std::getline(items, item, ',');) {
        const std::size_t equals = item.find('=');
        if (equals == std::string::npos || equals == 0)
            refuse(text, item, what);
        const std::string key = item.substr(0, equals);
        const std::string value = item.substr(equals + 1);
        if (key == "disabled" && value != "true" && value != "false")
            refuse(text, item, what);
        if (key == "generator")
            options.generator = image::Reference::parse(value).familiar();
        else if (key == "disabled")
            wanted = value == "false";
        else if (key != "type")
            options.parameters[key] = value;
    }
    return wanted ? std::optional(options) : std::nullopt;
}

} // namespace build

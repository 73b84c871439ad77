#include "unit/build/parsing.hpp"

namespace test {

Parsed::Parsed(std::string text)
    : file(build::parse_dockerfile(
        std::make_shared<base::Source>(base::Source{"Dockerfile", std::move(text)}), diagnostics)) {}

std::vector<std::string> Parsed::errors() const {
    return shown(diagnostics, base::Severity::error);
}

std::vector<std::string> Parsed::warnings() const {
    return shown(diagnostics, base::Severity::warning);
}

std::vector<std::string> texts(const std::vector<build::Word> &words) {
    std::vector<std::string> result;
    for (const build::Word &word : words)
        result.push_back(word.text);
    return result;
}

std::string place(const base::Location &location) {
    return std::to_string(location.line) + ":" + std::to_string(location.column);
}

std::vector<std::string> shown(const base::Diagnostics &diagnostics, base::Severity severity) {
    std::vector<std::string> result;
    for (const base::Diagnostic &each : diagnostics.sorted())
        if (each.severity == severity)
            result.push_back(place(each.location) + " " + each.message);
    return result;
}

} // namespace test

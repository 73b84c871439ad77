#include "unit/compose/loading.hpp"

#include "unit/compose/support.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace compose::test {

LoadOptions fixed_options() {
    LoadOptions options;
    options.project_name = "demo";
    options.project_directory = "/srv/app";
    options.environment = {{"HOME", "/root"}, {"USER_NAME", "bob"}, {"TOKEN", "tok"}};
    return options;
}

Loaded load_text(const std::string &text, LoadOptions options) {
    const TemporaryDirectory directory;
    options.files = {directory.write("compose.yaml", text).string()};
    options.working_dir = directory.path();
    return load(options);
}

std::string problems(const std::string &text, LoadOptions options) {
    std::vector<Diagnostic> found;
    try {
        found = load_text(text, std::move(options)).warnings.sorted();
    } catch (const LoadError &error) {
        found = error.diagnostics();
    }
    std::string lines;
    for (const Diagnostic &each : found) {
        lines += lines.empty() ? "" : "\n";
        lines += each.severity == Severity::warning ? "warning: " : "";
        lines += std::to_string(each.location.line) + ": " + each.message;
        lines += each.hint.empty() ? "" : " (" + each.hint + ")";
    }
    return lines;
}

std::string file_text(const std::filesystem::path &path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

bool matches_golden(const std::filesystem::path &path, const std::string &text) {
    if (std::getenv("ACCEPT") != nullptr)
        std::ofstream(path, std::ios::binary) << text;
    return file_text(path) == text;
}

} // namespace compose::test

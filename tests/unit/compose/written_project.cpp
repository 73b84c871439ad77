#include "unit/compose/written_project.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace compose::test {

WrittenProject::WrittenProject(const std::string &name, const std::string &value) {
    options.working_dir = root_.path();
    options.environment = {{"HOME", "/home/user"}, {name, value}};
    options.no_normalize = true;
}

Loaded WrittenProject::loaded() const {
    return load(options);
}

std::string WrittenProject::at(const std::string &path) const {
    const Loaded result = loaded();
    CHECK(result.warnings.all().empty());
    const Node *node = &result.canonical;
    for (std::size_t begin = 0; node != nullptr && begin <= path.size();) {
        const std::size_t end = std::min(path.find('.', begin), path.size());
        node = node->find(path.substr(begin, end - begin));
        begin = end + 1;
    }
    if (node == nullptr)
        return "none";
    std::string text = flow(*node);
    const std::string root = root_.path().string();
    for (std::size_t found; (found = text.find(root)) != std::string::npos;)
        text.replace(found, root.size(), "ROOT");
    return text;
}

std::vector<std::string> WrittenProject::warnings() const {
    std::vector<std::string> lines;
    for (const Diagnostic &each : loaded().warnings.sorted())
        lines.push_back(to_string(each.location) + ": " + each.message);
    return lines;
}

} // namespace compose::test

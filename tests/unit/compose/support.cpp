#include "unit/compose/support.hpp"

#include "base/digest.hpp"
#include "base/file.hpp"
#include "compose/parse.hpp"
#include "compose/scalar.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

namespace compose::test {

std::shared_ptr<const Source> source(std::string text, std::string name) {
    return std::make_shared<const Source>(Source{std::move(name), std::move(text)});
}

Node parse(const std::string &text, const std::string &name) {
    Diagnostics diagnostics;
    std::vector<Node> documents = parse_yaml(source(text, name), diagnostics);
    INFO(summary(diagnostics));
    REQUIRE(diagnostics.all().empty());
    REQUIRE(documents.size() == 1);
    return std::move(documents.front());
}

std::string flow(const Node &node) {
    std::string text = node.tag == MergeTag::reset     ? "!reset "
                       : node.tag == MergeTag::replace ? "!override "
                                                       : "";
    std::string separator;
    switch (node.kind) {
    case Kind::null:
        return text + "null";
    case Kind::sequence:
        text += '[';
        for (const Node &item : node.items) {
            text += separator + flow(item);
            separator = ", ";
        }
        return text + ']';
    case Kind::mapping:
        text += '{';
        for (const Member &member : node.members) {
            text += separator + member.key + ": " + flow(member.value);
            separator = ", ";
        }
        return text + '}';
    case Kind::string:
        return text + (resolve_plain_scalar(node.text) == Kind::string ? node.text : '"' + node.text + '"');
    default:
        return text + node.text;
    }
}

std::string summary(const Diagnostics &diagnostics) {
    std::string text;
    for (const Diagnostic &each : diagnostics.sorted()) {
        text += text.empty() ? "" : "\n";
        text += std::to_string(each.location.line) + ":" + std::to_string(each.location.column)
                + (each.severity == Severity::error ? " error: " : " warning: ") + each.message;
    }
    return text;
}

TemporaryDirectory::TemporaryDirectory() {
    const char *base = std::getenv("COMPOSE_TEST_DIR");
    path_ = std::filesystem::path(base != nullptr ? base : "/dev/shm")
            / ("compose-language-" + base::random_hex(12));
    std::filesystem::create_directories(path_);
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TemporaryDirectory::write(const std::string &name, const std::string &text) const {
    const std::filesystem::path path = path_ / name;
    std::filesystem::create_directories(path.parent_path());
    base::write_file_atomic(path, text);
    return path;
}

} // namespace compose::test

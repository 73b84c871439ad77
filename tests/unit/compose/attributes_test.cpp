// attributes/NAME.yaml is loaded and printed; NAME.expected is what Docker Compose 2.26 prints for it.
#include "compose/attributes.hpp"
#include "compose/render.hpp"
#include "unit/compose/loading.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace compose;

namespace {

std::vector<std::filesystem::path> cases() {
    std::vector<std::filesystem::path> files;
    for (const auto &entry : std::filesystem::directory_iterator(COMPOSE_TEST_DATA "/attributes"))
        if (entry.path().extension() == ".yaml")
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace

TEST_CASE("each attribute is printed as Docker Compose prints it") {
    const auto files = cases();
    REQUIRE(files.size() > 50);
    for (const auto &file : files) {
        INFO(file.filename().string());
        LoadOptions options = test::fixed_options();
        options.files = {file.string()};
        options.working_dir = file.parent_path();
        options.profiles = {"*"};
        const std::string yaml = render_yaml(load(options).canonical);
        auto expected = file;
        const bool same = test::matches_golden(expected.replace_extension(".expected"), yaml);
        CHECK(same);
        if (!same)
            CHECK(yaml == test::file_text(expected));
    }
}

TEST_CASE("what is printed reads back as the same model") {
    for (const auto &file : cases()) {
        INFO(file.filename().string());
        LoadOptions options = test::fixed_options();
        options.files = {file.string()};
        options.working_dir = file.parent_path();
        options.profiles = {"*"};
        const std::string yaml = render_yaml(load(options).canonical);
        LoadOptions again = test::fixed_options();
        again.profiles = {"*"};
        CHECK(render_yaml(test::load_text(yaml, again).canonical) == yaml);
    }
}

TEST_CASE("a row of the table of attributes is there once and has its parent") {
    std::set<std::string_view> paths;
    for (const Attribute &attribute : attributes())
        CHECK(paths.insert(attribute.path).second);
    for (const std::string_view path : paths) {
        INFO(path);
        const auto dot = path.rfind('.');
        CHECK((dot == std::string_view::npos || paths.contains(path.substr(0, dot))));
    }
}

TEST_CASE("a refused attribute says what to do instead") {
    for (const Attribute &attribute : attributes())
        if (attribute.status == Status::refused) {
            INFO(attribute.path);
            CHECK_FALSE(attribute.note.empty());
        }
}

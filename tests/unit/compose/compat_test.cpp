// docs/compat.md says of every attribute whether it works; it is the table of attributes in other words.
#include "compose/attributes.hpp"
#include "unit/compose/loading.hpp"

#include <catch2/catch.hpp>

using namespace compose;

namespace {

constexpr const char *introduction = R"(# Compatibility

Every attribute of the Compose Specification and what happens to it here. `*` stands for a name of your own, `[]` for
each entry of a list. Attributes that start with `x-` are allowed everywhere and do nothing.

- **works**: as specified.
- **ignored**: accepted with a warning; it has no effect on one machine, as with Docker Compose.
- **refused**: an error at its line, with what to do instead; `config` shows it, with a warning.

A test compares this file with the table the program itself uses; `ACCEPT=1 unit_language` writes it.

)";

// What is below a refused attribute is refused with it.
Status status_of(const Attribute &attribute) {
    for (const Attribute &other : attributes()) {
        const bool above = attribute.path.size() > other.path.size() && attribute.path.starts_with(other.path)
                           && attribute.path[other.path.size()] == '.';
        if (above && other.status == Status::refused)
            return Status::refused;
    }
    return attribute.status;
}

std::string section_of(std::string_view path) {
    const auto dot = path.find('.');
    return std::string(path.substr(0, dot));
}

std::string document() {
    std::string text = introduction;
    std::string section;
    for (const bool top : {true, false})
        for (const Attribute &attribute : attributes()) {
            const bool is_top = attribute.path.find('.') == std::string_view::npos;
            const bool is_entry = attribute.path.ends_with("*") || attribute.path.ends_with("[]");
            if (is_top != top || is_entry)
                continue;
            const std::string wanted = top ? "Top level" : section_of(attribute.path);
            if (wanted != section) {
                text += (section.empty() ? "## " : "\n## ") + wanted
                        + "\n\n| Attribute | Status | Note |\n|---|---|---|\n";
                section = wanted;
            }
            text += "| `" + std::string(attribute.path) + "` | " + std::string(name(status_of(attribute)))
                    + " | " + std::string(attribute.note) + " |\n";
        }
    return text;
}

} // namespace

TEST_CASE("docs/compat.md and the table of attributes agree") {
    const std::filesystem::path file = COMPOSE_TEST_DATA "/../../../docs/compat.md";
    const std::string expected = document();
    const bool same = test::matches_golden(file, expected);
    CHECK(same);
    if (!same)
        CHECK(test::file_text(file) == expected);
}

#include "engine/build/directives.hpp"

#include "engine/build/text.hpp"

#include <algorithm>

namespace build {

namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_letter_or_digit(char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
}

} // namespace

bool DirectiveReader::take(std::string_view line, const base::Location &location, Directives &directives,
                           base::Diagnostics &diagnostics) {
    if (over_)
        return false;
    over_ = true;
    if (!line.starts_with('#'))
        return false;
    const std::string_view text = trim(line.substr(1));
    const auto name_end = std::find_if_not(text.begin(), text.end(), is_letter_or_digit);
    const std::string name = lower({text.begin(), name_end});
    const std::string_view rest = trim_left(text.substr(name.size()));
    if (name.empty() || !is_letter(name.front()) || !rest.starts_with('='))
        return false;
    const std::string value(trim_left(rest.substr(1)));
    if (value.empty() || (name != "syntax" && name != "escape" && name != "check"))
        return false;

    over_ = false;
    if (std::find(seen_.begin(), seen_.end(), name) != seen_.end()) {
        diagnostics.error(location, {}, "the parser directive \"" + name + "\" is given twice",
                          "keep the one that is meant");
        return true;
    }
    seen_.push_back(name);
    if (name == "syntax")
        directives.syntax = Directive{value, location};
    else if (name == "check")
        directives.check = Directive{value, location};
    else if (value == "\\" || value == "`")
        directives.escape = value.front();
    else
        diagnostics.error(location, {}, "the escape character can't be \"" + value + "\"",
                          "write `# escape=\\` or `# escape=` followed by a backtick");
    return true;
}

} // namespace build

#include "compose/syntax_error.hpp"

#include "base/line_index.hpp"

#include <yaml-cpp/exceptions.h>

#include <algorithm>
#include <string_view>

namespace compose {

namespace {

struct Wording {
    const char *reason; // yaml-cpp's
    const char *message;
    const char *hint;
};

constexpr const char *indentation_hint =
    "check the indentation: keys of one mapping begin in the same column, with spaces, not tabs";

const Wording wordings[] = {
    {YAML::ErrorMsg::TAB_IN_INDENTATION, "a tab cannot indent YAML", "use spaces"},
    {YAML::ErrorMsg::MAP_VALUE, "a \":\" is not expected here",
     "quote the value if it contains \": \", or check the indentation of this line"},
    {YAML::ErrorMsg::MAP_KEY, "a key is not expected here", indentation_hint},
    {YAML::ErrorMsg::END_OF_MAP, "this line does not continue the mapping above it", indentation_hint},
    {YAML::ErrorMsg::END_OF_SEQ, "this line does not continue the list above it",
     "check the indentation: the dashes of one list are in the same column"},
    {YAML::ErrorMsg::END_OF_MAP_FLOW, "a \"}\" is missing, or a \",\" between two entries",
     "close the bracket opened above, or quote the value if \"{\" belongs to it"},
    {YAML::ErrorMsg::END_OF_SEQ_FLOW, "a \"]\" is missing, or a \",\" between two entries",
     "close the bracket opened above, or quote the value if \"[\" belongs to it"},
    {YAML::ErrorMsg::FLOW_END, "this closing bracket has no opening one", "remove it or quote the value"},
    {YAML::ErrorMsg::EOF_IN_SCALAR, "a quote is opened but never closed", "add the closing quote"},
    {YAML::ErrorMsg::DOC_IN_SCALAR, "a quote is still open where the next document begins",
     "add the closing quote"},
    {YAML::ErrorMsg::BLOCK_ENTRY, "a list item is not expected here",
     "a list goes on lines of its own under its key, each item with \"- \""},
    {YAML::ErrorMsg::UNKNOWN_ANCHOR, "this alias has no anchor before it", "define it above with \"&NAME\""},
    {YAML::ErrorMsg::UNKNOWN_TOKEN, "a value cannot begin with this character", "quote the value"},
    {YAML::ErrorMsg::CHAR_IN_BLOCK, "text is not expected after \"|\" or \">\"",
     "begin the text on the next line, indented"},
    {YAML::ErrorMsg::INVALID_ESCAPE, "a double-quoted value has no such escape",
     "write \"\\\\\" for a backslash, or use single quotes"},
    {YAML::ErrorMsg::MULTIPLE_ANCHORS, "a value has one anchor at most", ""},
    {YAML::ErrorMsg::MULTIPLE_TAGS, "a value has one tag at most", ""},
    {YAML::ErrorMsg::ALIAS_CONTENT, "an alias has no anchor and no tag of its own",
     "put the tag at the anchor"},
    {YAML::ErrorMsg::ALIAS_NOT_FOUND, "a name must follow \"*\"", "quote the value if \"*\" belongs to it"},
    {YAML::ErrorMsg::ANCHOR_NOT_FOUND, "a name must follow \"&\"", "quote the value if \"&\" belongs to it"},
    {YAML::ErrorMsg::CHAR_IN_ALIAS, "this name of an alias contains a character it cannot have",
     "quote the value if \"*\" belongs to it"},
    {YAML::ErrorMsg::CHAR_IN_ANCHOR, "this name of an anchor contains a character it cannot have",
     "quote the value if \"&\" belongs to it"},
};

const Wording *find_wording(std::string_view reason) {
    for (const Wording &wording : wordings)
        if (reason.starts_with(wording.reason))
            return &wording;
    return nullptr;
}

// The text around the place yaml-cpp complains about, which is often one line after the mistake.
struct Surroundings {
    std::string_view line;
    std::string_view before; // the nearest earlier line with text on it
    std::uint32_t before_number = 0;
};

std::size_t indentation(std::string_view line) {
    const std::size_t text = line.find_first_not_of(" \t");
    return text == std::string_view::npos ? line.size() : text;
}

Surroundings look_around(std::string_view text, std::uint32_t number) {
    Surroundings result;
    std::size_t begin = 0;
    for (std::uint32_t line = 1; line <= number; ++line) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        result.line = text.substr(begin, end - begin);
        while (!result.line.empty() && (result.line.back() == '\r' || result.line.back() == ' '))
            result.line.remove_suffix(1);
        const std::size_t first = indentation(result.line);
        if (line < number && first < result.line.size() && result.line[first] != '#') {
            result.before = result.line;
            result.before_number = line;
        }
        if (end == text.size())
            break;
        begin = end + 1;
    }
    return result;
}

void add(Diagnostics &diagnostics, Location location, const std::string &message, const std::string &hint) {
    diagnostics.error(std::move(location), {}, message, hint);
}

// True when it knew better than "a colon is not expected here".
bool report_colon(const Surroundings &around, Location location, Diagnostics &diagnostics) {
    const std::size_t first = indentation(around.line);
    if (around.line.find(": ") + 1 < location.column || around.before.empty())
        return false; // an earlier colon of this line made the mapping
    const std::size_t before_first = indentation(around.before);
    const std::string_view above = around.before.substr(before_first);
    const std::size_t colon = above.find(':');
    const std::uint32_t number = location.line;
    location.line = around.before_number;
    if (colon == std::string_view::npos && above.front() != '-') {
        location.column = static_cast<std::uint32_t>(before_first + 1);
        add(diagnostics, location, "a \":\" is missing after this key",
            "write \"" + std::string(above) + ":\"");
        return true;
    }
    const bool glued = colon != std::string_view::npos && colon + 1 < above.size() && above[colon + 1] != ' '
                       && above.find(": ") == std::string_view::npos && above.back() != ':';
    if (glued) {
        location.column = static_cast<std::uint32_t>(before_first + colon + 1);
        add(diagnostics, location, "a space is missing after \":\"",
            "write \"" + std::string(above.substr(0, colon + 1)) + " " + std::string(above.substr(colon + 1))
                + "\"");
        return true;
    }
    if (first <= before_first)
        return false;
    location.line = number;
    location.column = static_cast<std::uint32_t>(first + 1);
    add(diagnostics, location, "this line is indented under one that already has a value",
        "align it with the line above, or remove the value there");
    return true;
}

// The bracket that is still open at the end of text, as far as counting can tell.
std::size_t open_bracket(std::string_view text) {
    int depth = 0;
    for (std::size_t at = text.size(); at > 0; --at) {
        const char letter = text[at - 1];
        if (letter == ']' || letter == '}')
            ++depth;
        else if ((letter == '[' || letter == '{') && depth-- == 0)
            return at - 1;
    }
    return std::string_view::npos;
}

} // namespace

void report_syntax_error(const std::shared_ptr<const Source> &source, const YAML::Exception &error,
                         Diagnostics &diagnostics) {
    if (error.mark.is_null())
        return add(diagnostics, {source, 0, 0}, "this is not valid YAML: " + error.msg, "");
    Location location{source, static_cast<std::uint32_t>(error.mark.line + 1),
                      static_cast<std::uint32_t>(error.mark.column + 1)};
    std::string_view reason = error.msg;
    const Surroundings around = look_around(source->text, location.line);
    const std::size_t first = indentation(around.line);
    const std::size_t tab = around.line.substr(0, first).find('\t');
    const bool begins_line = location.column == first + 1;
    if (tab != std::string_view::npos) {
        // yaml-cpp calls it an unknown token or a wrong key, depending on what is around it.
        location.column = static_cast<std::uint32_t>(tab + 1);
        reason = YAML::ErrorMsg::TAB_IN_INDENTATION;
    } else if (reason == YAML::ErrorMsg::MAP_VALUE && report_colon(around, location, diagnostics)) {
        return;
    } else if (reason == YAML::ErrorMsg::END_OF_MAP && !begins_line) {
        return add(diagnostics, location, "nothing can follow the value on this line",
                   "quote the value as a whole; inside single quotes a quote is written twice");
    } else if (reason == YAML::ErrorMsg::END_OF_MAP && first < around.line.size()
               && around.line[first] == '-') {
        reason = YAML::ErrorMsg::END_OF_SEQ;
    }
    const Wording *wording = find_wording(reason);
    if (wording == nullptr)
        return add(diagnostics, location, "this is not valid YAML: " + error.msg,
                   "check quotes, brackets and indentation around here");
    Diagnostic &shown = diagnostics.error(location, {}, wording->message, wording->hint);
    if (reason != YAML::ErrorMsg::END_OF_MAP_FLOW && reason != YAML::ErrorMsg::END_OF_SEQ_FLOW)
        return;
    const std::size_t opening =
        open_bracket(std::string_view(source->text).substr(0, static_cast<std::size_t>(error.mark.pos)));
    if (opening != std::string_view::npos)
        shown.notes.push_back({base::LineIndex(source).at(opening), "opened here"});
}

void check_closing_quote(const std::shared_ptr<const Source> &source, std::size_t position,
                         Diagnostics &diagnostics) {
    const std::string_view text = source->text;
    // An anchor or a tag may stand before the quote.
    while (position < text.size() && (text[position] == '&' || text[position] == '!')) {
        position = text.find_first_of(" \t\r\n", position);
        position = text.find_first_not_of(" \t\r\n", position);
    }
    if (position >= text.size() || (text[position] != '"' && text[position] != '\''))
        return;
    const char quote = text[position];
    for (std::size_t at = position + 1; at < text.size(); ++at) {
        if (text[at] == quote)
            return;
        if (quote == '"' && text[at] == '\\')
            ++at;
    }
    const Wording *wording = find_wording(YAML::ErrorMsg::EOF_IN_SCALAR);
    add(diagnostics, base::LineIndex(source).at(position), wording->message, wording->hint);
}

} // namespace compose

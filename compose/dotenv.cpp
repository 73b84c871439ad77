#include "compose/dotenv.hpp"

#include "base/line_index.hpp"
#include "compose/read_source.hpp"

#include <map>
#include <set>

namespace compose {

namespace {

constexpr std::string_view blanks = " \t\v\f\r";
constexpr std::string_view whitespace = " \t\v\f\r\n";

bool is_blank(char letter) {
    return blanks.find(letter) != std::string_view::npos;
}

bool in_key(char letter) {
    const bool alphanumeric = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')
                              || (letter >= '0' && letter <= '9')
                              || static_cast<unsigned char>(letter) >= 0x80;
    return alphanumeric || std::string_view("_.-[]").find(letter) != std::string_view::npos;
}

std::string_view trim_right(std::string_view text) {
    const std::size_t last = text.find_last_not_of(whitespace);
    return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// \a \b ... and \0ooo; other backslashes stay. An escaped dollar becomes "$$", which interpolation turns
// back.
std::string unescape(std::string_view text) {
    static const std::map<char, std::string_view> escapes{{'a', "\a"}, {'b', "\b"}, {'f', "\f"}, {'n', "\n"},
                                                          {'r', "\r"}, {'t', "\t"}, {'v', "\v"}, {'\\', "\\"},
                                                          {'"', "\""}, {'$', "$$"}};
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\\' || at + 1 == text.size()) {
            result += text[at];
            continue;
        }
        const char next = text[at + 1];
        const std::string_view octal = text.substr(at + 1, 4);
        if (const auto found = escapes.find(next); found != escapes.end()) {
            result += found->second;
            ++at;
        } else if (octal.size() == 4 && next == '0'
                   && octal.find_first_not_of("01234567") == std::string_view::npos) {
            result +=
                static_cast<char>(((octal[1] - '0') & 3) << 6 | (octal[2] - '0') << 3 | (octal[3] - '0'));
            at += 4;
        } else {
            result += '\\';
        }
    }
    return result;
}

class EnvFileParser {
  public:
    EnvFileParser(const std::shared_ptr<const Source> &source, const Lookup &lookup, Diagnostics &diagnostics)
        : text_(source->text), lines_(source), lookup_(lookup), diagnostics_(diagnostics) {}

    std::vector<EnvEntry> parse();

  private:
    bool skip_to_statement();
    void statement();

    void skip_line() { at_ = std::min(text_.find('\n', at_), text_.size()); }

    std::string unquoted_value();
    std::optional<std::string> quoted_value(char quote);
    std::string interpolate(const std::string &value, std::size_t begin);
    void report(const ExpansionProblem &problem, const Location &location);

    void error(std::size_t offset, std::string message, std::string hint) {
        diagnostics_.error(lines_.at(offset), {}, std::move(message), std::move(hint));
    }

    std::string_view text_;
    base::LineIndex lines_;
    const Lookup &lookup_;
    Diagnostics &diagnostics_;
    std::size_t at_ = 0;
    std::vector<EnvEntry> entries_;
    std::map<std::string, std::string> values_;
    std::set<std::string> reported_;
    std::size_t budget_ = largest_source;
};

std::vector<EnvEntry> EnvFileParser::parse() {
    while (skip_to_statement())
        statement();
    return std::move(entries_);
}

bool EnvFileParser::skip_to_statement() {
    for (;;) {
        at_ = text_.find_first_not_of(whitespace, at_);
        if (at_ == std::string_view::npos)
            return false;
        if (text_[at_] != '#')
            return true;
        skip_line();
    }
}

void EnvFileParser::statement() {
    constexpr std::string_view keyword = "export";
    if (text_.substr(at_).starts_with(keyword) && at_ + keyword.size() < text_.size()
        && is_blank(text_[at_ + keyword.size()]))
        at_ = std::min(text_.find_first_not_of(blanks, at_ + keyword.size()), text_.size());

    const std::size_t begin = at_;
    while (at_ < text_.size() && (in_key(text_[at_]) || is_blank(text_[at_])))
        ++at_;
    const std::string key(trim_right(text_.substr(begin, at_ - begin)));
    const bool alone = at_ == text_.size() || text_[at_] == '\n';
    if (!alone && text_[at_] != '=' && text_[at_] != ':') {
        const std::string line(trim_right(text_.substr(begin, text_.find('\n', begin) - begin)));
        error(at_,
              std::string("unexpected character \"") + text_[at_] + "\" in variable name \""
                  + line.substr(0, 60) + "\"",
              "a line is KEY=VALUE; names have letters, digits and _ . - [ ]");
        return skip_line();
    }
    if (key.find_first_of(blanks) != std::string::npos) {
        error(begin, "key cannot contain a space", "write KEY=VALUE; comments begin with \"#\"");
        return skip_line();
    }
    if (key.empty()) {
        error(begin, "a variable name is missing before \"=\"", "write KEY=VALUE");
        return skip_line();
    }
    EnvEntry entry{key, std::nullopt, lines_.at(begin)};
    if (alone) {
        if (const std::string *inherited = lookup_(key))
            entry.value = *inherited;
    } else {
        at_ = std::min(text_.find_first_not_of(blanks, at_ + 1), text_.size());
        const char first = at_ < text_.size() ? text_[at_] : '\n';
        entry.value = first == '"' || first == '\'' ? quoted_value(first) : unquoted_value();
        if (!entry.value)
            return;
    }
    if (entry.value)
        values_[key] = *entry.value;
    entries_.push_back(std::move(entry));
}

std::string EnvFileParser::unquoted_value() {
    const std::size_t begin = at_;
    skip_line();
    const std::string_view line = text_.substr(begin, at_ - begin);
    if (line.starts_with('#'))
        diagnostics_.warning(lines_.at(begin), {}, "this is the value, not a comment",
                             "write \"\" before it for an empty value");
    return interpolate(std::string(trim_right(line.substr(0, line.find(" #")))), begin);
}

// nullopt when the quote is never closed. A quote may be escaped in its own kind of quotes.
std::optional<std::string> EnvFileParser::quoted_value(char quote) {
    const std::size_t begin = at_++;
    std::string value;
    for (; at_ < text_.size(); ++at_) {
        const char letter = text_[at_];
        if (letter == quote) {
            ++at_;
            return quote == '"' ? interpolate(unescape(value), begin) : value;
        }
        if (letter == '\\' && at_ + 1 < text_.size()) {
            ++at_;
            if (text_[at_] != quote)
                value += '\\';
        }
        value += text_[at_];
    }
    error(begin, "unterminated quoted value", std::string("add the closing ") + quote);
    return std::nullopt;
}

std::string EnvFileParser::interpolate(const std::string &value, std::size_t begin) {
    if (value.find('$') == std::string::npos)
        return value;
    const Lookup lookup = [&](const std::string &name) -> const std::string * {
        if (const std::string *outer = lookup_(name))
            return outer;
        const auto found = values_.find(name);
        return found == values_.end() ? nullptr : &found->second;
    };
    Expansion expansion = expand(value, lookup, budget_);
    budget_ -= std::min(budget_, expansion.text.size());
    for (const ExpansionProblem &problem : expansion.problems)
        report(problem, lines_.at(begin));
    return std::move(expansion.text);
}

void EnvFileParser::report(const ExpansionProblem &problem, const Location &location) {
    const std::string literally = "in single quotes a \"$\" stays as it is";
    switch (problem.kind) {
    case ExpansionProblem::Kind::unset:
        if (reported_.insert(problem.name).second)
            diagnostics_.warning(
                location, {},
                "the \"" + problem.name + "\" variable is not set, defaulting to a blank string", literally);
        break;
    case ExpansionProblem::Kind::required:
        diagnostics_.error(location, {},
                           "required variable " + problem.name + " is missing a value: " + problem.message,
                           "set it in the environment or above");
        break;
    case ExpansionProblem::Kind::invalid:
        diagnostics_.error(location, {}, "invalid interpolation format: " + problem.message, literally);
        break;
    case ExpansionProblem::Kind::too_long:
        diagnostics_.error(location, {}, "the values of this file become too large",
                           "do its variables multiply each other?");
        break;
    }
}

} // namespace

std::vector<EnvEntry> parse_env_file(const std::shared_ptr<const Source> &source, const Lookup &lookup,
                                     Diagnostics &diagnostics) {
    return EnvFileParser(source, lookup, diagnostics).parse();
}

std::vector<EnvEntry> parse_raw_env_file(const std::shared_ptr<const Source> &source, const Lookup &lookup,
                                         Diagnostics &diagnostics) {
    std::vector<EnvEntry> entries;
    const std::string_view text = source->text;
    std::uint32_t number = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view line = text.substr(begin, end - begin);
        begin = end + 1;
        ++number;
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        const std::size_t first = line.find_first_not_of(blanks);
        if (first == std::string_view::npos || line[first] == '#')
            continue;
        line.remove_prefix(first);
        const Location location{source, number, static_cast<std::uint32_t>(first + 1)};
        const std::size_t equals = line.find('=');
        EnvEntry entry{std::string(line.substr(0, equals)), std::nullopt, location};
        if (entry.key.empty() || entry.key.find_first_of(blanks) != std::string::npos) {
            diagnostics.error(location, {},
                              entry.key.empty() ? "a variable name is missing before \"=\""
                                                : "key cannot contain a space",
                              "write KEY=VALUE");
            continue;
        }
        if (equals != std::string_view::npos)
            entry.value = line.substr(equals + 1);
        else if (const std::string *inherited = lookup(entry.key))
            entry.value = *inherited;
        entries.push_back(std::move(entry));
    }
    return entries;
}

} // namespace compose

#include "compose/expand.hpp"

#include <algorithm>
#include <optional>

namespace compose {

namespace {

using Problem = ExpansionProblem;

// No file nests defaults so deep; the limit keeps the recursion below off the end of the stack.
constexpr int deepest = 64;

bool begins_name(char letter) {
    return letter == '_' || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

std::size_t name_size(std::string_view text) {
    if (text.empty() || !begins_name(text.front()))
        return 0;
    std::size_t size = 1;
    while (size < text.size() && (begins_name(text[size]) || (text[size] >= '0' && text[size] <= '9')))
        ++size;
    return size;
}

// The "}" that closes the "{" at the beginning; braces in the default text pair up. Where they don't, the
// last
// "}" closes, so that ${V:-{} works.
std::size_t closing_brace(std::string_view text) {
    int depth = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '{')
            ++depth;
        else if (text[at] == '}' && --depth == 0)
            return at;
    }
    return text.rfind('}');
}

struct Braced {
    std::string name;
    bool or_empty = false; // with ":"
    char operation = 0;    // - ? + or 0
    std::size_t argument = 0;
};

std::optional<Braced> parse_braced(std::string_view content) {
    Braced result;
    std::size_t at = name_size(content);
    if (at == 0)
        return std::nullopt;
    result.name = content.substr(0, at);
    if (at == content.size())
        return result;
    result.or_empty = content[at] == ':';
    if (result.or_empty)
        ++at;
    if (at == content.size() || std::string_view("-?+").find(content[at]) == std::string_view::npos)
        return std::nullopt;
    result.operation = content[at];
    result.argument = at + 1;
    return result;
}

class Expander {
  public:
    Expander(const Lookup &lookup, std::size_t limit) : lookup_(lookup), limit_(limit) {}

    // base: the offset of text in the whole text.
    std::string run(std::string_view text, std::size_t base, int depth);

    std::vector<Problem> problems;

  private:
    std::size_t substitute(std::string_view text, std::size_t base, int depth, std::string &out);
    std::string evaluate(const Braced &braced, std::string_view argument, std::size_t base,
                         std::size_t argument_base, int depth);
    void append(std::string &out, std::string_view text, std::size_t base);
    std::string value_of(const std::string &name, std::size_t base);

    const Lookup &lookup_;
    std::size_t limit_;
    bool full_ = false;
};

void Expander::append(std::string &out, std::string_view text, std::size_t base) {
    if (out.size() + text.size() <= limit_) {
        out += text;
        return;
    }
    if (!full_)
        problems.push_back({Problem::Kind::too_long, base, {}, {}});
    full_ = true;
}

std::string Expander::value_of(const std::string &name, std::size_t base) {
    const std::string *value = lookup_(name);
    if (value != nullptr)
        return *value;
    problems.push_back({Problem::Kind::unset, base, name, {}});
    return {};
}

std::string Expander::evaluate(const Braced &braced, std::string_view argument, std::size_t base,
                               std::size_t argument_base, int depth) {
    if (braced.operation == 0)
        return value_of(braced.name, base);
    const std::string *value = lookup_(braced.name);
    const bool given = value != nullptr && !(braced.or_empty && value->empty());
    if (braced.operation == '+')
        return given ? run(argument, argument_base, depth + 1) : std::string();
    if (given)
        return *value;
    std::string text = run(argument, argument_base, depth + 1);
    if (braced.operation == '-')
        return text;
    problems.push_back({Problem::Kind::required, base, braced.name, std::move(text)});
    return {};
}

// text begins with "$"; returns the bytes it took.
std::size_t Expander::substitute(std::string_view text, std::size_t base, int depth, std::string &out) {
    if (text.size() > 1 && text[1] == '$') {
        append(out, "$", base);
        return 2;
    }
    if (const std::size_t size = name_size(text.substr(1)); size > 0) {
        append(out, value_of(std::string(text.substr(1, size)), base), base);
        return 1 + size;
    }
    if (text.size() < 2 || text[1] != '{') {
        append(out, "$", base);
        return 1;
    }
    const std::size_t closing = closing_brace(text.substr(1));
    if (closing == std::string_view::npos) {
        problems.push_back({Problem::Kind::invalid, base, {}, "\"${\" is not closed with \"}\""});
        return text.size();
    }
    const std::string_view content = text.substr(2, closing - 1);
    const std::optional<Braced> braced = depth < deepest ? parse_braced(content) : std::nullopt;
    if (!braced)
        problems.push_back({Problem::Kind::invalid,
                            base,
                            {},
                            depth < deepest
                                ? "\"${" + std::string(content.substr(0, 40)) + "}\" is not a variable"
                                : "variables are nested too deep"});
    else
        append(out,
               evaluate(*braced, content.substr(braced->argument), base, base + 2 + braced->argument, depth),
               base);
    return closing + 2;
}

std::string Expander::run(std::string_view text, std::size_t base, int depth) {
    std::string out;
    for (std::size_t at = 0; at < text.size() && !full_;) {
        const std::size_t dollar = std::min(text.find('$', at), text.size());
        append(out, text.substr(at, dollar - at), base + at);
        at = dollar;
        if (at < text.size())
            at += substitute(text.substr(at), base + at, depth, out);
    }
    return out;
}

void collect_uses(std::string_view text, int depth, std::vector<VariableUse> &uses) {
    for (std::size_t at = text.find('$'); at < text.size(); at = text.find('$', at)) {
        const std::string_view rest = text.substr(at + 1);
        const std::size_t name = name_size(rest);
        const std::size_t closing = rest.starts_with('{') ? closing_brace(rest) : std::string_view::npos;
        if (name > 0) {
            uses.push_back({std::string(rest.substr(0, name)), false, {}, {}});
            at += 1 + name;
        } else if (closing != std::string_view::npos) {
            const std::string_view content = rest.substr(1, closing - 1);
            at += closing + 2;
            const std::optional<Braced> braced = depth < deepest ? parse_braced(content) : std::nullopt;
            if (!braced)
                continue;
            const std::string argument(content.substr(std::min(braced->argument, content.size())));
            uses.push_back({braced->name, braced->operation == '?',
                            braced->operation == '-' ? argument : std::string(),
                            braced->operation == '+' ? argument : std::string()});
            if (braced->operation != 0)
                collect_uses(argument, depth + 1, uses);
        } else {
            at += rest.starts_with('$') ? 2 : 1;
        }
    }
}

} // namespace

std::vector<VariableUse> variables_in(std::string_view text) {
    std::vector<VariableUse> uses;
    collect_uses(text, 0, uses);
    return uses;
}

Expansion expand(std::string_view text, const Lookup &lookup, std::size_t limit) {
    Expander expander(lookup, limit);
    Expansion result;
    result.text = expander.run(text, 0, 0);
    result.problems = std::move(expander.problems);
    return result;
}

std::string escape_dollars(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t dollar = text.find('$', at);
        escaped += text.substr(at, dollar - at);
        if (dollar == std::string_view::npos)
            break;
        escaped += "$$";
        at = dollar + 1;
    }
    return escaped;
}

} // namespace compose

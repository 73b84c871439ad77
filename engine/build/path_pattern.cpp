#include "engine/build/path_pattern.hpp"

#include "base/error.hpp"
#include "base/utf8.hpp"

#include <algorithm>

namespace build {

namespace {

[[noreturn]] void fail(std::string_view pattern, const char *what) {
    throw base::Error("the pattern \"" + std::string(pattern) + "\" " + what,
                      "put a backslash before a character that is meant literally");
}

std::uint32_t take(std::string_view text, std::size_t &at) {
    const base::Utf8Char letter = base::utf8_decode(text.substr(at));
    at += letter.size;
    return letter.code;
}

} // namespace

PathPattern::PathPattern(std::string_view pattern, Dialect dialect) {
    using Kind = Token::Kind;
    for (std::size_t at = 0; at < pattern.size();) {
        const std::uint32_t letter = take(pattern, at);
        if (letter == '*' && dialect == Dialect::ignore && pattern.substr(at).starts_with('*')) {
            at += pattern.substr(at).starts_with("*/") ? 2 : 1;
            tokens_.push_back({at == pattern.size() ? Kind::everything : Kind::directories});
        } else if (letter == '*') {
            tokens_.push_back({Kind::star});
        } else if (letter == '?') {
            tokens_.push_back({Kind::any});
        } else if (letter == '[') {
            read_class(pattern, at);
        } else if (letter == '\\') {
            if (at == pattern.size())
                fail(pattern, "ends in a backslash");
            tokens_.push_back({Kind::letter, take(pattern, at)});
        } else {
            tokens_.push_back({Kind::letter, letter});
        }
    }
}

void PathPattern::read_class(std::string_view pattern, std::size_t &at) {
    Token token{Token::Kind::class_};
    if (pattern.substr(at).starts_with('^')) {
        token.negated = true;
        ++at;
    }
    const auto bound = [&] {
        if (at == pattern.size())
            fail(pattern, "has no \"]\" for its \"[\"");
        if (pattern[at] == '-' || pattern[at] == ']')
            fail(pattern, "has a \"[\" that is not followed by characters and \"]\"");
        if (pattern[at] == '\\' && ++at == pattern.size())
            fail(pattern, "ends in a backslash");
        return take(pattern, at);
    };
    do {
        Range range{bound(), 0};
        range.last = range.first;
        if (at < pattern.size() && pattern[at] == '-') {
            ++at;
            range.last = bound();
        }
        token.ranges.push_back(range);
    } while (at >= pattern.size() || pattern[at] != ']');
    ++at;
    tokens_.push_back(std::move(token));
}

bool PathPattern::accepts(const Token &token, std::uint32_t letter) {
    switch (token.kind) {
    case Token::Kind::letter:
        return letter == token.letter;
    case Token::Kind::any:
    case Token::Kind::star:
        return letter != '/';
    case Token::Kind::class_:
        return token.negated
               != std::any_of(token.ranges.begin(), token.ranges.end(), [letter](const Range &range) {
                      return letter >= range.first && letter <= range.last;
                  });
    default:
        return true;
    }
}

std::vector<bool> PathPattern::run(std::string_view text) const {
    // Within "(directories/)?" only a "/" leads on, but none need be there: its start counts as passed.
    std::vector<bool> states(tokens_.size() + 1);
    std::vector<bool> inside(tokens_.size());
    states[0] = true;
    const auto enter = [&](std::vector<bool> &reached) {
        for (std::size_t index = 0; index < tokens_.size(); ++index) {
            const Token::Kind kind = tokens_[index].kind;
            if (!reached[index])
                continue;
            if (kind == Token::Kind::directories)
                inside[index] = true;
            if (kind == Token::Kind::directories || kind == Token::Kind::star
                || kind == Token::Kind::everything)
                reached[index + 1] = true;
        }
    };
    enter(states);
    for (std::size_t at = 0; at < text.size();) {
        const std::uint32_t letter = take(text, at);
        std::vector<bool> reached(states.size());
        for (std::size_t index = 0; index < tokens_.size(); ++index) {
            const Token &token = tokens_[index];
            if (token.kind == Token::Kind::directories) {
                if (inside[index] && letter == '/')
                    reached[index + 1] = true;
            } else if (states[index] && accepts(token, letter)) {
                const bool stays = token.kind == Token::Kind::star || token.kind == Token::Kind::everything;
                reached[stays ? index : index + 1] = true;
            }
        }
        enter(reached);
        states = std::move(reached);
    }
    // Whoever asks what may follow wants to know of them as well.
    for (std::size_t index = 0; index < inside.size(); ++index)
        if (inside[index])
            states[index] = true;
    return states;
}

bool PathPattern::matches(std::string_view path) const {
    return run(path).back();
}

bool PathPattern::may_match_below(std::string_view directory) const {
    const std::vector<bool> states = run(std::string(directory) + "/");
    return std::any_of(states.begin(), states.end(), [](bool reached) { return reached; });
}

} // namespace build

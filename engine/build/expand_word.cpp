#include "engine/build/expand_word.hpp"

#include "base/error.hpp"
#include "engine/build/glob_text.hpp"
#include "engine/build/text.hpp"

#include <utility>

namespace build {

namespace {

constexpr int deepest_nesting = 64;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_name(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_special(char c) {
    return std::string_view("@*#?-$!").find(c) != std::string_view::npos;
}

struct Failure {
    ExpandedWord::Problem problem;
};

class Expander {
  public:
    Expander(std::string_view text, const Variables &variables, const WordRules &rules, ExpandedWord &result)
        : text_(text), variables_(variables), rules_(rules), result_(result),
          keep_escapes_(rules.keep_escapes) {}

    void run() {
        std::string out;
        while (!at_end())
            step(out, true);
        end_word();
        result_.text = std::move(out);
    }

  private:
    [[nodiscard]] bool at_end() const { return at_ == text_.size(); }

    [[nodiscard]] bool next_is(char c) const { return !at_end() && text_[at_] == c; }

    [[noreturn]] static void fail(std::string message, std::size_t offset) {
        throw Failure{{std::move(message), offset}};
    }

    // One character, quotation or variable. Only the outermost text is split into words.
    void step(std::string &out, bool outermost) {
        const std::size_t begin = at_;
        const std::size_t before = out.size();
        const char letter = text_[at_];
        bool splits = false;
        if (letter == '$') {
            out += dollar();
            splits = true;
        } else if (letter == '\'' && rules_.quotes != WordRules::Quotes::plain) {
            single_quotes(out);
        } else if (letter == '"' && rules_.quotes != WordRules::Quotes::plain) {
            double_quotes(out);
        } else if (letter == rules_.escape) {
            ++at_;
            if (keep_escapes_)
                out += letter;
            if (!at_end())
                out += text_[at_++];
        } else if (text_.substr(at_, 2) == "<<") {
            // A here-document's word may stand apart from its operator.
            at_ += 2;
            while (next_is(' ') || next_is('\t') || next_is('\r'))
                ++at_;
            out += text_.substr(begin, at_ - begin);
        } else {
            const std::size_t space = space_at(text_, at_);
            at_ += space ? space : 1;
            out += text_.substr(begin, at_ - begin);
            splits = space != 0;
        }
        if (out.size() > rules_.limit)
            fail("the result is too long", begin);
        if (outermost)
            split(std::string_view(out).substr(before), splits);
    }

    void split(std::string_view added, bool splits) {
        for (std::size_t at = 0; at < added.size();) {
            const std::size_t space = splits ? space_at(added, at) : 0;
            if (space)
                end_word();
            else
                word_ += added[at];
            at += space ? space : 1;
        }
    }

    void end_word() {
        if (!word_.empty())
            result_.words.push_back(std::move(word_));
        word_.clear();
    }

    void single_quotes(std::string &out) {
        const std::size_t end = text_.find('\'', at_ + 1);
        if (end == std::string_view::npos)
            fail("the single quote is not closed", at_);
        const bool kept = rules_.quotes == WordRules::Quotes::kept;
        out += text_.substr(kept ? at_ : at_ + 1, kept ? end + 1 - at_ : end - at_ - 1);
        at_ = end + 1;
    }

    void double_quotes(std::string &out) {
        const std::size_t begin = at_++;
        const bool kept = rules_.quotes == WordRules::Quotes::kept;
        if (kept)
            out += '"';
        while (!next_is('"')) {
            if (at_end())
                fail("the double quote is not closed", begin);
            if (next_is('$')) {
                out += dollar();
            } else if (const char letter = text_[at_++]; letter != rules_.escape) {
                out += letter;
            } else {
                if (keep_escapes_)
                    out += letter;
                // Before any other character the escape is one itself.
                if (next_is('"') || next_is('$') || next_is(rules_.escape))
                    out += text_[at_++];
                else if (!at_end() && !keep_escapes_)
                    out += letter;
            }
            if (out.size() > rules_.limit)
                fail("the result is too long", begin);
        }
        ++at_;
        if (kept)
            out += '"';
    }

    std::string name() {
        const std::size_t begin = at_;
        if (!at_end() && is_special(text_[at_]))
            return std::string(1, text_[at_++]);
        const bool positional = !at_end() && is_digit(text_[at_]);
        while (!at_end() && (positional ? is_digit(text_[at_]) : is_name(text_[at_])))
            ++at_;
        return std::string(text_.substr(begin, at_ - begin));
    }

    const std::string *look_up(const std::string &variable, std::size_t offset, bool has_fallback) {
        const std::string *value = variables_(variable);
        if (value)
            result_.set.push_back({variable, offset});
        else if (!has_fallback)
            result_.unset.push_back({variable, offset});
        return value;
    }

    std::string dollar() {
        const std::size_t begin = at_++;
        if (!next_is('{')) {
            const std::string variable = name();
            if (variable.empty())
                return "$";
            const std::string *value = look_up(variable, begin, false);
            return value ? *value : rules_.keep_unset ? "$" + variable : std::string();
        }
        if (++depth_ > deepest_nesting)
            fail("variables are nested too deeply", begin);
        std::string value = braces(begin);
        --depth_;
        return value;
    }

    std::string braces(std::size_t begin) {
        ++at_;
        if (at_end())
            fail("the variable has no closing \"}\"", begin);
        if (next_is('{') || next_is('}') || next_is(':'))
            fail("there is no variable name after \"${\"", begin);
        const std::string variable = name();
        if (at_end())
            fail("the variable has no closing \"}\"", begin);
        const std::size_t operation = at_;
        const bool or_empty = next_is(':');
        if (or_empty)
            ++at_;
        if (at_end())
            fail("the variable has no closing \"}\"", begin);
        const char letter = text_[at_++];
        if (letter == '}' && !or_empty) {
            const std::string *value = look_up(variable, begin, false);
            return value ? *value : rules_.keep_unset ? "${" + variable + "}" : std::string();
        }
        if (letter == '/' && !or_empty)
            return replaced(variable, begin);
        if ((letter == '#' || letter == '%') && !or_empty)
            return stripped(variable, letter, begin);
        if (letter != '-' && letter != '+' && letter != '?') {
            const std::string_view shown = text_.substr(operation, at_ - operation);
            fail("\"" + std::string(shown) + "\" is no operator of a variable", operation);
        }
        const std::string word = until('}', keep_escapes_off, begin);
        const std::string *value = look_up(variable, begin, true);
        if (!value && rules_.keep_unset)
            return "${" + variable + (or_empty ? ":" : "") + letter + word + "}";
        const bool there = value && !(or_empty && value->empty());
        if (letter == '-')
            return there ? *value : word;
        if (letter == '+')
            return there ? word : std::string();
        if (!there)
            fail(variable + ": "
                     + (!word.empty() ? word
                        : value       ? "must not be empty"
                                      : "must be set"),
                 begin);
        return *value;
    }

    static constexpr bool keep_escapes_off = false;
    static constexpr bool keep_escapes_on = true;

    std::string until(char stop, bool keep_escapes, std::size_t begin) {
        const bool outer = std::exchange(keep_escapes_, keep_escapes);
        std::string out;
        while (!next_is(stop)) {
            if (at_end())
                fail(stop == '/' ? "the pattern has no closing \"/\"" : "the variable has no closing \"}\"",
                     begin);
            step(out, false);
        }
        ++at_;
        keep_escapes_ = outer;
        return out;
    }

    std::string stripped(const std::string &variable, char side, std::size_t begin) {
        std::string pattern = until('}', keep_escapes_on, begin);
        const std::string *value = look_up(variable, begin, false);
        if (!value)
            return rules_.keep_unset ? "${" + variable + side + pattern + "}" : std::string();
        TextPattern::Reach reach = TextPattern::Reach::shortest;
        if (pattern.starts_with(side)) {
            reach = TextPattern::Reach::longest;
            pattern.erase(0, 1);
        }
        return with_pattern(pattern, begin, [&](const TextPattern &compiled) {
            return side == '#' ? compiled.without_prefix(*value, reach)
                               : compiled.without_suffix(*value, reach);
        });
    }

    std::string replaced(const std::string &variable, std::size_t begin) {
        const bool all = next_is('/');
        if (all)
            ++at_;
        const std::string pattern = until('/', keep_escapes_on, begin);
        const std::string by = until('}', keep_escapes_on, begin);
        const std::string *value = look_up(variable, begin, false);
        if (!value)
            return rules_.keep_unset ? "${" + variable + "/" + (all ? "/" : "") + pattern + "/" + by + "}"
                                     : std::string();
        return with_pattern(pattern, begin, [&](const TextPattern &compiled) {
            return compiled.replace(*value, by, all ? TextPattern::Which::all : TextPattern::Which::first,
                                    rules_.limit);
        });
    }

    template <typename Use>
    std::string with_pattern(const std::string &pattern, std::size_t begin, Use use) {
        try {
            return use(TextPattern(pattern));
        } catch (const base::Error &error) {
            fail(error.what(), begin);
        }
    }

    std::string_view text_;
    const Variables &variables_;
    const WordRules &rules_;
    ExpandedWord &result_;
    std::size_t at_ = 0;
    int depth_ = 0;
    bool keep_escapes_;
    std::string word_;
};

} // namespace

ExpandedWord expand_word(std::string_view word, const Variables &variables, const WordRules &rules) {
    ExpandedWord result;
    try {
        Expander(word, variables, rules, result).run();
    } catch (Failure &failure) {
        result.problem = std::move(failure.problem);
    }
    return result;
}

} // namespace build

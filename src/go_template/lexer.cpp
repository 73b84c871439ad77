#include "go_template/lexer.hpp"

#include "go_template/literal.hpp"
#include "go_template/place.hpp"

namespace go_template {

namespace {

constexpr std::string_view spaces = " \t\r\n";

bool is_space(char c) {
    return spaces.find(c) != std::string_view::npos;
}

bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
           || (c & 0x80) != 0;
}

class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text) {}

    std::vector<Piece> run() {
        while (at_ < text_.size()) {
            const std::size_t begin = std::min(text_.find("{{", at_), text_.size());
            add_text(text_.substr(at_, begin - at_), begin);
            if (begin == text_.size())
                break;
            at_ = begin + 2;
            action(begin);
        }
        return std::move(pieces_);
    }

  private:
    [[noreturn]] void fail(std::size_t offset, const std::string &message) const {
        fail_at(text_, offset, message, "see https://pkg.go.dev/text/template");
    }

    [[nodiscard]] bool has(std::string_view word) const { return text_.substr(at_).starts_with(word); }

    // "{{- " trims what is before it, " -}}" what is behind it.
    [[nodiscard]] bool trims_left(std::size_t begin) const {
        return begin + 3 < text_.size() && text_[begin + 2] == '-' && is_space(text_[begin + 3]);
    }

    [[nodiscard]] bool ends_trimming() const { return at_ > 0 && is_space(text_[at_ - 1]) && has("-}}"); }

    void add_text(std::string_view text, std::size_t end) {
        if (trim_next_)
            text.remove_prefix(std::min(text.find_first_not_of(spaces), text.size()));
        trim_next_ = false;
        if (end < text_.size() && trims_left(end))
            text = text.substr(0, text.find_last_not_of(spaces) + 1);
        if (!text.empty())
            pieces_.push_back({false, std::string(text), 0, {}});
    }

    void action(std::size_t begin) {
        if (trims_left(begin))
            at_ += 2;
        if (has("/*"))
            return comment(begin);
        Piece piece{true, {}, at_, {}};
        std::size_t behind = at_; // the last token
        for (;;) {
            while (at_ < text_.size() && is_space(text_[at_]) && !has("}}"))
                ++at_;
            if (at_ >= text_.size())
                fail(begin, "this \"{{\" has no \"}}\"");
            if (finish())
                break;
            Token token = next();
            token.spaced = token.offset > behind;
            behind = at_;
            piece.tokens.push_back(std::move(token));
        }
        piece.tokens.push_back({Token::Kind::end, {}, {}, at_, true});
        at_ += trim_next_ ? 3 : 2;
        pieces_.push_back(std::move(piece));
    }

    bool finish() {
        trim_next_ = ends_trimming();
        return trim_next_ || has("}}");
    }

    void comment(std::size_t begin) {
        const std::size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos)
            fail(begin, "this comment has no \"*/\"");
        at_ = end + 2;
        if (at_ < text_.size() && is_space(text_[at_])) {
            ++at_;
            if (!ends_trimming())
                fail(at_ - 1, "a comment ends right before \"}}\"");
        }
        if (!finish())
            fail(at_, "a comment ends right before \"}}\"");
        at_ += trim_next_ ? 3 : 2;
    }

    Token next() {
        const std::size_t offset = at_;
        const char c = text_[at_];
        const auto sign = [&](Token::Kind kind, std::size_t length) {
            at_ += length;
            return Token{kind, {}, {}, offset, false};
        };
        switch (c) {
        case '|':
            return sign(Token::Kind::pipe, 1);
        case '(':
            return sign(Token::Kind::open, 1);
        case ')':
            return sign(Token::Kind::close, 1);
        case ',':
            return sign(Token::Kind::comma, 1);
        case '=':
            return sign(Token::Kind::assign, 1);
        case '"':
        case '`':
        case '\'':
            return quoted(offset);
        case '$':
            ++at_;
            return {Token::Kind::variable, "$" + name(), {}, offset, false};
        case '.':
            if (at_ + 1 < text_.size() && text_[at_ + 1] >= '0' && text_[at_ + 1] <= '9')
                return number(offset);
            ++at_;
            if (std::string found = name(); !found.empty())
                return {Token::Kind::field, std::move(found), {}, offset, false};
            return {Token::Kind::dot, {}, {}, offset, false};
        default:
            break;
        }
        if (has(":="))
            return sign(Token::Kind::declare, 2);
        if ((c >= '0' && c <= '9') || c == '-' || c == '+')
            return number(offset);
        if (std::string found = name(); !found.empty())
            return {Token::Kind::word, std::move(found), {}, offset, false};
        fail(offset, std::string("\"") + c + "\" has no meaning here");
    }

    std::string name() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_name(text_[at_]))
            ++at_;
        return std::string(text_.substr(begin, at_ - begin));
    }

    Token number(std::size_t offset) {
        while (at_ < text_.size() && (is_name(text_[at_]) || text_[at_] == '.' || is_sign_of_number(offset)))
            ++at_;
        const std::string text(text_.substr(offset, at_ - offset));
        const auto value = parse_number(text);
        if (!value)
            fail(offset, "\"" + text + "\" is no number");
        return {Token::Kind::literal, text, *value, offset, false};
    }

    // At its begin, or behind the e of an exponent.
    [[nodiscard]] bool is_sign_of_number(std::size_t begin) const {
        if (text_[at_] != '-' && text_[at_] != '+')
            return false;
        return at_ == begin || ((text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E') && !has("-}}"));
    }

    Token quoted(std::size_t offset) {
        const char quote = text_[at_++];
        while (at_ < text_.size() && text_[at_] != quote && (text_[at_] != '\n' || quote == '`'))
            at_ += text_[at_] == '\\' && quote != '`' ? 2 : 1;
        if (at_ >= text_.size() || text_[at_] != quote)
            fail(offset, std::string("this ") + quote + " has no other that ends the text");
        ++at_;
        const std::string_view inside = text_.substr(offset + 1, at_ - offset - 2);
        const auto value = parse_quoted(inside, quote);
        if (!value)
            fail(offset, "a text has an escape that is not known, or is not one character");
        return {Token::Kind::literal, {}, *value, offset, false};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool trim_next_ = false;
    std::vector<Piece> pieces_;
};

} // namespace

std::vector<Piece> split(std::string_view text) {
    return Lexer(text).run();
}

} // namespace go_template

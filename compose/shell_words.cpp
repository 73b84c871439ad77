#include "compose/shell_words.hpp"

namespace compose {

namespace {

class Splitter {
  public:
    std::optional<ShellWords> run(std::string_view line) {
        for (std::size_t at = 0; at < line.size(); ++at) {
            if (step(line[at]))
                continue;
            if (broken_)
                return std::nullopt;
            // The digit of 2> belongs to the redirection, not to the command.
            if (line[at] == '>' && !word_.empty() && word_.front() >= '0' && word_.front() <= '9')
                in_word_ = false;
            result_.cut = at;
            break;
        }
        if (escaped_ || quote_ != 0)
            return std::nullopt;
        finish();
        return result_;
    }

  private:
    // False at a character that ends the command, or (broken_) cannot be there.
    bool step(char c) {
        if (escaped_) {
            escaped_ = false;
            return add(c);
        }
        if (c == '\\' && quote_ != '\'') {
            escaped_ = true;
            return true;
        }
        if (quote_ == '\'' || quote_ == '"')
            return quoted(c);
        if (quote_ != 0) {
            if (c == quote_)
                quote_ = 0;
            return add(c);
        }
        switch (c) {
        case ' ':
        case '\t':
        case '\r':
        case '\n':
            finish();
            return true;
        case '"':
        case '\'':
            quote_ = c;
            in_word_ = true;
            return true;
        case '`':
            quote_ = c;
            return add(c);
        case '(':
            broken_ = word_.empty() || word_.back() != '$';
            quote_ = ')';
            return !broken_ && add(c);
        case ')':
            broken_ = true;
            return false;
        case ';':
        case '&':
        case '|':
        case '<':
        case '>':
            return false;
        default:
            return add(c);
        }
    }

    bool quoted(char c) {
        if (c != quote_)
            return add(c);
        quote_ = 0;
        return true;
    }

    bool add(char c) {
        word_ += c;
        in_word_ = true;
        return true;
    }

    void finish() {
        if (in_word_)
            result_.words.push_back(word_);
        word_.clear();
        in_word_ = false;
    }

    ShellWords result_;
    std::string word_;
    bool in_word_ = false;
    bool escaped_ = false;
    bool broken_ = false;
    char quote_ = 0; // the character that closes the quotation; ` and ) keep their text
};

} // namespace

std::optional<ShellWords> split_shell_words(std::string_view line) {
    return Splitter().run(line);
}

} // namespace compose

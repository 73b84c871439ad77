#include "base/error.hpp"
#include "engine/image/changes.hpp"

#include <cctype>

namespace image {

namespace {

bool is_name(char c) {
    return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0;
}

std::string value_of(const std::vector<std::string> &env, std::string_view name) {
    for (const std::string &entry : env)
        if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=')
            return entry.substr(name.size() + 1);
    return {};
}

class Splitter {
  public:
    Splitter(std::string_view text, const std::vector<std::string> &env) : text_(text), env_(env) {}

    std::vector<std::string> run() {
        while (at_ < text_.size()) {
            const char c = text_[at_++];
            if (quote_ == 0 && (c == ' ' || c == '\t'))
                finish_word();
            else if (c == quote_)
                quote_ = 0;
            else if (quote_ == 0 && (c == '"' || c == '\''))
                open_quote(c);
            else if (c == '\\' && quote_ != '\'' && at_ < text_.size())
                escape();
            else if (c == '$' && quote_ != '\'')
                variable();
            else
                add(c);
        }
        if (quote_ != 0)
            throw base::Error("a quote is not closed in: " + std::string(text_));
        finish_word();
        return std::move(words_);
    }

  private:
    void add(char c) {
        word_ += c;
        started_ = true;
    }

    void open_quote(char c) {
        quote_ = c;
        started_ = true;
    }

    void finish_word() {
        if (started_)
            words_.push_back(std::move(word_));
        word_.clear();
        started_ = false;
    }

    void escape() {
        const char next = text_[at_++];
        if (quote_ == '"' && next != '"' && next != '\\' && next != '$')
            add('\\');
        add(next);
    }

    void variable() {
        const bool braced = at_ < text_.size() && text_[at_] == '{';
        std::size_t end = braced ? at_ + 1 : at_;
        const std::size_t start = end;
        while (end < text_.size() && is_name(text_[end]))
            ++end;
        if (end == start) {
            add('$');
            return;
        }
        if (braced && (end == text_.size() || text_[end] != '}'))
            throw base::Error("only $NAME and ${NAME} can be used in: " + std::string(text_));
        word_ += value_of(env_, text_.substr(start, end - start));
        started_ = true;
        at_ = braced ? end + 1 : end;
    }

    std::string_view text_;
    const std::vector<std::string> &env_;
    std::size_t at_ = 0;
    char quote_ = 0;
    bool started_ = false;
    std::string word_;
    std::vector<std::string> words_;
};

} // namespace

std::vector<std::string> split_words(std::string_view text, const std::vector<std::string> &env) {
    return Splitter(text, env).run();
}

} // namespace image

// A YAML text line by line, and the scalars in its lines. Part of common_yaml.cpp; not for other users.
#pragma once

#include "compose/tree_builder.hpp"

#include <string>
#include <string_view>

namespace compose {

// Thrown where the text is more than the common form.
struct NotCommon {};

enum class Context { block, flow };

struct Scalar {
    std::string text;
    bool quoted = false;
};

class YamlLines {
  public:
    explicit YamlLines(std::string_view text) : text_(text) {}

    // To the first letter of the next line that has more than a comment.
    void next();

    [[nodiscard]] bool at_end() const { return begin_ >= text_.size(); }

    // Of the current line, in spaces.
    [[nodiscard]] std::size_t indent() const { return indent_; }

    // Of the current place, from 0.
    [[nodiscard]] std::size_t column() const { return at_ - begin_; }

    [[nodiscard]] YAML::Mark mark() const;

    // The line's break is there, which the last line of a text may lack.
    [[nodiscard]] bool ends_with_break() const { return end_ < text_.size(); }

    // '\n' at the end of the line.
    [[nodiscard]] char peek(std::size_t ahead = 0) const {
        return at_ + ahead < end_ ? text_[at_ + ahead] : '\n';
    }

    [[nodiscard]] bool at_blank_or_break() const { return peek() == ' ' || peek() == '\n'; }

    // The current place is the first of a line that is an entry of the collection in this column.
    [[nodiscard]] bool is_entry(std::size_t column) const {
        return !at_end() && indent_ == column && at_ == begin_ + indent_;
    }

    // "- ".
    [[nodiscard]] bool begins_item() const { return peek() == '-' && (peek(1) == ' ' || peek(1) == '\n'); }

    // What is left of the line begins with "key:".
    [[nodiscard]] bool holds_key() const;

    // Only blanks and a comment are left of the line.
    [[nodiscard]] bool line_is_over() const;

    // @throws NotCommon when it is another letter.
    void take(char letter);
    void skip_blanks();

    // The name of an anchor. @throws NotCommon
    [[nodiscard]] std::string name();

    // In block context a plain scalar ends before ": " or a comment. @throws NotCommon
    [[nodiscard]] Scalar scalar(Context context);

  private:
    [[nodiscard]] std::string single_quoted();
    [[nodiscard]] std::string double_quoted();
    [[nodiscard]] std::string plain(Context context);

    std::string_view text_;
    std::size_t begin_ = 0; // of the line
    std::size_t end_ = 0;   // of the line, without its break
    std::size_t at_ = 0;
    std::size_t indent_ = 0;
    int line_ = -1;
};

} // namespace compose

// Here-documents: `<<EOF`, `<<-EOF` and `<<"EOF"` in RUN, COPY and ADD take the lines that follow. Pure.
#pragma once

#include "base/source.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace build {

struct Heredoc {
    std::string name;        // the word without quotes; the line that ends it
    bool expands = true;     // no part of the word is quoted
    bool strips = false;     // <<-: tabs that begin a line don't count
    unsigned descriptor = 0; // "3<<EOF"; the shell's business
    std::string content;     // as written, each line with its end
    base::Location location; // of the first line of the content

    // content, without the leading tabs where the operator says so.
    [[nodiscard]] std::string text() const;
};

// The here-document that a single word introduces, without its content.
[[nodiscard]] std::optional<Heredoc> heredoc_word(std::string_view word);

// All that a line introduces, in their order.
[[nodiscard]] std::vector<Heredoc> heredocs_in(std::string_view line);

} // namespace build

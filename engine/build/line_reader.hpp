// A Dockerfile's text to instructions, each on one logical line: comments, blank lines and line continuations
// are gone, and every byte still knows where it was written. Pure.
#pragma once

#include "base/diagnostic.hpp"
#include "base/line_index.hpp"
#include "engine/build/directives.hpp"
#include "engine/build/heredoc.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace build {

struct LogicalLine {
    std::string text; // without white space before it and without line breaks
    std::shared_ptr<const base::LineIndex> index;
    std::uint32_t last_line = 0;              // of the source, from 1
    std::optional<base::Location> empty_line; // a blank line within a continuation
    std::vector<std::string> comments;        // those right before it, without "#"

    // Where the byte of text was written; offset may be the size of text.
    [[nodiscard]] base::Location at(std::size_t offset) const;

    struct Piece {
        std::size_t begin;  // in text
        std::size_t offset; // in the source
    };

    std::vector<Piece> pieces;
};

class LineReader {
  public:
    LineReader(std::shared_ptr<const base::Source> source, base::Diagnostics &diagnostics);

    // The next instruction; nullopt at the end of the text.
    [[nodiscard]] std::optional<LogicalLine> next();

    // Fills the content from the lines that follow. An error when its last line is missing.
    void read(Heredoc &heredoc, const base::Location &introduced);

    [[nodiscard]] const Directives &directives() const { return directives_; }

    // The number of the line that was read last, from 1.
    [[nodiscard]] std::uint32_t line() const { return line_; }

  private:
    struct Line {
        std::string_view text; // without its end
        std::size_t offset;
        std::size_t size; // with its end
    };

    [[nodiscard]] std::optional<Line> take();
    // Removes a continuation from the end of the line. False when there is none.
    bool trim_continuation(std::string_view &line) const;

    std::shared_ptr<const base::Source> source_;
    std::shared_ptr<const base::LineIndex> index_;
    base::Diagnostics &diagnostics_;
    Directives directives_;
    DirectiveReader directive_reader_;
    std::size_t at_ = 0;
    std::uint32_t line_ = 0;
};

} // namespace build

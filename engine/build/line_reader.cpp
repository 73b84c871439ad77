#include "engine/build/line_reader.hpp"

#include "engine/build/text.hpp"

#include <algorithm>

namespace build {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

bool is_comment(std::string_view line) {
    return trim_left(line).starts_with('#');
}

} // namespace

base::Location LogicalLine::at(std::size_t offset) const {
    const auto after =
        std::upper_bound(pieces.begin(), pieces.end(), offset,
                         [](std::size_t value, const Piece &piece) { return value < piece.begin; });
    if (after == pieces.begin())
        return index->at(0);
    const Piece &piece = *std::prev(after);
    return index->at(piece.offset + (offset - piece.begin));
}

LineReader::LineReader(std::shared_ptr<const base::Source> source, base::Diagnostics &diagnostics)
    : source_(std::move(source)), index_(std::make_shared<base::LineIndex>(source_)),
      diagnostics_(diagnostics) {
    if (source_->text.starts_with(byte_order_mark))
        at_ = byte_order_mark.size();
}

std::optional<LineReader::Line> LineReader::take() {
    const std::string_view all = source_->text;
    if (at_ >= all.size())
        return std::nullopt;
    const std::size_t line_break = all.find('\n', at_);
    const std::size_t end = line_break == std::string_view::npos ? all.size() : line_break + 1;
    Line line{all.substr(at_, end - at_), at_, end - at_};
    while (!line.text.empty() && (line.text.back() == '\n' || line.text.back() == '\r'))
        line.text.remove_suffix(1);
    at_ = end;
    ++line_;
    return line;
}

bool LineReader::trim_continuation(std::string_view &line) const {
    const std::size_t last = line.find_last_not_of(" \t");
    if (last == std::string_view::npos || line[last] != directives_.escape)
        return false;
    // A doubled escape character is one that is escaped itself.
    if (last > 0 && line[last - 1] == directives_.escape)
        return false;
    line = line.substr(0, last);
    return true;
}

std::optional<LogicalLine> LineReader::next() {
    LogicalLine result;
    result.index = index_;
    bool continued = false;
    while (const auto line = take()) {
        std::string_view text = line->text;
        if (!continued) {
            text = trim_left(text);
            const std::size_t indent = line->text.size() - text.size();
            if (directive_reader_.take(text, index_->at(line->offset + indent), directives_, diagnostics_))
                continue;
        }
        if (is_comment(text)) {
            const std::string_view comment = trim(trim_left(text).substr(1));
            if (comment.empty())
                result.comments.clear();
            else if (!continued)
                result.comments.emplace_back(comment);
            continue;
        }
        if (trim(text).empty()) {
            if (continued && !result.empty_line)
                result.empty_line = index_->at(line->offset);
            continue;
        }
        const std::size_t offset = line->offset + static_cast<std::size_t>(text.data() - line->text.data());
        continued = trim_continuation(text);
        result.pieces.push_back({result.text.size(), offset});
        result.text += text;
        result.last_line = line_;
        if (!continued)
            return result;
    }
    if (result.pieces.empty())
        return std::nullopt;
    return result;
}

void LineReader::read(Heredoc &heredoc, const base::Location &introduced) {
    heredoc.location = index_->at(std::min(at_, source_->text.size()));
    while (const auto line = take()) {
        std::string_view end = line->text;
        if (heredoc.strips)
            end.remove_prefix(std::min(end.find_first_not_of('\t'), end.size()));
        if (end == heredoc.name)
            return;
        heredoc.content += std::string_view(source_->text).substr(line->offset, line->size);
    }
    diagnostics_.error(introduced, {}, "the here-document \"" + heredoc.name + "\" has no end",
                       "write a line with nothing but " + heredoc.name + " after its last line");
}

} // namespace build

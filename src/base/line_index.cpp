#include "base/line_index.hpp"

#include <algorithm>

namespace base {

LineIndex::LineIndex(std::shared_ptr<const Source> source) : source_(std::move(source)), begins_{0} {
    const std::string &text = source_->text;
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1))
        begins_.push_back(at + 1);
}

Location LineIndex::at(std::size_t offset) const {
    const auto next = std::upper_bound(begins_.begin(), begins_.end(), offset);
    const auto line = static_cast<std::size_t>(next - begins_.begin());
    return {source_, static_cast<std::uint32_t>(line),
            static_cast<std::uint32_t>(offset - begins_[line - 1] + 1)};
}

std::size_t LineIndex::offset_of(const Location &location) const {
    if (location.line == 0 || location.line > begins_.size())
        return source_->text.size();
    const std::size_t column = std::max<std::uint32_t>(location.column, 1) - 1;
    return std::min(begins_[location.line - 1] + column, source_->text.size());
}

} // namespace base

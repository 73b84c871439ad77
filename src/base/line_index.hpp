// Offsets in a source to locations and back, by a table of where its lines begin.
#pragma once

#include "base/source.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace base {

class LineIndex {
  public:
    explicit LineIndex(std::shared_ptr<const Source> source);

    // offset may be the length of the text.
    [[nodiscard]] Location at(std::size_t offset) const;
    // A location of this source; one that is out of range gives the end of the text.
    [[nodiscard]] std::size_t offset_of(const Location &location) const;

  private:
    std::shared_ptr<const Source> source_;
    std::vector<std::size_t> begins_;
};

} // namespace base

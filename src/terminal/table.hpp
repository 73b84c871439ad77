// Aligned columns, as `ps` and `images` print them.
#pragma once

#include <string>
#include <vector>

namespace cli {

class Table {
  public:
    explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}

    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

    // Columns three blanks apart and at least that wide, no trailing blanks, newline at each end.
    [[nodiscard]] std::string text(std::size_t least_width = 0) const;

  private:
    std::vector<std::vector<std::string>> rows_;
};

} // namespace cli

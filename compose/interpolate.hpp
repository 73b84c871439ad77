// Puts the values of variables into the scalars of a file, never into its keys. A scalar that had a variable
// stays a string: what it must become is known to the schema.
#pragma once

#include "base/line_index.hpp"
#include "compose/diagnostic.hpp"
#include "compose/node.hpp"
#include "compose/path_buffer.hpp"

#include <map>
#include <string>
#include <vector>

namespace compose {

struct ExpansionProblem;

// What all values of a project may grow to.
struct ExpansionBudget {
    static constexpr std::size_t whole = std::size_t{32} << 20;
    std::size_t left = whole;
    bool exceeded = false; // and reported
};

// One for all files with the same environment, so that an unset variable is reported once.
class Interpolator {
  public:
    Interpolator(const std::map<std::string, std::string> &environment, Diagnostics &diagnostics,
                 ExpansionBudget &budget);

    void interpolate(Node &file);

    // Variables that were missed, with the index of their warning among the diagnostics.
    [[nodiscard]] const std::map<std::string, std::size_t> &unset() const { return unset_; }

  private:
    void visit(Node &node);
    void report(const Node &node, const ExpansionProblem &problem);
    [[nodiscard]] Location locate(const Node &node, std::size_t offset);
    [[nodiscard]] std::string unset_hint(const std::string &written, const std::string &name) const;

    const std::map<std::string, std::string> &environment_;
    Diagnostics &diagnostics_;
    std::vector<std::string> names_;
    std::map<std::string, std::size_t> unset_;
    PathBuffer path_;
    std::map<const Source *, base::LineIndex> lines_;
    ExpansionBudget &budget_;
};

} // namespace compose

// Puts the values of variables into the scalars of a file, never into its keys. A scalar that had a variable
// stays a string: what it must become is known to the schema.
#pragma once

#include "compose/diagnostic.hpp"
#include "compose/line_index.hpp"
#include "compose/node.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace compose {

struct ExpansionProblem;

// One for all files of a project, so that an unset variable is reported once.
class Interpolator {
  public:
    Interpolator(const std::map<std::string, std::string> &environment, Diagnostics &diagnostics);

    void interpolate(Node &file);

  private:
    void visit(Node &node, const std::string &path);
    void report(const Node &node, const std::string &path, const ExpansionProblem &problem);
    [[nodiscard]] Location locate(const Node &node, std::size_t offset);
    [[nodiscard]] std::string unset_hint(const std::string &written, const std::string &name) const;

    const std::map<std::string, std::string> &environment_;
    Diagnostics &diagnostics_;
    std::vector<std::string> names_;
    std::set<std::string> reported_;
    std::map<const Source *, LineIndex> lines_;
    std::size_t budget_;
};

} // namespace compose

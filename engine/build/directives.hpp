// Parser directives: `# name=value` at the very top of a Dockerfile. Pure.
#pragma once

#include "base/diagnostic.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace build {

struct Directive {
    std::string value;
    base::Location location;
};

struct Directives {
    std::optional<Directive> syntax;
    std::optional<Directive> check;
    char escape = '\\';
};

// Takes the lines from the first on, until one is no directive.
class DirectiveReader {
  public:
    // Whether the line (without its end) was a directive. Wrong and repeated ones are errors.
    bool take(std::string_view line, const base::Location &location, Directives &directives,
              base::Diagnostics &diagnostics);

  private:
    bool over_ = false;
    std::vector<std::string> seen_;
};

} // namespace build

// A YAML syntax error in words: yaml-cpp's message becomes a sentence, placed where the mistake is.
#pragma once

#include "compose/diagnostic.hpp"
#include "compose/source.hpp"

#include <memory>

namespace YAML {
class Exception;
}

namespace compose {

void report_syntax_error(const std::shared_ptr<const Source> &source, const YAML::Exception &error,
                         Diagnostics &diagnostics);

// yaml-cpp takes a quoted scalar that never ends for one that ends with the file. `position` is the offset of
// the last quoted scalar, or of what precedes it.
void check_closing_quote(const std::shared_ptr<const Source> &source, std::size_t position,
                         Diagnostics &diagnostics);

} // namespace compose

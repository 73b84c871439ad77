// Asking before something is lost.
#pragma once

#include <string>

namespace cli {

// Shows the warning and asks on standard error; returns when the answer on standard input is yes.
// @throws base::Error when it is no, or when nobody answers.
void confirm(const std::string &warning);

} // namespace cli

// Runs the whole pipeline on a text, with a fixed project and environment.
#pragma once

#include "compose/load.hpp"

#include <string>

namespace compose::test {

// Project demo in /srv/app, environment HOME=/root USER_NAME=bob TOKEN=tok; no profile is active.
[[nodiscard]] LoadOptions fixed_options();

[[nodiscard]] Loaded load_text(const std::string &text, LoadOptions options = fixed_options());

// "LINE: MESSAGE (HINT)" of every error and warning, in order; warnings start with "warning: ".
[[nodiscard]] std::string problems(const std::string &text, LoadOptions options = fixed_options());

// The file's text, "" when it does not exist.
[[nodiscard]] std::string file_text(const std::filesystem::path &path);

// True when the file holds text. With ACCEPT=1 in the environment it is made to.
[[nodiscard]] bool matches_golden(const std::filesystem::path &path, const std::string &text);

} // namespace compose::test

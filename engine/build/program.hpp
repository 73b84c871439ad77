// A helper program of the host, such as git. Blocks.
#pragma once

#include "engine/build/cancellation.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace build {

struct ProgramRun {
    std::vector<std::string> argv; // the first is looked for in PATH
    std::filesystem::path directory;
    std::vector<std::string> env; // "NAME=VALUE", besides this program's own
};

struct ProgramResult {
    int code = 0; // 128 + N when it was killed by signal N
    std::string output, errors;
};

// Without a terminal or input; killed with all of its process group when the build is cancelled.
// @throws base::SystemError when there is no such program; image::Cancelled.
[[nodiscard]] ProgramResult run_program(const ProgramRun &run, const Cancellation &cancellation);

} // namespace build

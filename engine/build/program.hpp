// A helper program of the host, such as git. Blocks.
#pragma once

#include "base/fd.hpp"
#include "engine/build/cancellation.hpp"

#include <sys/types.h>

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

// One that runs until its input ends, which is when this object does, or this process. Its errors go nowhere.
class RunningProgram {
  public:
    // @throws base::SystemError when there is no such program.
    explicit RunningProgram(const ProgramRun &run);
    // Waits for its end.
    ~RunningProgram();
    RunningProgram(const RunningProgram &) = delete;
    RunningProgram &operator=(const RunningProgram &) = delete;

    // What it writes up to the end of the line, or of its output. Blocks.
    [[nodiscard]] std::string read_line() const;

  private:
    base::Pipe input_, output_;
    pid_t pid_ = -1;
};

} // namespace build

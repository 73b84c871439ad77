// Errors. There is one channel, exceptions of type Error; what() is a sentence for the user that names the
// thing, hint() says what to do about it.
#pragma once

#include <cerrno>
#include <stdexcept>
#include <string>

namespace base {

class Error : public std::runtime_error {
  public:
    explicit Error(const std::string &message, std::string hint = {}, int exit_code = 1)
        : std::runtime_error(message), hint_(std::move(hint)), exit_code_(exit_code) {}

    [[nodiscard]] const std::string &hint() const noexcept { return hint_; }

    // The exit status a command ends with when nobody handles the error: 1, or 125-127 for run and exec.
    [[nodiscard]] int exit_code() const noexcept { return exit_code_; }

  private:
    std::string hint_;
    int exit_code_;
};

// A failed system call: what was being done, on what, and why it failed. what() reads
// "STAGE SUBJECT: strerror(errno)".
class SystemError : public Error {
  public:
    SystemError(std::string stage, int error, std::string subject, std::string hint = {}, int exit_code = 1);

    [[nodiscard]] const std::string &stage() const noexcept { return stage_; }

    [[nodiscard]] int code() const noexcept { return errno_; }

    [[nodiscard]] const std::string &subject() const noexcept { return subject_; }

  private:
    std::string stage_;
    int errno_;
    std::string subject_;
};

// Throws SystemError with the current errno.
[[noreturn]] void throw_errno(const std::string &stage, const std::string &subject);

// strerror(3) without its thread hazards, e.g. "No such file or directory".
[[nodiscard]] std::string errno_text(int error);

// Returns result when it is not negative, else throws SystemError with errno.
template <typename T>
T check(T result, const std::string &stage, const std::string &subject) {
    if (result < 0)
        throw_errno(stage, subject);
    return result;
}

} // namespace base

#include "base/error.hpp"

#include <cstring>

namespace base {

namespace {

std::string sentence(const std::string &stage, int error, const std::string &subject) {
    return subject.empty() ? stage + ": " + errno_text(error)
                           : stage + " " + subject + ": " + errno_text(error);
}

} // namespace

SystemError::SystemError(std::string stage, int error, std::string subject, std::string hint, int exit_code)
    : Error(sentence(stage, error, subject), std::move(hint), exit_code), stage_(std::move(stage)),
      errno_(error), subject_(std::move(subject)) {}

void throw_errno(const std::string &stage, const std::string &subject) {
    const int error = errno;
    throw SystemError(stage, error, subject);
}

std::string errno_text(int error) {
    char buffer[128];
    return ::strerror_r(error, buffer, sizeof buffer);
}

} // namespace base

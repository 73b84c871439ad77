// A Dockerfile in a string, parsed, for tests.
#pragma once

#include "engine/build/parse.hpp"

#include <string>
#include <vector>

namespace test {

struct Parsed {
    explicit Parsed(std::string text);

    // "3:5 MESSAGE", sorted by place.
    [[nodiscard]] std::vector<std::string> errors() const;
    [[nodiscard]] std::vector<std::string> warnings() const;

    // The instruction of the last stage.
    [[nodiscard]] const build::Instruction &instruction(std::size_t index) const {
        return file.stages.back().instructions.at(index);
    }

    template <typename T>
    [[nodiscard]] const T &get(std::size_t index = 0) const {
        return std::get<T>(instruction(index).action);
    }

    base::Diagnostics diagnostics;
    build::Dockerfile file;
};

// The texts of words.
[[nodiscard]] std::vector<std::string> texts(const std::vector<build::Word> &words);
// "3:5".
[[nodiscard]] std::string place(const base::Location &location);
// "3:5 MESSAGE" of those with that severity.
[[nodiscard]] std::vector<std::string> shown(const base::Diagnostics &diagnostics, base::Severity severity);

} // namespace test

// Helpers of the language tests: text to trees, trees to short text, diagnostics to text.
#pragma once

#include "compose/diagnostic.hpp"
#include "compose/node.hpp"
#include "compose/source.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace compose::test {

[[nodiscard]] std::shared_ptr<const Source> source(std::string text, std::string name = "compose.yaml");

// The only document of a text without errors.
[[nodiscard]] Node parse(const std::string &text, const std::string &name = "compose.yaml");

// One line in flow style; strings that would read as something else are quoted, tags shown.
[[nodiscard]] std::string flow(const Node &node);

// "1:5 error: MESSAGE" of each, sorted, joined by newlines.
[[nodiscard]] std::string summary(const Diagnostics &diagnostics);

// A directory of its own for one test, removed with everything in it.
class TemporaryDirectory {
  public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory &) = delete;
    TemporaryDirectory &operator=(const TemporaryDirectory &) = delete;

    [[nodiscard]] const std::filesystem::path &path() const { return path_; }

    // Makes the directories above it as needed; returns its path.
    std::filesystem::path write(const std::string &name, const std::string &text) const;

  private:
    std::filesystem::path path_;
};

} // namespace compose::test

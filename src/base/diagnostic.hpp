// Errors and warnings about text, collected so that one run shows them all.
#pragma once

#include "base/error.hpp"
#include "base/source.hpp"

#include <string>
#include <vector>

namespace base {

enum class Severity { warning, error };

struct Note {
    Location location;
    std::string text; // e.g. "overrides the value set here", "included from here"
};

struct Diagnostic {
    Severity severity = Severity::error;
    Location location;
    std::string path;    // "services.web.ports[0]", or empty
    std::string message; // one sentence without a full stop, e.g. "unknown attribute \"imagee\""
    std::string hint;    // what to do, e.g. "did you mean \"image\"?"
    std::vector<Note> notes;
};

// What the engine cannot do yet stops what runs containers, and not what only describes the model.
enum class Unsupported { error, warning };

// Collects diagnostics in the order found; sorted by file and line when shown.
class Diagnostics {
  public:
    explicit Diagnostics(Unsupported unsupported = Unsupported::error) : unsupported_(unsupported) {}

    Diagnostic &error(Location location, std::string path, std::string message, std::string hint = {});
    Diagnostic &warning(Location location, std::string path, std::string message, std::string hint = {});

    // Right, but not supported yet. True when that is an error.
    bool unsupported(Location location, std::string path, std::string message, std::string hint = {});

    void add(Diagnostic diagnostic) { all_.push_back(std::move(diagnostic)); }

    // To the one that all() has at index.
    void note(std::size_t index, Note note) { all_[index].notes.push_back(std::move(note)); }

    [[nodiscard]] bool has_errors() const;

    [[nodiscard]] const std::vector<Diagnostic> &all() const { return all_; }

    // Sorted by file, line, column; identical ones once.
    [[nodiscard]] std::vector<Diagnostic> sorted() const;

  private:
    Unsupported unsupported_;
    std::vector<Diagnostic> all_;
};

// "compose.yaml:3:5: error: MESSAGE", the source line, a caret under the column, notes and hint.
[[nodiscard]] std::string render(const Diagnostic &diagnostic, bool colour);

// The first of them, for a file that is wrong in every line must not flood the terminal, and how many more.
[[nodiscard]] std::string render(const std::vector<Diagnostic> &diagnostics, bool colour);

// Thrown by what reads a text of the user when there are errors in it; what() is all of them rendered without
// colour.
class LoadError : public base::Error {
  public:
    explicit LoadError(std::vector<Diagnostic> diagnostics);

    [[nodiscard]] const std::vector<Diagnostic> &diagnostics() const { return diagnostics_; }

  private:
    std::vector<Diagnostic> diagnostics_;
};

} // namespace base

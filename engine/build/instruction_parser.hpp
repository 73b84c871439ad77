// One statement to one instruction: what parse_dockerfile() does for every logical line. Pure.
#pragma once

#include "base/diagnostic.hpp"
#include "engine/build/instruction.hpp"
#include "engine/build/statement.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace build {

// The names of all instructions, upper case.
[[nodiscard]] const std::vector<std::string> &instruction_names();

// A statement, and where to report what is wrong with it.
struct Input {
    const LogicalLine &line;
    const Statement &statement;
    std::vector<Heredoc> heredocs;
    char escape;
    const Checks &checks;
    base::Diagnostics &diagnostics;

    [[nodiscard]] std::string name() const; // upper case

    [[nodiscard]] base::Location location() const { return line.at(statement.name_offset); }

    [[nodiscard]] base::Location rest_location() const { return line.at(statement.rest.offset); }

    [[nodiscard]] Word word(const Part &part) const { return {part.text, line.at(part.offset)}; }

    [[nodiscard]] std::vector<Word> words(const std::vector<Part> &parts) const;
    void error(const base::Location &where, const std::string &message, std::string hint) const;
    void warn(const char *check, const base::Location &where, const std::string &message,
              std::string hint) const;
};

// nullopt when there is no instruction in it (the errors say why).
[[nodiscard]] std::optional<Action> parse_action(const Input &input);

// The flags of a statement by what their instruction knows. Unknown, repeated and empty ones are errors.
class Flags {
  public:
    enum class Kind { text, list, truth };

    struct Known {
        const char *name;
        Kind kind;
    };

    Flags(const Input &input, std::initializer_list<Known> known);

    [[nodiscard]] Word text(const std::string &name) const;
    [[nodiscard]] std::vector<Word> list(const std::string &name) const;
    [[nodiscard]] std::optional<bool> truth(const std::string &name) const;

  private:
    struct Given {
        std::string name;
        Word value;
    };

    void take(const Input &input, const Part &flag, std::initializer_list<Known> known);

    std::vector<Given> given_;
};

// The shell or exec form of the text, which is the statement's rest or what follows a keyword in it.
[[nodiscard]] CommandLine parse_command(const Input &input, const Part &text);

[[nodiscard]] Action parse_from(const Input &input);
[[nodiscard]] Action parse_run(const Input &input);
[[nodiscard]] Action parse_copy(const Input &input);
[[nodiscard]] Action parse_add(const Input &input);
[[nodiscard]] Action parse_env(const Input &input);
[[nodiscard]] Action parse_label(const Input &input);
[[nodiscard]] Action parse_arg(const Input &input);
[[nodiscard]] Action parse_expose(const Input &input);
[[nodiscard]] Action parse_volume(const Input &input);
[[nodiscard]] Action parse_healthcheck(const Input &input);
[[nodiscard]] Action parse_onbuild(const Input &input);

} // namespace build

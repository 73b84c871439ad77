// Replaces the variables of a Dockerfile's words, and reports what goes wrong.
#pragma once

#include "engine/build/environment.hpp"
#include "engine/build/expand_word.hpp"
#include "engine/build/instruction.hpp"

#include <set>
#include <string>

namespace build {

class Expander {
  public:
    // Variables that are neither set nor in `declared` are reported by that check; null: are not.
    Expander(const Environment &variables, const std::set<std::string> &declared, const char *undefined_check,
             const Dockerfile &file, base::Diagnostics &diagnostics)
        : variables_(variables), declared_(declared), undefined_check_(undefined_check), file_(file),
          diagnostics_(diagnostics) {}

    // "" after an error.
    [[nodiscard]] std::string operator()(const Word &word) const;
    // The words it comes to: white space in values separates.
    [[nodiscard]] std::vector<std::string> words(const Word &word) const;
    // A here-document.
    [[nodiscard]] std::string content(const Heredoc &heredoc) const;
    // The variables that a word uses and that are set.
    [[nodiscard]] std::set<std::string> used_by(const Word &word) const;

  private:
    [[nodiscard]] ExpandedWord expand(const std::string &text, const base::Location &location,
                                      const WordRules &rules) const;

    const Environment &variables_;
    const std::set<std::string> &declared_;
    const char *undefined_check_;
    const Dockerfile &file_;
    base::Diagnostics &diagnostics_;
};

} // namespace build

#include "engine/build/expander.hpp"

#include "base/suggest.hpp"

namespace build {

namespace {

constexpr std::size_t longest_file = std::size_t{16} << 20;

} // namespace

ExpandedWord Expander::expand(const std::string &text, const base::Location &location,
                              const WordRules &rules) const {
    ExpandedWord result = expand_word(
        text, [this](const std::string &name) { return variables_.find(name); }, rules);
    if (result.problem)
        diagnostics_.error(location, {}, result.problem->message,
                           "see \"Environment replacement\" of the Dockerfile reference");
    for (const Variable &variable : result.unset)
        if (undefined_check_ != nullptr && !declared_.contains(variable.name))
            file_.checks.report(diagnostics_, undefined_check_, location,
                                "the variable \"" + variable.name + "\" is not set",
                                base::did_you_mean(variable.name, variables_.names()));
    return result;
}

std::string Expander::operator()(const Word &word) const {
    return expand(word.text, word.location, {.escape = file_.escape}).text;
}

std::vector<std::string> Expander::words(const Word &word) const {
    return expand(word.text, word.location, {.escape = file_.escape}).words;
}

std::string Expander::content(const Heredoc &heredoc) const {
    if (!heredoc.expands)
        return heredoc.text();
    return expand(heredoc.text(), heredoc.location,
                  {.quotes = WordRules::Quotes::plain, .limit = longest_file})
        .text;
}

std::set<std::string> Expander::used_by(const Word &word) const {
    const ExpandedWord result =
        expand_word(word.text, [this](const std::string &name) { return variables_.find(name); },
                    {.escape = file_.escape});
    std::set<std::string> names;
    for (const Variable &variable : result.set)
        names.insert(variable.name);
    return names;
}

} // namespace build

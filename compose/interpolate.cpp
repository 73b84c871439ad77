#include "compose/interpolate.hpp"

#include "base/suggest.hpp"
#include "compose/expand.hpp"

#include <algorithm>
#include <utility>

namespace compose {

namespace {

// "$2y$10$..." and its like: password hashes, whose dollars are never variables.
bool looks_like_hash(std::string_view text) {
    static constexpr std::string_view schemes[] = {"$1$", "$2a$", "$2b$",    "$2y$",   "$5$",      "$6$",
                                                   "$y$", "$7$",  "$argon2", "$apr1$", "$scrypt$", "$pbkdf2"};
    return std::any_of(std::begin(schemes), std::end(schemes),
                       [&](std::string_view scheme) { return text.find(scheme) != std::string_view::npos; });
}

} // namespace

Interpolator::Interpolator(const std::map<std::string, std::string> &environment, Diagnostics &diagnostics,
                           ExpansionBudget &budget)
    : environment_(environment), diagnostics_(diagnostics), budget_(budget) {
    for (const auto &[name, value] : environment_)
        names_.push_back(name);
}

void Interpolator::interpolate(Node &file) {
    visit(file);
}

void Interpolator::visit(Node &node) {
    for (std::size_t index = 0; index < node.items.size(); ++index) {
        const auto step = path_.enter(index);
        visit(node.items[index]);
    }
    for (Member &member : node.members) {
        const auto step = path_.enter(member.key);
        visit(member.value);
    }
    if (node.kind != Kind::string || node.text.find('$') == std::string::npos)
        return;
    const Lookup lookup = [&](const std::string &name) -> const std::string * {
        const auto found = environment_.find(name);
        return found == environment_.end() ? nullptr : &found->second;
    };
    Expansion expansion = expand(node.text, lookup, budget_.left);
    budget_.left -= std::min(budget_.left, expansion.text.size());
    bool usable = true;
    for (const ExpansionProblem &problem : expansion.problems) {
        report(node, problem);
        usable = usable && problem.kind == ExpansionProblem::Kind::unset;
    }
    // As it is written it makes fewer errors follow than as an empty string.
    if (usable)
        node.text = std::move(expansion.text);
}

void Interpolator::report(const Node &node, const ExpansionProblem &problem) {
    switch (problem.kind) {
    case ExpansionProblem::Kind::unset:
        if (unset_.emplace(problem.name, diagnostics_.all().size()).second)
            diagnostics_.warning(locate(node, problem.offset), path_.text(),
                                 "the \"" + problem.name
                                     + "\" variable is not set, defaulting to a blank string",
                                 unset_hint(node.text, problem.name));
        break;
    case ExpansionProblem::Kind::required: {
        std::string message = "required variable " + problem.name + " is missing a value";
        if (!problem.message.empty())
            message += ": " + problem.message;
        const bool empty = environment_.contains(problem.name);
        const std::string similar = empty ? "" : base::did_you_mean(problem.name, names_);
        diagnostics_.error(locate(node, problem.offset), path_.text(), std::move(message),
                           empty             ? "it is set, but empty"
                           : similar.empty() ? "set it in the environment or in .env"
                                             : similar);
        break;
    }
    case ExpansionProblem::Kind::invalid:
        diagnostics_.error(locate(node, problem.offset), path_.text(),
                           "invalid interpolation format: " + problem.message,
                           "write \"$$\" for a \"$\" that is meant literally");
        break;
    case ExpansionProblem::Kind::too_long:
        if (!std::exchange(budget_.exceeded, true))
            diagnostics_.error(locate(node, problem.offset), path_.text(),
                               "the values of variables add up to more than "
                                   + std::to_string(ExpansionBudget::whole >> 20) + " MiB",
                               "move large content into files of its own");
        break;
    }
}

std::string Interpolator::unset_hint(const std::string &written, const std::string &name) const {
    if (looks_like_hash(written) && written.size() < 200 && written.find('\n') == std::string::npos)
        return "if the dollars are part of the value, write " + escape_dollars(written);
    const std::string similar = base::did_you_mean(name, names_);
    return (similar.empty() ? "set it in the environment or in .env," : similar + " Otherwise set it,")
           + " or write \"$$" + name + "\" if the \"$\" is meant literally";
}

// The nth dollar of the value is the nth after the place where the value begins in the file.
Location Interpolator::locate(const Node &node, std::size_t offset) {
    const std::string &written = node.text;
    if (!node.location.known())
        return node.location;
    const auto earlier =
        std::count(written.begin(), written.begin() + static_cast<std::ptrdiff_t>(offset), '$');
    const base::LineIndex &lines =
        lines_.try_emplace(node.location.source.get(), node.location.source).first->second;
    const std::string &text = node.location.source->text;
    std::size_t at = text.find('$', lines.offset_of(node.location));
    for (auto left = earlier; left > 0 && at != std::string::npos; --left)
        at = text.find('$', at + 1);
    return at == std::string::npos ? node.location : lines.at(at);
}

} // namespace compose

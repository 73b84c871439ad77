#include "base/diagnostic.hpp"

#include "base/excerpt.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace base {

namespace {

// More than a person reads.
constexpr std::size_t shown_at_most = 50;

using Place = std::tuple<std::string_view, std::uint32_t, std::uint32_t>;

Place place(const Location &location) {
    return {location.known() ? std::string_view(location.source->name) : std::string_view(), location.line,
            location.column};
}

struct Style {
    bool colour;

    [[nodiscard]] std::string operator()(const char *code, const std::string &text) const {
        return colour ? std::string("\x1b[") + code + "m" + text + "\x1b[0m" : text;
    }
};

constexpr const char *bold = "1";
constexpr const char *red = "1;31";
constexpr const char *yellow = "1;33";
constexpr const char *cyan = "1;36";

std::string heading(const Style &style, const Location &location, const char *colour, const char *word,
                    const std::string &message) {
    std::string line;
    if (location.known())
        line = style(bold, to_string(location) + ":") + " ";
    return line + style(colour, std::string(word) + ":") + " " + message + "\n";
}

std::string without_last_break(std::string text) {
    if (!text.empty())
        text.pop_back();
    return text;
}

} // namespace

Diagnostic &Diagnostics::error(Location location, std::string path, std::string message, std::string hint) {
    return all_.emplace_back(Diagnostic{
        Severity::error, std::move(location), std::move(path), std::move(message), std::move(hint), {}});
}

Diagnostic &Diagnostics::warning(Location location, std::string path, std::string message, std::string hint) {
    return all_.emplace_back(Diagnostic{
        Severity::warning, std::move(location), std::move(path), std::move(message), std::move(hint), {}});
}

bool Diagnostics::unsupported(Location location, std::string path, std::string message, std::string hint) {
    const bool wrong = unsupported_ == Unsupported::error;
    all_.push_back({wrong ? Severity::error : Severity::warning,
                    std::move(location),
                    std::move(path),
                    std::move(message),
                    std::move(hint),
                    {}});
    return wrong;
}

bool Diagnostics::has_errors() const {
    return std::any_of(all_.begin(), all_.end(),
                       [](const Diagnostic &each) { return each.severity == Severity::error; });
}

std::vector<Diagnostic> Diagnostics::sorted() const {
    std::vector<Diagnostic> result = all_;
    std::stable_sort(result.begin(), result.end(), [](const Diagnostic &a, const Diagnostic &b) {
        return place(a.location) < place(b.location);
    });
    std::set<std::tuple<Place, Severity, std::string>> seen;
    std::vector<Diagnostic> unique;
    for (Diagnostic &each : result)
        if (seen.emplace(place(each.location), each.severity, each.message).second)
            unique.push_back(std::move(each));
    return unique;
}

std::string render(const Diagnostic &diagnostic, bool colour) {
    const Style style{colour};
    const bool error = diagnostic.severity == Severity::error;
    std::string message = diagnostic.message;
    if (!diagnostic.location.known() && !diagnostic.path.empty())
        message = diagnostic.path + ": " + message;
    std::string text =
        heading(style, diagnostic.location, error ? red : yellow, error ? "error" : "warning", message);
    text += excerpt(diagnostic.location);
    for (const Note &note : diagnostic.notes) {
        text += heading(style, note.location, cyan, "note", note.text);
        text += excerpt(note.location);
    }
    if (!diagnostic.hint.empty())
        text += style(cyan, "hint:") + " " + diagnostic.hint + "\n";
    return text;
}

std::string render(const std::vector<Diagnostic> &diagnostics, bool colour) {
    std::string text;
    for (std::size_t index = 0; index < std::min(diagnostics.size(), shown_at_most); ++index)
        text += render(diagnostics[index], colour);
    if (diagnostics.size() > shown_at_most)
        text += "and " + std::to_string(diagnostics.size() - shown_at_most) + " more\n";
    return text;
}

LoadError::LoadError(std::vector<Diagnostic> diagnostics)
    : Error(without_last_break(render(diagnostics, false))), diagnostics_(std::move(diagnostics)) {}

} // namespace base

#include "engine/build/ignore_rules.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/build/slash_path.hpp"
#include "engine/build/text.hpp"

#include <algorithm>

namespace build {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

} // namespace

IgnoreRules::IgnoreRules(const std::shared_ptr<const base::Source> &source, base::Diagnostics &diagnostics) {
    std::string_view text = source->text;
    if (text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    for (std::uint32_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!line.starts_with('#'))
            add(line, {source, number, 1}, diagnostics);
    }
}

IgnoreRules::IgnoreRules(const std::vector<std::string> &patterns, const base::Location &location,
                         base::Diagnostics &diagnostics) {
    for (const std::string &pattern : patterns)
        add(pattern, location, diagnostics);
}

IgnoreRules IgnoreRules::read(const std::filesystem::path &context, const std::filesystem::path &dockerfile,
                              base::Diagnostics &diagnostics) {
    const std::filesystem::path own = dockerfile.string() + ".dockerignore";
    for (const std::filesystem::path &path : {own, context / ".dockerignore"})
        if (auto text = base::read_file_if(path))
            return IgnoreRules(std::make_shared<base::Source>(base::Source{path.string(), std::move(*text)}),
                               diagnostics);
    return {};
}

void IgnoreRules::add(std::string_view line, const base::Location &location, base::Diagnostics &diagnostics) {
    std::string_view text = trim(line);
    if (text.empty())
        return;
    const bool brings_back = text.starts_with('!');
    if (brings_back)
        text = trim_left(text.substr(1));
    if (text.empty()) {
        diagnostics.error(location, {}, "there is no pattern after \"!\"", "write !PATTERN");
        return;
    }
    std::string pattern = clean_path(text);
    if (pattern.size() > 1 && pattern.front() == '/')
        pattern.erase(0, 1);
    try {
        rules_.push_back({PathPattern(pattern, PathPattern::Dialect::ignore), brings_back});
    } catch (const base::Error &error) {
        diagnostics.error(location, {}, error.what(), error.hint());
    }
}

bool IgnoreRules::ignores(std::string_view path) const {
    bool ignored = false;
    for (const Rule &rule : rules_) {
        if (rule.brings_back != ignored)
            continue; // would change nothing
        bool matches = rule.pattern.matches(path);
        for (std::size_t slash = path.find('/'); !matches && slash != std::string_view::npos;
             slash = path.find('/', slash + 1))
            matches = rule.pattern.matches(path.substr(0, slash));
        if (matches)
            ignored = !ignored;
    }
    return ignored;
}

bool IgnoreRules::ignores_all_below(std::string_view directory) const {
    if (!ignores(directory))
        return false;
    return std::none_of(rules_.begin(), rules_.end(), [directory](const Rule &rule) {
        return rule.brings_back && rule.pattern.may_match_below(directory);
    });
}

} // namespace build

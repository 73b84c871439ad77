#include "engine/build/file_checks.hpp"

#include "engine/build/remote_source.hpp"
#include "engine/build/slash_path.hpp"
#include "engine/build/text.hpp"

#include <algorithm>

namespace build {

namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

bool is_directive(std::string_view comment) {
    const std::string key(trim(comment.substr(0, comment.find('='))));
    return comment.find('=') != std::string_view::npos
           && (lower(key) == "syntax" || lower(key) == "escape" || lower(key) == "check");
}

class Descriptions {
  public:
    Descriptions(const Dockerfile &file, base::Diagnostics &diagnostics)
        : file_(file), diagnostics_(diagnostics), lines_(lines_of(file.source->text)) {}

    void check(const std::vector<std::string> &names, const base::Location &location) {
        bool any = false;
        for (std::size_t line = location.line - 1; line > 0; --line) {
            const std::string_view text = trim(lines_[line - 1]);
            if (!text.starts_with('#') || is_directive(text.substr(1)))
                break;
            any = true;
            const std::string_view comment = trim(text.substr(1));
            if (std::any_of(names.begin(), names.end(), [&](const std::string &name) {
                    return !name.empty() && comment.starts_with(name + " ");
                }))
                return;
        }
        if (any && !names.front().empty())
            file_.checks.report(diagnostics_, check::invalid_definition_description, location,
                                "the comment above does not describe \"" + names.front() + "\"",
                                "write \"# " + names.front()
                                    + " DESCRIPTION\", or leave a blank line behind the comment");
    }

    void check(const Instruction &instruction) {
        const auto *arg = std::get_if<Arg>(&instruction.action);
        if (arg == nullptr)
            return;
        std::vector<std::string> names;
        for (const Argument &argument : arg->arguments)
            names.push_back(argument.name.text);
        if (!names.empty())
            check(names, instruction.location);
    }

  private:
    const Dockerfile &file_;
    base::Diagnostics &diagnostics_;
    std::vector<std::string_view> lines_;
};

} // namespace

void check_descriptions(const Dockerfile &file, base::Diagnostics &diagnostics) {
    if (!file.checks.is_experimental(check::invalid_definition_description))
        return;
    Descriptions descriptions(file, diagnostics);
    for (const Instruction &instruction : file.arguments)
        descriptions.check(instruction);
    for (const Stage &stage : file.stages) {
        descriptions.check({stage.from.name.text}, stage.location);
        for (const Instruction &instruction : stage.instructions)
            descriptions.check(instruction);
    }
}

void check_ignored_files(const Dockerfile &file, const IgnoreRules &ignored, base::Diagnostics &diagnostics) {
    for (const Stage &stage : file.stages)
        for (const Instruction &instruction : stage.instructions) {
            const auto *copy = std::get_if<Copy>(&instruction.action);
            const auto *add = std::get_if<Add>(&instruction.action);
            if ((copy == nullptr || !copy->from.text.empty()) && add == nullptr)
                continue;
            for (const Word &source : copy != nullptr ? copy->files.sources : add->files.sources) {
                // What patterns and variables stand for is not known yet.
                const bool is_plain = source.text.find_first_of("$*?[\\\"'") == std::string::npos
                                      && !(add != nullptr && is_remote_source(source.text));
                const std::string path = clean_path("/" + source.text).substr(1);
                if (is_plain && !path.empty() && ignored.ignores_all_below(path))
                    file.checks.report(diagnostics, check::copy_ignored_file, source.location,
                                       "\"" + source.text + "\" is left out by .dockerignore",
                                       "change one of them");
            }
        }
}

} // namespace build

#include "engine/build/parse.hpp"

#include "engine/build/file_checks.hpp"
#include "engine/build/instruction_parser.hpp"
#include "engine/build/line_reader.hpp"
#include "engine/build/text.hpp"

#include <map>
#include <set>
#include <utility>

namespace build {

namespace {

using base::Diagnostics;

// Nobody writes that many; stages are visited one within the other.
constexpr std::size_t most_stages = 1000;

bool takes_heredocs(const Statement &statement, std::string_view line, char escape) {
    const std::string name = upper(statement.name);
    if (name != "ONBUILD")
        return name == "RUN" || name == "COPY" || name == "ADD";
    const Statement trigger = take_apart(line, statement.rest.offset, escape);
    return upper(trigger.name) != "ONBUILD" && takes_heredocs(trigger, line, escape);
}

// The next instruction and its name as written. Its here-documents are read even when it is wrong: their
// lines are no instructions.
std::optional<std::pair<std::string, std::optional<Instruction>>>
read_instruction(LineReader &reader, const Checks &checks, Diagnostics &diagnostics) {
    const auto line = reader.next();
    if (!line)
        return std::nullopt;
    const char escape = reader.directives().escape;
    const Statement statement = take_apart(line->text, 0, escape);
    Input input{*line, statement, {}, escape, checks, diagnostics};
    Instruction result;
    result.last_line = line->last_line;
    if (takes_heredocs(statement, line->text, escape)) {
        input.heredocs = heredocs_in(line->text);
        for (Heredoc &heredoc : input.heredocs) {
            reader.read(heredoc, input.location());
            result.last_line = reader.line();
        }
    }
    if (line->empty_line)
        input.warn(check::no_empty_continuation, *line->empty_line,
                   "a blank line is within a continued instruction", "remove it, or begin it with \"#\"");
    if (statement.name.empty())
        return std::pair(statement.name, std::optional<Instruction>());
    auto action = parse_action(input);
    if (!action)
        return std::pair(statement.name, std::optional<Instruction>());
    result.name = input.name();
    result.location = input.location();
    result.text = trim(line->text);
    result.action = std::move(*action);
    return std::pair(statement.name, std::optional(std::move(result)));
}

class Parser {
  public:
    Parser(std::shared_ptr<const base::Source> source, Diagnostics &diagnostics)
        : reader_(source, diagnostics), diagnostics_(diagnostics) {
        file_.source = std::move(source);
    }

    Dockerfile run() {
        bool anything = false;
        configure();
        while (auto read = read_instruction(reader_, file_.checks, diagnostics_)) {
            anything = true;
            if (read->second)
                add(read->first, std::move(*read->second));
        }
        if (!anything)
            diagnostics_.error({file_.source, 0, 0}, {}, "there is no instruction in it",
                               "begin with FROM IMAGE");
        else if (file_.stages.empty() && !diagnostics_.has_errors())
            diagnostics_.error({file_.source, 0, 0}, {}, "there is no FROM in it", "begin with FROM IMAGE");
        check_stage_names();
        check_casing();
        for (const Stage &stage : file_.stages)
            check_once(stage);
        check_descriptions(file_, diagnostics_);
        return std::move(file_);
    }

  private:
    void configure() {
        // A second reader, that stops at the first instruction; what is wrong is reported by the other.
        Diagnostics ignored;
        LineReader ahead(file_.source, ignored);
        static_cast<void>(ahead.next());
        file_.syntax = ahead.directives().syntax;
        file_.escape = ahead.directives().escape;
        file_.checks = Checks(ahead.directives().check, diagnostics_);
    }

    void add(const std::string &written, Instruction instruction) {
        casing_.push_back({written, instruction.location});
        if (auto *from = std::get_if<From>(&instruction.action)) {
            const std::size_t index = file_.stages.size();
            if (index == most_stages)
                diagnostics_.error(instruction.location, {},
                                   "there are more than " + std::to_string(most_stages) + " stages",
                                   "split the file");
            if (index >= most_stages)
                return;
            file_.stages.push_back({index, std::move(*from), instruction.location, {}});
        } else if (!file_.stages.empty()) {
            file_.stages.back().instructions.push_back(std::move(instruction));
        } else if (std::holds_alternative<Arg>(instruction.action)) {
            file_.arguments.push_back(std::move(instruction));
        } else if (!headless_) {
            headless_ = true;
            diagnostics_.error(instruction.location, {}, instruction.name + " stands before the first FROM",
                               "begin with FROM IMAGE; only ARG may precede it");
        }
    }

    void check_stage_names() {
        std::set<std::string> seen;
        for (const Stage &stage : file_.stages) {
            const Word &name = stage.from.name;
            if (name.text == "scratch" || name.text == "context")
                file_.checks.report(diagnostics_, check::reserved_stage_name, name.location,
                                    "the stage name \"" + name.text + "\" has a meaning of its own",
                                    "choose another");
            if (!name.text.empty() && !seen.insert(name.text).second)
                file_.checks.report(diagnostics_, check::duplicate_stage_name, name.location,
                                    "there is a stage \"" + name.text + "\" already",
                                    "choose another name: the last one of that name is meant by it");
        }
    }

    void check_casing() {
        std::size_t lower_case = 0, upper_case = 0;
        for (const auto &[name, location] : casing_) {
            lower_case += name == lower(name);
            upper_case += name == upper(name);
        }
        const bool want_lower = lower_case > upper_case;
        for (const auto &[name, location] : casing_) {
            const std::string wanted = want_lower ? lower(name) : upper(name);
            if (name != wanted)
                file_.checks.report(diagnostics_, check::consistent_instruction_casing, location,
                                    "\"" + name + "\" is not in the case of most instructions",
                                    "write " + wanted);
        }
    }

    void check_once(const Stage &stage) {
        std::map<std::string, const Instruction *> last;
        for (const Instruction &instruction : stage.instructions) {
            const std::string &name = instruction.name;
            if (name != "CMD" && name != "ENTRYPOINT" && name != "HEALTHCHECK")
                continue;
            if (const Instruction *earlier = std::exchange(last[name], &instruction))
                file_.checks.report(diagnostics_, check::multiple_instructions, earlier->location,
                                    "this " + name + " has no effect, for another one follows", "remove it");
        }
    }

    LineReader reader_;
    Diagnostics &diagnostics_;
    Dockerfile file_;
    std::vector<std::pair<std::string, base::Location>> casing_;
    bool headless_ = false;
};

} // namespace

Dockerfile parse_dockerfile(std::shared_ptr<const base::Source> source, Diagnostics &diagnostics) {
    return Parser(std::move(source), diagnostics).run();
}

std::optional<Instruction> parse_trigger(std::shared_ptr<const base::Source> trigger, const Checks &checks,
                                         Diagnostics &diagnostics) {
    LineReader reader(std::move(trigger), diagnostics);
    auto read = read_instruction(reader, checks, diagnostics);
    return read ? std::move(read->second) : std::nullopt;
}

} // namespace build

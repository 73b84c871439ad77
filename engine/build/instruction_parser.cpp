#include "engine/build/instruction_parser.hpp"

#include "base/suggest.hpp"
#include "engine/build/text.hpp"

#include <algorithm>
#include <map>

namespace build {

namespace {

std::optional<Word> only_argument(const Input &input, const char *example) {
    if (!input.statement.rest.text.empty())
        return input.word(input.statement.rest);
    input.error(input.location(), input.name() + " needs an argument", std::string("write ") + example);
    return std::nullopt;
}

template <typename Result>
Action with_argument(const Input &input, const char *example) {
    const Flags none(input, {});
    return Result{only_argument(input, example).value_or(Word{{}, input.location()})};
}

Action parse_maintainer(const Input &input) {
    input.warn(check::maintainer_deprecated, input.location(), "MAINTAINER is deprecated",
               "write LABEL org.opencontainers.image.authors=\"...\"");
    const Flags none(input, {});
    return Maintainer{only_argument(input, "MAINTAINER NAME").value_or(Word{}).text};
}

template <typename Result>
Action parse_image_command(const Input &input) {
    const Flags none(input, {});
    CommandLine command = parse_command(input, input.statement.rest);
    if (!command.exec && !command.words.empty())
        input.warn(check::json_args_recommended, input.location(),
                   input.name() + " in shell form keeps signals from the program",
                   "write " + input.name() + " [\"program\", \"argument\"]");
    return Result{std::move(command)};
}

Action parse_shell(const Input &input) {
    const Flags none(input, {});
    CommandLine command = parse_command(input, input.statement.rest);
    if (!command.exec || command.words.empty())
        input.error(input.rest_location(), "SHELL takes its words in JSON form only",
                    "write SHELL [\"/bin/bash\", \"-c\"]");
    return Shell{std::move(command.words)};
}

using Function = Action (*)(const Input &);

const std::map<std::string, Function> functions{
    {"ADD", parse_add},
    {"ARG", parse_arg},
    {"CMD", parse_image_command<Cmd>},
    {"COPY", parse_copy},
    {"ENTRYPOINT", parse_image_command<Entrypoint>},
    {"ENV", parse_env},
    {"EXPOSE", parse_expose},
    {"FROM", parse_from},
    {"HEALTHCHECK", parse_healthcheck},
    {"LABEL", parse_label},
    {"MAINTAINER", parse_maintainer},
    {"ONBUILD", parse_onbuild},
    {"RUN", parse_run},
    {"SHELL", parse_shell},
    {"STOPSIGNAL", [](const Input &input) { return with_argument<StopSignal>(input, "STOPSIGNAL SIGTERM"); }},
    {"USER", [](const Input &input) { return with_argument<User>(input, "USER NAME"); }},
    {"VOLUME", parse_volume},
    {"WORKDIR", [](const Input &input) { return with_argument<Workdir>(input, "WORKDIR /path"); }},
};

} // namespace

const std::vector<std::string> &instruction_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> result;
        for (const auto &[name, function] : functions)
            result.push_back(name);
        return result;
    }();
    return names;
}

std::string Input::name() const {
    return upper(statement.name);
}

std::vector<Word> Input::words(const std::vector<Part> &parts) const {
    std::vector<Word> result;
    for (const Part &part : parts)
        result.push_back(word(part));
    return result;
}

void Input::error(const base::Location &where, const std::string &message, std::string hint) const {
    diagnostics.error(where, {}, message, std::move(hint));
}

void Input::warn(const char *check, const base::Location &where, const std::string &message,
                 std::string hint) const {
    checks.report(diagnostics, check, where, message, std::move(hint));
}

std::optional<Action> parse_action(const Input &input) {
    if (const auto found = functions.find(input.name()); found != functions.end())
        return found->second(input);
    input.error(input.location(), "unknown instruction \"" + input.statement.name + "\"",
                base::did_you_mean(input.name(), instruction_names()));
    return std::nullopt;
}

CommandLine parse_command(const Input &input, const Part &text) {
    CommandLine command;
    command.heredocs = input.heredocs;
    if (const auto json = json_words(text)) {
        command.exec = true;
        for (const Part &word : json->words)
            command.words.push_back(word.text);
        if (!json->only_strings)
            input.error(input.line.at(text.offset), "the exec form takes strings only",
                        "put double quotes around every word");
    } else if (!text.text.empty()) {
        command.words.push_back(text.text);
    }
    return command;
}

Flags::Flags(const Input &input, std::initializer_list<Known> known) {
    for (const Part &flag : input.statement.flags)
        take(input, flag, known);
}

void Flags::take(const Input &input, const Part &flag, std::initializer_list<Known> known) {
    const base::Location where = input.line.at(flag.offset);
    const std::size_t equals = flag.text.find('=');
    const std::string name = flag.text.substr(2, equals == std::string::npos ? equals : equals - 2);
    const auto found =
        std::find_if(known.begin(), known.end(), [&](const Known &each) { return name == each.name; });
    if (found == known.end()) {
        std::vector<std::string> names;
        for (const Known &each : known)
            names.push_back(std::string("--") + each.name);
        return input.error(where, input.name() + " has no flag \"--" + name + "\"",
                           base::did_you_mean("--" + name, names));
    }
    const bool repeated =
        std::any_of(given_.begin(), given_.end(), [&](const Given &each) { return each.name == name; });
    if (repeated && found->kind != Kind::list)
        return input.error(where, "the flag --" + name + " is given twice", "keep the one that is meant");
    std::string value;
    if (equals != std::string::npos)
        value = flag.text.substr(equals + 1);
    if (found->kind == Kind::truth) {
        value = equals == std::string::npos ? "true" : lower(value);
        if (value != "true" && value != "false")
            return input.error(where, "the flag --" + name + " is true or false, not \"" + value + "\"",
                               "write --" + name + "=true");
    } else if (equals == std::string::npos) {
        return input.error(where, "the flag --" + name + " needs a value", "write --" + name + "=VALUE");
    }
    given_.push_back({name, {std::move(value), input.line.at(flag.offset)}});
}

Word Flags::text(const std::string &name) const {
    for (const Given &each : given_)
        if (each.name == name)
            return each.value;
    return {};
}

std::vector<Word> Flags::list(const std::string &name) const {
    std::vector<Word> result;
    for (const Given &each : given_)
        if (each.name == name)
            result.push_back(each.value);
    return result;
}

std::optional<bool> Flags::truth(const std::string &name) const {
    for (const Given &each : given_)
        if (each.name == name)
            return each.value.text == "true";
    return std::nullopt;
}

} // namespace build

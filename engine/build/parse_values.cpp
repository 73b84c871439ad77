// ENV, LABEL, ARG, EXPOSE, VOLUME and HEALTHCHECK.
#include "engine/build/instruction_parser.hpp"
#include "engine/build/text.hpp"

#include <charconv>

namespace build {

namespace {

std::vector<KeyValue> parse_pairs(const Input &input) {
    std::vector<KeyValue> pairs;
    const std::string name = input.name();
    const std::vector<Part> words = quoted_words(input.statement.rest, input.escape);
    if (words.empty()) {
        input.error(input.location(), name + " needs a name and a value", "write " + name + " NAME=VALUE");
        return pairs;
    }
    if (words[0].text.find('=') == std::string::npos) {
        const std::string_view rest = input.statement.rest.text;
        const std::vector<Part> plain = plain_words(input.statement.rest);
        if (plain.size() < 2) {
            input.error(input.rest_location(), name + " " + words[0].text + " has no value",
                        "write " + name + " " + words[0].text + "=VALUE");
            return pairs;
        }
        input.warn(check::legacy_key_value_format, input.location(),
                   "the name and the value are separated by a space", "write " + name + " NAME=VALUE");
        const std::size_t value = plain[1].offset - input.statement.rest.offset;
        pairs.push_back(
            {input.word(plain[0]), input.word({std::string(rest.substr(value)), plain[1].offset})});
        return pairs;
    }
    for (const Part &word : words) {
        const std::size_t equals = word.text.find('=');
        const base::Location where = input.line.at(word.offset);
        if (equals == std::string::npos)
            input.error(where, "\"" + word.text + "\" has no value",
                        "write NAME=VALUE, with quotes around a value that has spaces");
        else if (equals == 0)
            input.error(where, "\"" + word.text + "\" has no name", "write NAME=VALUE");
        else
            pairs.push_back({{word.text.substr(0, equals), where},
                             {word.text.substr(equals + 1), input.line.at(word.offset + equals + 1)}});
    }
    return pairs;
}

void check_secret(const Input &input, const Word &name) {
    if (names_secret(name.text))
        input.warn(check::secrets_used, name.location,
                   input.name() + " \"" + name.text + "\" puts what looks like a secret into the image",
                   "give it to the step that needs it with RUN --mount=type=secret");
}

std::optional<base::Duration> duration(const Input &input, const Word &flag) {
    if (!flag.location.known() || flag.text.empty())
        return std::nullopt;
    const auto value = base::parse_duration(flag.text);
    if (!value) {
        input.error(flag.location, "\"" + flag.text + "\" is no duration", "write e.g. 30s or 1m30s");
    } else if (*value != base::Duration::zero() && *value < std::chrono::milliseconds(1)) {
        input.error(flag.location, "the duration \"" + flag.text + "\" is below a millisecond",
                    "write 1ms or more, or 0 for the default");
    } else if (*value != base::Duration::zero()) {
        return value;
    }
    return std::nullopt;
}

std::optional<int> retries(const Input &input, const Word &flag) {
    if (!flag.location.known() || flag.text.empty())
        return std::nullopt;
    int value = 0;
    const char *end = flag.text.data() + flag.text.size();
    const auto parsed = std::from_chars(flag.text.data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end || value < 0) {
        input.error(flag.location, "\"" + flag.text + "\" is no number of retries",
                    "write a number from 0 on");
        return std::nullopt;
    }
    return value ? std::optional(value) : std::nullopt;
}

} // namespace

Action parse_env(const Input &input) {
    const Flags none(input, {});
    Env env{parse_pairs(input)};
    for (const KeyValue &pair : env.variables)
        check_secret(input, pair.key);
    return env;
}

Action parse_label(const Input &input) {
    const Flags none(input, {});
    return Label{parse_pairs(input)};
}

Action parse_arg(const Input &input) {
    const Flags none(input, {});
    Arg arg;
    for (const Part &word : quoted_words(input.statement.rest, input.escape)) {
        const std::size_t equals = word.text.find('=');
        Argument &argument = arg.arguments.emplace_back();
        argument.name = {word.text.substr(0, equals), input.line.at(word.offset)};
        if (equals != std::string::npos)
            argument.value = Word{word.text.substr(equals + 1), input.line.at(word.offset + equals + 1)};
        if (equals == 0) {
            input.error(argument.name.location, "\"" + word.text + "\" has no name",
                        "write ARG NAME or ARG NAME=DEFAULT");
            arg.arguments.pop_back();
            continue;
        }
        check_secret(input, argument.name);
    }
    if (input.statement.rest.text.empty())
        input.error(input.location(), "ARG needs a name", "write ARG NAME or ARG NAME=DEFAULT");
    return arg;
}

Action parse_expose(const Input &input) {
    const Flags none(input, {});
    Expose expose{input.words(plain_words(input.statement.rest))};
    if (expose.ports.empty())
        input.error(input.location(), "EXPOSE needs a port", "write EXPOSE 8080 or EXPOSE 53/udp");
    return expose;
}

Action parse_volume(const Input &input) {
    const Flags none(input, {});
    Volume volume;
    if (const auto json = json_words(input.statement.rest)) {
        volume.paths = input.words(json->words);
        if (!json->only_strings)
            input.error(input.rest_location(), "the JSON form takes strings only",
                        "put double quotes around every path");
    } else {
        volume.paths = input.words(plain_words(input.statement.rest));
    }
    if (volume.paths.empty())
        input.error(input.location(), "VOLUME needs a path", "write VOLUME /data");
    for (Word &path : volume.paths) {
        path.text = trim(path.text);
        if (path.text.empty())
            input.error(path.location, "the path of a VOLUME is empty", "write VOLUME /data");
    }
    return volume;
}

Action parse_healthcheck(const Input &input) {
    const Flags flags(input, {{"interval", Flags::Kind::text},
                              {"timeout", Flags::Kind::text},
                              {"start-period", Flags::Kind::text},
                              {"start-interval", Flags::Kind::text},
                              {"retries", Flags::Kind::text}});
    Healthcheck result;
    const Part &rest = input.statement.rest;
    const std::vector<Part> words = plain_words(rest);
    const std::string kind = words.empty() ? std::string() : upper(words[0].text);
    if (kind == "NONE") {
        result.value.test = {"NONE"};
        if (words.size() > 1)
            input.error(input.line.at(words[1].offset), "nothing may follow HEALTHCHECK NONE",
                        "write HEALTHCHECK NONE");
        return result;
    }
    if (kind != "CMD") {
        input.error(words.empty() ? input.location() : input.line.at(words[0].offset),
                    "HEALTHCHECK is followed by CMD or NONE", "write HEALTHCHECK CMD COMMAND");
        return result;
    }
    Part command = rest;
    command.offset = skip_space(input.line.text, rest.offset + words[0].text.size());
    command.text = rest.text.substr(std::min(command.offset - rest.offset, rest.text.size()));
    CommandLine line = parse_command(input, command);
    if (line.words.empty())
        input.error(input.rest_location(), "HEALTHCHECK CMD has no command", "write HEALTHCHECK CMD COMMAND");
    result.value.test = {line.exec ? "CMD" : "CMD-SHELL"};
    result.value.test.insert(result.value.test.end(), line.words.begin(), line.words.end());
    result.value.interval = duration(input, flags.text("interval"));
    result.value.timeout = duration(input, flags.text("timeout"));
    result.value.start_period = duration(input, flags.text("start-period"));
    result.value.start_interval = duration(input, flags.text("start-interval"));
    result.value.retries = retries(input, flags.text("retries"));
    return result;
}

} // namespace build

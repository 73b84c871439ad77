#include "engine/image/changes.hpp"

#include "base/error.hpp"
#include "base/json.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace image {

namespace {

using Strings = std::vector<std::string>;

[[noreturn]] void wrong(const std::string &why) {
    throw base::Error(why);
}

std::string_view trim(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    while (!text.empty() && blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && blank(text.back()))
        text.remove_suffix(1);
    return text;
}

std::optional<Strings> json_list(std::string_view text) {
    if (!text.starts_with('['))
        return std::nullopt;
    try {
        return base::parse_json(text, "list").get<Strings>();
    } catch (const std::exception &) {
        return std::nullopt; // a shell command may begin with a bracket too
    }
}

Strings command(const ImageConfig &config, std::string_view text) {
    if (auto list = json_list(text))
        return *std::move(list);
    Strings words = config.shell.empty() ? Strings{"/bin/sh", "-c"} : config.shell;
    words.emplace_back(text);
    return words;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

// NAME=VALUE ..., or the old form NAME VALUE WITH BLANKS.
Pairs pairs(std::string_view text, const Strings &env) {
    const auto blank = text.find_first_of(" \t");
    if (text.substr(0, blank).find('=') == std::string_view::npos) {
        if (blank == std::string_view::npos)
            wrong("a value is missing after " + std::string(text));
        std::string value;
        for (const std::string &word : split_words(text.substr(blank), env))
            value += (value.empty() ? "" : " ") + word;
        return {{std::string(text.substr(0, blank)), value}};
    }
    Pairs result;
    for (const std::string &word : split_words(text, env)) {
        const auto equals = word.find('=');
        if (equals == std::string::npos || equals == 0)
            wrong("\"" + word + "\" is not NAME=VALUE");
        result.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    }
    return result;
}

void set_env(ImageConfig &config, std::string_view text) {
    for (const auto &[name, value] : pairs(text, config.env)) {
        std::erase_if(config.env,
                      [&, &key = name](const std::string &entry) { return entry.starts_with(key + "="); });
        config.env.push_back(name + "=" + value);
    }
}

int port_number(std::string_view text) {
    int port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port < 1 || port > 65535)
        wrong("\"" + std::string(text) + "\" is not a port");
    return port;
}

void expose(ImageConfig &config, const std::string &word) {
    const auto slash = word.find('/');
    const std::string protocol = slash == std::string::npos ? "tcp" : word.substr(slash + 1);
    if (protocol != "tcp" && protocol != "udp" && protocol != "sctp")
        wrong("\"" + protocol + "\" is not tcp, udp or sctp");
    const std::string ports = word.substr(0, slash);
    const auto dash = ports.find('-');
    const int first = port_number(std::string_view(ports).substr(0, dash));
    const int last =
        dash == std::string::npos ? first : port_number(std::string_view(ports).substr(dash + 1));
    for (int port = first; port <= last; ++port)
        config.exposed_ports.insert(std::to_string(port) + "/" + protocol);
}

std::string single(std::string_view text, const Strings &env) {
    const Strings words = split_words(text, env);
    if (words.size() != 1)
        wrong("exactly one value is expected");
    return words.front();
}

std::string joined_directory(const ImageConfig &config, const std::string &path) {
    if (path.starts_with('/'))
        return path;
    return (config.working_dir.ends_with('/') ? config.working_dir : config.working_dir + "/") + path;
}

void set_healthcheck_option(Healthcheck &check, std::string_view option) {
    const auto equals = option.find('=');
    const std::string_view name = option.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? "" : option.substr(equals + 1);
    if (name == "--retries") {
        check.retries = port_number(value);
        return;
    }
    const auto duration = base::parse_duration(value);
    if (!duration)
        wrong("\"" + std::string(value) + "\" is not a duration like 30s");
    if (name == "--interval")
        check.interval = duration;
    else if (name == "--timeout")
        check.timeout = duration;
    else if (name == "--start-period")
        check.start_period = duration;
    else if (name == "--start-interval")
        check.start_interval = duration;
    else
        wrong("unknown option " + std::string(name));
}

void set_healthcheck(ImageConfig &config, std::string_view text) {
    Healthcheck check;
    while (text.starts_with("--")) {
        const auto blank = std::min(text.find_first_of(" \t"), text.size());
        set_healthcheck_option(check, text.substr(0, blank));
        text = trim(text.substr(blank));
    }
    if (text == "NONE" || text == "none") {
        check.test = {"NONE"};
    } else if (text.starts_with("CMD ") || text.starts_with("cmd ") || text.starts_with("CMD[")) {
        text = trim(text.substr(3));
        check.test = {"CMD-SHELL", std::string(text)};
        if (auto list = json_list(text)) {
            check.test = {"CMD"};
            check.test.insert(check.test.end(), list->begin(), list->end());
        }
    } else {
        wrong("HEALTHCHECK takes NONE or [options] CMD command");
    }
    config.healthcheck = std::move(check);
}

void apply(ImageConfig &config, const std::string &verb, std::string_view text) {
    if (verb == "CMD") {
        config.cmd = command(config, text);
    } else if (verb == "ENTRYPOINT") {
        config.entrypoint = command(config, text);
    } else if (verb == "ENV") {
        set_env(config, text);
    } else if (verb == "EXPOSE") {
        for (const std::string &word : split_words(text, config.env))
            expose(config, word);
    } else if (verb == "VOLUME") {
        for (const std::string &path : json_list(text).value_or(split_words(text, config.env)))
            config.volumes.insert(path);
    } else if (verb == "USER") {
        config.user = single(text, config.env);
    } else if (verb == "WORKDIR") {
        config.working_dir = joined_directory(config, single(text, config.env));
    } else if (verb == "LABEL") {
        for (const auto &[name, value] : pairs(text, config.env))
            config.labels[name] = value;
    } else if (verb == "STOPSIGNAL") {
        config.stop_signal = single(text, config.env);
    } else if (verb == "HEALTHCHECK") {
        set_healthcheck(config, text);
    } else if (verb == "ONBUILD") {
        config.on_build.emplace_back(text);
    } else if (verb == "SHELL") {
        const auto list = json_list(text);
        if (!list || list->empty())
            wrong("SHELL takes a JSON list of strings");
        config.shell = *list;
    } else {
        wrong(
            verb
            + " is not one of CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, SHELL, STOPSIGNAL, "
              "USER, VOLUME, WORKDIR");
    }
}

} // namespace

void apply_change(ImageConfig &config, std::string_view instruction) {
    const std::string_view trimmed = trim(instruction);
    const auto blank = std::min(trimmed.find_first_of(" \t"), trimmed.size());
    std::string verb(trimmed.substr(0, blank));
    for (char &c : verb)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const std::string_view rest = trim(trimmed.substr(blank));
    try {
        if (rest.empty())
            wrong("nothing follows the instruction");
        apply(config, verb, rest);
    } catch (const base::Error &error) {
        throw base::Error("cannot apply the change \"" + std::string(trimmed) + "\": " + error.what(),
                          error.hint());
    }
}

} // namespace image

// What changes the image's configuration and the variables: all other instructions.
#include "base/error.hpp"
#include "engine/build/stage_builder.hpp"
#include "engine/build/text.hpp"
#include "engine/container/spec.hpp"

#include <charconv>

namespace build {

namespace {

std::optional<unsigned> port_number(std::string_view text) {
    unsigned value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    return whole && !text.empty() && value <= 65535 ? std::optional(value) : std::nullopt;
}

void set_env(std::vector<std::string> &list, const std::string &name, const std::string &value) {
    Environment environment(list);
    environment.set(name, value);
    list = environment.list();
}

} // namespace

void StageBuilder::apply(const Env &env) {
    // All of them see the variables as they were before.
    const Expander expand = expander();
    std::vector<std::pair<std::string, std::string>> values;
    for (const KeyValue &each : env.variables)
        values.emplace_back(expand(each.key), expand(each.value));
    for (const auto &[name, value] : values) {
        state_.variables.set(name, value);
        set_env(state_.config.env, name, value);
    }
    std::string text = "ENV";
    for (const auto &[name, value] : values)
        text += " " + name + "=" + value;
    steps_.back().created_by = std::move(text);
}

void StageBuilder::apply(const Label &label) {
    const Expander expand = expander();
    for (const KeyValue &each : label.labels)
        state_.config.labels[expand(each.key)] = expand(each.value);
}

void StageBuilder::apply(const Arg &arg) {
    for (const Argument &argument : arg.arguments) {
        const std::string &name = argument.name.text;
        const auto given = request_.args.find(name);
        const std::string *global = graph_.globals().find(name);
        if (given != request_.args.end())
            state_.variables.set(name, given->second);
        else if (argument.value)
            state_.variables.set(name, expander()(*argument.value));
        else if (global)
            state_.variables.set(name, *global);
        state_.declared.insert(name);
    }
}

void StageBuilder::apply(const Cmd &cmd) {
    state_.config.cmd = with_shell(cmd.command);
    cmd_is_set_ = true;
}

void StageBuilder::apply(const Entrypoint &entrypoint) {
    state_.config.entrypoint = with_shell(entrypoint.command);
    if (entrypoint.command.words.empty())
        state_.config.entrypoint.reset();
    // The CMD of a base image was for the base image's entry point.
    if (!cmd_is_set_)
        state_.config.cmd.reset();
}

void StageBuilder::apply(const Healthcheck &healthcheck) {
    state_.config.healthcheck = healthcheck.value;
}

void StageBuilder::apply(const Expose &exposed) {
    const Expander expand = expander();
    for (const Word &port : exposed.ports)
        for (const std::string &text : expand.words(port))
            expose(port, text);
}

void StageBuilder::expose(const Word &port, const std::string &text) {
    const std::size_t slash = text.find('/');
    std::string ports = text.substr(0, slash);
    const std::string written = slash == std::string::npos ? "tcp" : text.substr(slash + 1);
    const std::string protocol = lower(written);
    if (protocol != written)
        file_.checks.report(diagnostics_, check::expose_proto_casing, port.location,
                            "the protocol of \"" + text + "\" is not in lower case", "write " + protocol);
    if (const std::size_t colon = ports.rfind(':'); colon != std::string::npos) {
        file_.checks.report(diagnostics_, check::expose_invalid_format, port.location,
                            "EXPOSE takes no address and no port of the host: \"" + text + "\"",
                            "write the container's port only");
        ports.erase(0, colon + 1);
    }
    const std::size_t dash = ports.find('-');
    const auto first = port_number(std::string_view(ports).substr(0, dash));
    const auto last =
        dash == std::string::npos ? first : port_number(std::string_view(ports).substr(dash + 1));
    const bool known = protocol == "tcp" || protocol == "udp" || protocol == "sctp";
    if (!first || !last || *first > *last || !known) {
        diagnostics_.error(port.location, {}, "\"" + text + "\" is no port",
                           "write e.g. 8080, 53/udp or 8000-8010/tcp");
        return;
    }
    for (unsigned number = *first; number <= *last; ++number)
        state_.config.exposed_ports.insert(std::to_string(number) + "/" + protocol);
}

void StageBuilder::apply(const Volume &volume) {
    const Expander expand = expander();
    for (const Word &path : volume.paths) {
        const std::string text = expand(path);
        if (text.empty())
            diagnostics_.error(path.location, {}, "the path of a VOLUME comes to nothing",
                               "write VOLUME /data");
        else
            state_.config.volumes.insert(text);
    }
}

void StageBuilder::apply(const User &user) {
    state_.config.user = expander()(user.user);
}

void StageBuilder::apply(const StopSignal &signal) {
    state_.config.stop_signal = expander()(signal.signal);
    try {
        static_cast<void>(container::parse_signal(state_.config.stop_signal));
    } catch (const base::Error &error) {
        diagnostics_.error(signal.signal.location, {}, error.what(), error.hint());
    }
}

void StageBuilder::apply(const Shell &shell) {
    state_.config.shell = shell.words;
}

void StageBuilder::apply(const Maintainer &maintainer) {
    state_.config.author = maintainer.name;
}

void StageBuilder::apply(const OnBuild &onbuild) {
    state_.config.on_build.push_back(onbuild.trigger);
    steps_.back().created_by.clear(); // nothing was done yet
}

} // namespace build

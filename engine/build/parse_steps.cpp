// FROM, RUN, COPY, ADD and ONBUILD.
#include "base/suggest.hpp"
#include "engine/build/device_request.hpp"
#include "engine/build/instruction_parser.hpp"
#include "engine/build/mount.hpp"
#include "engine/build/text.hpp"

#include <algorithm>

namespace build {

namespace {

bool is_stage_name(const std::string &name) {
    const auto rest = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    };
    return !name.empty() && name[0] >= 'a' && name[0] <= 'z' && std::all_of(name.begin(), name.end(), rest);
}

void check_casing(const Input &input, const Part &as, const Part &name) {
    const bool lower_from = input.statement.name == lower(input.statement.name);
    const bool upper_from = input.statement.name == upper(input.statement.name);
    if ((lower_from && as.text != lower(as.text)) || (upper_from && as.text != upper(as.text)))
        input.warn(check::from_as_casing, input.line.at(as.offset),
                   "\"" + as.text + "\" is not in the case of \"" + input.statement.name + "\"",
                   "write both in capitals");
    if (name.text != lower(name.text))
        input.warn(check::stage_name_casing, input.line.at(name.offset),
                   "the stage name \"" + name.text + "\" is not in lower case",
                   "write " + lower(name.text) + ", which is what it is taken for");
}

Files parse_files(const Input &input, const Flags &flags) {
    Files files;
    files.chown = flags.text("chown");
    files.chmod = flags.text("chmod");
    files.link = flags.truth("link").value_or(false);
    files.excludes = flags.list("exclude");

    std::vector<Part> parts;
    if (auto json = json_words(input.statement.rest)) {
        parts = std::move(json->words);
        if (!json->only_strings)
            input.error(input.rest_location(), "the JSON form takes strings only",
                        "put double quotes around every path");
    } else {
        parts = plain_words(input.statement.rest);
    }
    files.destination.location = input.location();
    if (parts.size() < 2) {
        input.error(input.location(), input.name() + " needs at least a source and a destination",
                    "write " + input.name() + " SOURCE... DESTINATION");
        return files;
    }
    files.destination = input.word(parts.back());
    parts.pop_back();
    if (heredoc_word(files.destination.text))
        input.error(files.destination.location, "a here-document can't be the destination",
                    "write the path after it");
    for (const Part &part : parts) {
        const auto heredoc = heredoc_word(part.text);
        if (!heredoc) {
            files.sources.push_back(input.word(part));
            continue;
        }
        const auto content = std::find_if(input.heredocs.begin(), input.heredocs.end(),
                                          [&](const Heredoc &each) { return each.name == heredoc->name; });
        if (content != input.heredocs.end())
            files.contents.push_back(*content);
    }
    return files;
}

template <std::size_t N>
void check_value(const Input &input, const Word &word, const char *const (&allowed)[N]) {
    if (word.location.known()
        && std::find(std::begin(allowed), std::end(allowed), word.text) == std::end(allowed)) {
        std::string list;
        for (const char *each : allowed)
            list += (list.empty() ? "" : ", ") + std::string(each);
        const std::string near =
            base::did_you_mean(word.text, std::vector<std::string>(std::begin(allowed), std::end(allowed)));
        input.error(word.location, "\"" + word.text + "\" is no value of this flag",
                    near.empty() ? "it is one of " + list : near);
    }
}

} // namespace

Action parse_from(const Input &input) {
    const Flags flags(input, {{"platform", Flags::Kind::text}});
    From from;
    from.platform = flags.text("platform");
    from.image.location = input.location();
    const std::vector<Part> words = plain_words(input.statement.rest);
    if (!words.empty())
        from.image = input.word(words[0]);
    const bool named = words.size() == 3 && lower(words[1].text) == "as";
    if (words.size() != 1 && !named) {
        input.error(words.size() < 2 ? input.location() : input.line.at(words[1].offset),
                    "FROM takes an image, and a name after AS", "write FROM IMAGE, or FROM IMAGE AS NAME");
        return from;
    }
    if (!named)
        return from;
    check_casing(input, words[1], words[2]);
    from.name = {lower(words[2].text), input.line.at(words[2].offset)};
    if (!is_stage_name(from.name.text))
        input.error(from.name.location, "\"" + words[2].text + "\" can't be the name of a stage",
                    "begin with a letter, and use letters, digits, \"-\", \"_\" and \".\"");
    return from;
}

Action parse_run(const Input &input) {
    const Flags flags(input, {{"mount", Flags::Kind::list},
                              {"network", Flags::Kind::text},
                              {"security", Flags::Kind::text},
                              {"device", Flags::Kind::list}});
    Run run;
    run.mounts = flags.list("mount");
    for (const Word &device : flags.list("device"))
        run.devices.push_back(parse_device(device, input.diagnostics));
    const Word network = flags.text("network");
    const Word security = flags.text("security");
    check_value(input, network, {"default", "none", "host"});
    check_value(input, security, {"sandbox", "insecure"});
    if (network.location.known())
        run.network = network.text;
    run.insecure = security.text == "insecure";
    for (const Word &mount : run.mounts)
        static_cast<void>(mount_from(mount, input.diagnostics));
    run.command = parse_command(input, input.statement.rest);
    if (run.command.words.empty())
        input.error(input.location(), "RUN has no command", "write RUN COMMAND");
    return run;
}

Action parse_copy(const Input &input) {
    const Flags flags(input, {{"from", Flags::Kind::text},
                              {"chown", Flags::Kind::text},
                              {"chmod", Flags::Kind::text},
                              {"link", Flags::Kind::truth},
                              {"parents", Flags::Kind::truth},
                              {"exclude", Flags::Kind::list}});
    Copy copy;
    copy.from = flags.text("from");
    copy.parents = flags.truth("parents").value_or(false);
    copy.files = parse_files(input, flags);
    if (copy.from.text.find('$') != std::string::npos)
        input.error(copy.from.location, "--from takes no variables",
                    "define a stage with FROM " + copy.from.text + " AS NAME and write --from=NAME");
    return copy;
}

Action parse_add(const Input &input) {
    const Flags flags(input, {{"keep-git-dir", Flags::Kind::truth},
                              {"checksum", Flags::Kind::text},
                              {"chown", Flags::Kind::text},
                              {"chmod", Flags::Kind::text},
                              {"link", Flags::Kind::truth},
                              {"unpack", Flags::Kind::truth},
                              {"exclude", Flags::Kind::list}});
    Add add;
    add.checksum = flags.text("checksum");
    add.keep_git_dir = flags.truth("keep-git-dir");
    add.unpack = flags.truth("unpack");
    add.files = parse_files(input, flags);
    return add;
}

Action parse_onbuild(const Input &input) {
    const Flags none(input, {});
    OnBuild result;
    const std::string &line = input.line.text;
    const std::size_t begin = input.statement.rest.offset;
    const Statement trigger = take_apart(line, begin, input.escape);
    const std::string name = upper(trigger.name);
    const base::Location where = input.line.at(trigger.name_offset);
    if (name.empty()) {
        input.error(where, "ONBUILD needs an instruction", "write ONBUILD INSTRUCTION ARGUMENTS");
        return result;
    }
    if (name == "ONBUILD" || name == "FROM" || name == "MAINTAINER") {
        input.error(where, name + " can't be the trigger of an ONBUILD", "leave it out");
        return result;
    }
    // Found wrong here, not by who builds on the image.
    static_cast<void>(
        parse_action({input.line, trigger, input.heredocs, input.escape, input.checks, input.diagnostics}));
    result.trigger = input.statement.rest.text;
    for (const Heredoc &heredoc : input.heredocs)
        result.trigger += "\n" + heredoc.content + heredoc.name;
    return result;
}

} // namespace build

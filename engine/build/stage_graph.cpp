#include "engine/build/stage_graph.hpp"

#include "base/error.hpp"
#include "base/suggest.hpp"
#include "engine/build/expander.hpp"
#include "engine/build/text.hpp"
#include "engine/image/reference.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace build {

namespace {

std::optional<std::size_t> as_number(const std::string &text) {
    std::size_t value = 0;
    const char *end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    return !text.empty() && parsed.ec == std::errc() && parsed.ptr == end ? std::optional(value)
                                                                          : std::nullopt;
}

const std::set<std::string> none_declared;

} // namespace

StageGraph::StageGraph(const Dockerfile &file, const BuildRequest &request, base::Diagnostics &diagnostics)
    : file_(file), request_(request), diagnostics_(diagnostics),
      globals_(globals_with(request.args, diagnostics)) {
    base::Diagnostics reported; // of the globals
    defaults_ = globals_with({}, reported);
}

Environment StageGraph::globals_with(const std::map<std::string, std::string> &args,
                                     base::Diagnostics &diagnostics) const {
    Environment globals;
    const auto add_platform = [&](const std::string &prefix, const image::Platform &platform) {
        globals.set(prefix + "PLATFORM", platform.text());
        globals.set(prefix + "OS", platform.os);
        globals.set(prefix + "OSVERSION", "");
        globals.set(prefix + "ARCH", platform.architecture);
        globals.set(prefix + "VARIANT", platform.variant);
    };
    add_platform("BUILD", request_.build_platform);
    add_platform("TARGET", request_.target_platform);
    globals.set("TARGETSTAGE", request_.target.empty() ? "default" : request_.target);
    for (const std::string &name : globals.names())
        if (const auto given = args.find(name); given != args.end())
            globals.set(name, given->second);
    for (const Instruction &instruction : file_.arguments) {
        for (const Argument &argument : std::get<Arg>(instruction.action).arguments) {
            const Expander expand(globals, none_declared, check::undefined_var, file_, diagnostics);
            if (const auto given = args.find(argument.name.text); given != args.end())
                globals.set(argument.name.text, given->second);
            else if (argument.value)
                globals.set(argument.name.text, expand(*argument.value));
        }
    }
    return globals;
}

// FROM should name an image also for who gives no arguments.
void StageGraph::check_default(const Word &image) const {
    if (image.text.find('$') == std::string::npos)
        return;
    base::Diagnostics reported; // with the arguments that are given
    const Expander expand(defaults_, none_declared, check::undefined_arg_in_from, file_, reported);
    const std::string name = expand(image);
    bool is_image = false;
    try {
        is_image = !name.empty() && !image::Reference::parse(name).canonical().empty();
    } catch (const base::Error &) {
        // It is none.
    }
    if (!is_image)
        file_.checks.report(diagnostics_, check::invalid_default_arg, image.location,
                            "\"" + image.text + "\" comes to no image name by the defaults of its arguments",
                            "give them defaults that do, with ARG NAME=VALUE before the first FROM");
}

std::string StageGraph::name(std::size_t stage) const {
    const std::string &name = file_.stages[stage].from.name.text;
    return name.empty() ? "stage-" + std::to_string(stage) : name;
}

std::vector<std::string> StageGraph::names() const {
    std::vector<std::string> result;
    for (const Stage &stage : file_.stages)
        if (!stage.from.name.text.empty())
            result.push_back(stage.from.name.text);
    return result;
}

std::optional<std::size_t> StageGraph::named_before(const std::string &name, std::size_t stage) const {
    for (std::size_t index = stage; index-- > 0;)
        if (file_.stages[index].from.name.text == name)
            return index;
    return std::nullopt;
}

std::optional<std::size_t> StageGraph::target() const {
    if (file_.stages.empty())
        return std::nullopt;
    if (request_.target.empty())
        return file_.stages.size() - 1;
    if (const auto named = named_before(lower(request_.target), file_.stages.size()))
        return named;
    if (const auto number = as_number(request_.target); number && *number < file_.stages.size())
        return number;
    diagnostics_.error({file_.source, 0, 0}, {}, "there is no stage \"" + request_.target + "\" to build",
                       base::did_you_mean(request_.target, names()));
    return std::nullopt;
}

bool StageGraph::is_replaced(std::size_t stage) const {
    const std::string &name = file_.stages[stage].from.name.text;
    return !name.empty() && request_.contexts.contains(name);
}

image::Platform StageGraph::platform(std::size_t stage) const {
    const Word &written = file_.stages[stage].from.platform;
    if (!written.location.known())
        return request_.target_platform;
    const Expander expand(globals_, none_declared, check::undefined_arg_in_from, file_, diagnostics_);
    const std::string text = expand(written);
    const std::set<std::string> used = expand.used_by(written);
    if (used == std::set<std::string>{"TARGETPLATFORM"} && text == *globals_.find("TARGETPLATFORM"))
        file_.checks.report(diagnostics_, check::redundant_target_platform, written.location,
                            "--platform=" + written.text + " is what is done without it", "leave it out");
    try {
        const image::Platform platform = image::Platform::parse(text);
        const std::string stage_name = name(stage);
        if (written.text.find('$') == std::string::npos && stage_name.find(platform.os) == std::string::npos
            && stage_name.find(platform.architecture) == std::string::npos)
            file_.checks.report(diagnostics_, check::from_platform_constant, written.location,
                                "--platform=" + text + " is the same whatever is built for",
                                "write --platform=$BUILDPLATFORM, or leave it out");
        return platform;
    } catch (const base::Error &error) {
        diagnostics_.error(written.location, {}, error.what(), error.hint());
        return request_.target_platform;
    }
}

std::optional<Origin> StageGraph::base(std::size_t stage) const {
    const From &from = file_.stages[stage].from;
    if (is_replaced(stage))
        return Origin{Origin::Kind::named, 0, from.name.text, platform(stage)};
    const Expander expand(globals_, none_declared, check::undefined_arg_in_from, file_, diagnostics_);
    const std::string image = expand(from.image);
    check_default(from.image);
    if (image.empty()) {
        diagnostics_.error(from.image.location, {}, "\"" + from.image.text + "\" comes to no image name",
                           "give the variable a default with ARG before the first FROM, or a value");
        return std::nullopt;
    }
    if (const auto earlier = named_before(image, stage))
        return Origin{Origin::Kind::stage, *earlier, {}, {}};
    if (request_.contexts.contains(image))
        return Origin{Origin::Kind::named, 0, image, platform(stage)};
    if (image == "scratch")
        return Origin{Origin::Kind::nothing, 0, {}, platform(stage)};
    return Origin{Origin::Kind::image, 0, image, platform(stage)};
}

std::optional<Origin> StageGraph::source(const Word &written, std::size_t stage) const {
    const std::string stage_name = lower(written.text);
    const auto number = as_number(written.text);
    auto found = number && *number < stage ? number : named_before(stage_name, stage);
    if (found)
        return Origin{Origin::Kind::stage, *found, {}, {}};
    const bool later = (number && *number < file_.stages.size())
                       || named_before(stage_name, file_.stages.size()).has_value();
    if (later || number) {
        const bool itself = number ? *number == stage : stage_name == file_.stages[stage].from.name.text;
        diagnostics_.error(written.location, {},
                           itself  ? "a stage can't take files from itself"
                           : later ? "the stage \"" + written.text + "\" comes later"
                                   : "there is no stage " + written.text,
                           "name a stage that comes before this one, an additional context or an image");
        return std::nullopt;
    }
    if (request_.contexts.contains(written.text))
        return Origin{Origin::Kind::named, 0, written.text, request_.target_platform};
    if (stage_name == "scratch")
        return Origin{};
    return Origin{Origin::Kind::image, 0, written.text, request_.target_platform};
}

std::vector<Origin> StageGraph::sources(const Instruction &instruction, std::size_t stage) const {
    std::vector<Word> names;
    if (const auto *copy = std::get_if<Copy>(&instruction.action))
        names.push_back(copy->from);
    base::Diagnostics reported; // by the parser
    if (const auto *run = std::get_if<Run>(&instruction.action))
        for (const Word &mount : run->mounts)
            names.push_back(mount_from(mount, reported));
    std::vector<Origin> result;
    for (const Word &each : names)
        if (!each.text.empty())
            if (auto origin = source(each, stage))
                result.push_back(std::move(*origin));
    return result;
}

} // namespace build

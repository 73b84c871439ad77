// What changes files: RUN, COPY, ADD, WORKDIR.
#include "engine/build/stage_builder.hpp"

#include "base/error.hpp"
#include "engine/build/file_mode.hpp"
#include "engine/build/remote_source.hpp"
#include "engine/build/slash_path.hpp"
#include "engine/build/text.hpp"

#include <algorithm>

namespace build {

namespace {

// Given in one spelling they are set in both, for programs look at either.
constexpr std::pair<const char *, const char *> proxy_names[] = {{"HTTP_PROXY", "http_proxy"},
                                                                 {"HTTPS_PROXY", "https_proxy"},
                                                                 {"FTP_PROXY", "ftp_proxy"},
                                                                 {"NO_PROXY", "no_proxy"},
                                                                 {"ALL_PROXY", "all_proxy"}};

std::string joined(const std::vector<std::string> &words) {
    std::string result;
    for (const std::string &word : words)
        result += (result.empty() ? "" : " ") + word;
    return result;
}

} // namespace

StageBuilder::StageBuilder(const Dockerfile &file, const BuildRequest &request, const StageGraph &graph,
                           std::size_t stage, StageState state, base::Diagnostics &diagnostics)
    : file_(file), request_(request), graph_(graph), stage_(stage), state_(std::move(state)),
      diagnostics_(diagnostics) {}

void StageBuilder::add(const Instruction &instruction) {
    Step &step = steps_.emplace_back();
    step.location = instruction.location;
    step.text = instruction.text;
    step.created_by = instruction.text;
    step.env = state_.variables.list();
    step.workdir = workdir();
    step.user = state_.config.user;
    std::visit([this](const auto &action) { apply(action); }, instruction.action);
}

Expander StageBuilder::expander() const {
    return {state_.variables, state_.declared, state_.base_is_known ? check::undefined_var : nullptr, file_,
            diagnostics_};
}

std::vector<std::string> StageBuilder::shell() const {
    if (!state_.config.shell.empty())
        return state_.config.shell;
    return {"/bin/sh", "-c"};
}

std::vector<std::string> StageBuilder::with_shell(const CommandLine &command) const {
    if (command.exec)
        return command.words;
    std::vector<std::string> result = shell();
    result.push_back(joined(command.words));
    return result;
}

std::string StageBuilder::workdir() const {
    return state_.config.working_dir.empty() ? "/" : state_.config.working_dir;
}

void StageBuilder::set_here_documents(RunStep &step, CommandLine &command) const {
    if (command.exec || command.heredocs.empty() || command.words.empty())
        return;
    std::string &text = command.words.front();
    const Heredoc &first = command.heredocs.front();
    if (!heredoc_word(text)) {
        // The shell reads them itself.
        for (const Heredoc &heredoc : command.heredocs)
            text += "\n" + heredoc.content + heredoc.name;
    } else if (first.content.starts_with("#!")) {
        step.script = InlineFile{first.name, first.text()};
        text = "/dev/pipes/" + first.name;
    } else {
        text = first.text();
    }
}

std::vector<std::string> StageBuilder::proxies() const {
    std::vector<std::string> result;
    const auto add = [&](const std::string &name, const std::string &other) {
        if (state_.declared.contains(name))
            return;
        auto given = request_.args.find(name);
        if (given == request_.args.end())
            given = request_.args.find(other);
        if (given != request_.args.end())
            result.push_back(name + "=" + given->second);
    };
    for (const auto &[upper, lower] : proxy_names) {
        add(upper, lower);
        add(lower, upper);
    }
    return result;
}

RunStep::From StageBuilder::resolve(const Word &written) const {
    const Expander expand = expander();
    RunStep::From result{parse_mount(
                             written, [&](const Word &word) { return expand(word); }, diagnostics_),
                         {}};
    Mount &mount = result.mount;
    const bool has_files = mount.type == Mount::Type::bind || mount.type == Mount::Type::cache;
    if (!mount.from.empty() && has_files)
        result.origin = graph_.source({mount.from, written.location}, stage_).value_or(Origin{});
    else if (mount.type == Mount::Type::bind)
        result.origin.kind = Origin::Kind::context;
    if (mount.type == Mount::Type::cache && mount.id.empty())
        mount.id = clean_path(mount.target);
    if (mount.type == Mount::Type::secret && mount.id.empty())
        mount.id = !mount.source.empty() ? mount.source : mount.target.substr(mount.target.rfind('/') + 1);
    if (mount.type == Mount::Type::secret && mount.target.empty() && !mount.env)
        mount.target = "/run/secrets/" + mount.id.substr(mount.id.rfind('/') + 1);
    if (mount.type == Mount::Type::ssh && mount.id.empty())
        mount.id = "default";
    if (mount.env && mount.env->empty())
        mount.env = mount.id;
    if (!mount.target.empty())
        mount.target = resolve_path(workdir(), mount.target);
    if (mount.target == "/")
        diagnostics_.error(written.location, {}, "a mount can't replace the root directory",
                           "write target=PATH of a directory or file");
    return result;
}

std::string StageBuilder::arguments_in_history() const {
    std::string result;
    std::size_t count = 0;
    for (const std::string &name : state_.declared) {
        const std::string *value = state_.variables.find(name);
        if (!value)
            continue;
        result += name + "=" + *value + " ";
        ++count;
    }
    return count ? "|" + std::to_string(count) + " " + result : result;
}

void StageBuilder::apply(const Run &run) {
    RunStep step;
    CommandLine command = run.command;
    set_here_documents(step, command);
    step.argv = with_shell(command);
    for (const Word &mount : run.mounts)
        step.mounts.push_back(resolve(mount));
    step.network = run.network;
    step.insecure = run.insecure;
    step.devices = run.devices;
    step.proxies = proxies();
    steps_.back().created_by = "RUN " + arguments_in_history() + joined(step.argv);
    steps_.back().action = std::move(step);
}

void StageBuilder::copy_files(const Files &files, CopyStep step, const char *name) {
    const Expander expand = expander();
    for (const Word &source : files.sources) {
        step.sources.push_back(expand(source));
        if (step.sources.back().empty())
            diagnostics_.error(source.location, {}, "the source \"" + source.text + "\" comes to nothing",
                               "write \".\" for all of the context");
    }
    for (const Heredoc &heredoc : files.contents)
        step.contents.push_back({heredoc.name, expand.content(heredoc)});
    const std::string destination = expand(files.destination);
    if (destination.empty())
        diagnostics_.error(files.destination.location, {}, "the destination comes to nothing",
                           "write \".\" for the working directory");
    step.destination = resolve_path(workdir(), destination);
    const std::vector<std::string> parts = path_parts(destination);
    step.into_directory = destination.ends_with('/') || parts.empty() || parts.back() == "."
                          || step.sources.size() + step.contents.size() > 1;
    step.chown = expand(files.chown);
    step.chmod = expand(files.chmod);
    if (!step.chmod.empty() && !FileMode::parse(step.chmod))
        diagnostics_.error(files.chmod.location, {}, "\"" + step.chmod + "\" is no file mode",
                           "write --chmod=755, or --chmod=u=rwX,go=rX");
    step.link = files.link;
    for (const Word &pattern : files.excludes)
        step.excludes.push_back(pattern.text);
    steps_.back().created_by =
        std::string(name) + " " + joined(step.sources) + (step.sources.empty() ? "" : " ") + destination;
    steps_.back().action = std::move(step);
}

void StageBuilder::apply(const Copy &copy) {
    CopyStep step;
    step.origin.kind = Origin::Kind::context;
    if (!copy.from.text.empty())
        step.origin = graph_.source(copy.from, stage_).value_or(Origin{});
    step.parents = copy.parents;
    copy_files(copy.files, std::move(step), "COPY");
}

void StageBuilder::apply(const Add &add) {
    CopyStep step;
    step.origin.kind = Origin::Kind::context;
    step.add = CopyStep::Add{expander()(add.checksum), add.keep_git_dir, add.unpack};
    copy_files(add.files, std::move(step), "ADD");
    check_fetched(add, std::get<CopyStep>(steps_.back().action));
}

// What can be told of an ADD from the web before anything is fetched.
void StageBuilder::check_fetched(const Add &add, const CopyStep &step) {
    for (std::size_t index = 0; index < step.sources.size(); ++index) {
        try {
            static_cast<void>(parse_git_source(step.sources[index]));
        } catch (const base::Error &error) {
            diagnostics_.error(add.files.sources[index].location, {}, error.what(), error.hint());
            return;
        }
    }
    const std::string &checksum = step.add->checksum;
    if (checksum.empty())
        return;
    const auto wrong = [&](const std::string &message, const std::string &hint) {
        diagnostics_.error(add.checksum.location, {}, message, hint);
    };
    constexpr std::string_view algorithm = "sha256:";
    const auto is_hex = [](std::string_view text) {
        return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    };
    if (step.sources.size() != 1 || !is_remote_source(step.sources.front()))
        wrong("a checksum is of one source, which is a URL", "write one ADD for each");
    else if (is_web_file(step.sources.front())
             && !(checksum.starts_with(algorithm) && checksum.size() == algorithm.size() + 64
                  && is_hex(checksum.substr(algorithm.size()))))
        wrong("\"" + checksum + "\" is no checksum of a file", "write --checksum=sha256: and 64 hex digits");
    else if (!is_web_file(step.sources.front()) && !is_hex(checksum))
        wrong("\"" + checksum + "\" is no commit of a repository", "write --checksum=COMMIT");
}

void StageBuilder::apply(const Workdir &written) {
    const std::string path = expander()(written.path);
    if (path.starts_with('/'))
        state_.workdir_is_absolute = true;
    else if (!state_.workdir_is_absolute && state_.base_is_known)
        file_.checks.report(diagnostics_, check::workdir_relative_path, written.path.location,
                            "the relative WORKDIR \"" + path + "\" depends on the base image",
                            "write an absolute path");
    if (path.empty())
        diagnostics_.error(written.path.location, {}, "the path of the WORKDIR comes to nothing",
                           "write WORKDIR /path");
    state_.config.working_dir = resolve_path(workdir(), path);
    steps_.back().created_by = "WORKDIR " + state_.config.working_dir;
    steps_.back().action = WorkdirStep{state_.config.working_dir};
}

} // namespace build

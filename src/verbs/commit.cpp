#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/image/reference.hpp"
#include "supervisor/api.hpp"
#include "terminal/terminal.hpp"
#include "verbs/commit_image.hpp"
#include "verbs/container_root.hpp"
#include "verbs/project_state.hpp"
#include "verbs/request.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace cli {

namespace {

struct CommitFlags {
    std::string service;
    std::string name;
    std::string author;
    std::string message;
    std::string pause = "true";
    std::vector<std::string> changes;
    std::optional<int> index;
};

// The container stands still while it lives.
class Pause {
  public:
    Pause(const Context &context, const container::Spec &spec)
        : context_(context), spec_(spec), progress_(make_progress(ProgressMode::quiet, "")) {
        ask(supervisor::api_pause);
    }

    Pause(const Pause &) = delete;
    Pause &operator=(const Pause &) = delete;

    ~Pause() {
        try {
            ask(supervisor::api_unpause);
        } catch (const base::Error &error) {
            warn(fmt::format("{} is still paused: {}; try compose unpause {}", spec_.name, error.what(),
                             spec_.service));
        }
    }

  private:
    void ask(const char *path) const {
        request(context_, spec_.project, path, {{"services", {spec_.service}}, {"ids", {spec_.id}}},
                *progress_);
    }

    const Context &context_;
    const container::Spec &spec_;
    std::unique_ptr<Progress> progress_;
};

int run_commit(const Context &context, const CommitFlags &flags) {
    const Context::Named named = context.load_or_name({flags.service});
    require_known(named, supervisor::read_containers(context.paths(), named.project), {flags.service});
    const auto info = container_of_service(context.paths(), named.project, flags.service, flags.index);
    CommitOptions options{.author = flags.author, .message = flags.message, .changes = flags.changes};
    if (!flags.name.empty())
        options.name = image::Reference::parse(flags.name);

    const InterruptGuard guard;
    ImageCommit commit(context.paths(), info, options);
    {
        std::optional<Pause> pause;
        if (flags.pause != "false" && info.state.status == plan::Status::running)
            pause.emplace(context, info.spec);
        commit.copy_changes();
    }
    if (InterruptGuard::count() > 0)
        throw base::Error("commit: cancelled", {}, 130);
    print(STDOUT_FILENO, commit.finish().id + "\n");
    return 0;
}

} // namespace

void add_commit(Command &root, Context &context) {
    auto flags = std::make_shared<CommitFlags>();
    root.subcommand("commit", "Make an image of what a service's container has changed")
        .option("-a,--author", flags->author, "Author, e.g. \"Jane Doe <jane@example.com>\"")
        .list("-c,--change", flags->changes, "Dockerfile instruction to apply, e.g. 'CMD [\"redis-server\"]'",
              "INSTRUCTION")
        .option("--index", flags->index, "Number of the replica; the first one when not given")
        .option("-m,--message", flags->message, "Text for the image's history")
        .option("-p,--pause", flags->pause, "false: the container runs on meanwhile", "BOOL")
        .positional("SERVICE", flags->service, "Service")
        .positional("NAME", flags->name, "Name of the image, e.g. backup/web:1", false)
        .action([&context, flags] { return run_commit(context, *flags); });
}

} // namespace cli

#include "base/error.hpp"
#include "base/json.hpp"
#include "control/connect.hpp"
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

// The container stands still while it lives: the supervisor freezes it for this connection, which the kernel
// closes however this process ends.
class Standstill {
  public:
    Standstill(const base::Paths &paths, const container::Spec &spec)
        : client_(start_supervisor(paths, spec.project)) {
        client_.send(supervisor::api_hold, {{"id", spec.id}});
        while (!answered(std::chrono::milliseconds(-1)))
            if (InterruptGuard::count() > 0)
                throw base::Error("commit: cancelled", {}, 130);
    }

    // @throws base::Error when it did not last: the container was stopped, or the supervisor killed.
    void check() { (void)answered(std::chrono::milliseconds(0)); }

  private:
    bool answered(std::chrono::milliseconds patience) {
        const auto answer = client_.next(patience);
        if (answer && answer->kind == supervisor::AnswerKind::failed)
            throw base::Error(answer->text, answer->hint, answer->exit_code);
        return answer.has_value();
    }

    Client client_;
};

int run_commit(const Context &context, const CommitFlags &flags) {
    const Context::Named named = context.load_or_name({flags.service});
    require_known(named, supervisor::read_containers(context.paths(), named.project), {flags.service});
    const auto info = container_of_service(context.paths(), named.project, flags.service, flags.index);
    CommitOptions options{.author = flags.author, .message = flags.message, .changes = flags.changes};
    if (!flags.name.empty())
        options.name = image::Reference::parse(flags.name);

    if (context.options.dry_run)
        throw base::Error("--dry-run is not known here, nothing was done", "leave it out");
    const InterruptGuard guard;
    ImageCommit commit(context.paths(), info, options);
    {
        std::optional<Standstill> standstill;
        if (flags.pause != "false" && info.state.status == plan::Status::running)
            standstill.emplace(context.paths(), info.spec);
        commit.copy_changes();
        if (standstill)
            standstill->check();
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

#include "base/error.hpp"
#include "base/json.hpp"
#include "control/connect.hpp"
#include "supervisor/observer.hpp"
#include "terminal/terminal.hpp"
#include "verbs/down.hpp"
#include "verbs/project_state.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <unistd.h>

namespace cli {

namespace {

struct WaitOptions {
    std::vector<std::string> services;
    bool down_project = false;
};

// A container's end, asked for until somebody knows it.
class Awaited {
  public:
    Awaited(const Context &context, const supervisor::ContainerInfo &info)
        : paths_(&context.paths()), project_(info.spec.project), id_(info.spec.id) {
        ask();
    }

    [[nodiscard]] int fd() const { return client_->fd(); }

    [[nodiscard]] const std::string &id() const { return id_; }

    // nullopt: it still runs.
    std::optional<int> exit_code() {
        try {
            while (const auto answer = client_->next(std::chrono::milliseconds(0))) {
                if (answer->action == "die")
                    return answer->container_exit_code;
                if (answer->kind == supervisor::AnswerKind::failed)
                    return recorded();
            }
        } catch (const base::Error &) {
            // The supervisor was killed: its successor knows.
            ask();
        }
        return std::nullopt;
    }

  private:
    void ask() {
        client_.emplace(start_supervisor(*paths_, project_));
        client_->send(supervisor::api_wait, base::Json{{"id", id_}});
    }

    // Removed meanwhile, or what is on disk.
    [[nodiscard]] int recorded() const {
        const auto state = supervisor::read_state(paths_->container(project_, id_));
        return state ? state->exit_code : 0;
    }

    const base::Paths *paths_;
    std::string project_;
    std::string id_;
    std::optional<Client> client_;
};

std::vector<Awaited> running_containers(const Context &context, const WaitOptions &options,
                                        std::string &project) {
    const Context::Named named = context.load_or_name(options.services);
    project = named.project;
    const auto containers = supervisor::read_containers(context.paths(), named.project);
    require_known(named, containers, options.services);
    std::vector<Awaited> awaited;
    for (const supervisor::ContainerInfo &info : containers_of(containers, options.services, true))
        if (plan::is_active(info.state.status))
            awaited.emplace_back(context, info);
    if (awaited.empty())
        throw base::Error(fmt::format("no containers for project \"{}\"", named.project),
                          "of these services none runs: see compose ps -a");
    return awaited;
}

int run_wait(const Context &context, const WaitOptions &options) {
    std::string project;
    std::vector<Awaited> awaited = running_containers(context, options, project);
    int code = 0;
    bool over = false;
    while (!over) {
        std::vector<pollfd> fds;
        for (const Awaited &container : awaited)
            fds.push_back({container.fd(), POLLIN, 0});
        (void)::poll(fds.data(), fds.size(), -1);
        std::erase_if(awaited, [&](Awaited &container) {
            const auto ended = over ? std::nullopt : container.exit_code();
            if (!ended)
                return false;
            code = *ended;
            print(STDOUT_FILENO,
                  fmt::format("container \"{}\" exited with status code {}\n", container.id(), code));
            over = options.down_project;
            return true;
        });
        over = over || awaited.empty();
    }
    awaited.clear();
    if (options.down_project)
        run_down(context, {.services = {}, .rmi = {}, .timeout = {}, .remove_orphans = true});
    return code;
}

} // namespace

void add_wait(Command &root, Context &context) {
    auto options = std::make_shared<WaitOptions>();
    root.subcommand("wait", "Wait until containers have ended, and exit with the last one's code")
        .flag("--down-project", options->down_project,
              "Take the project down when the first of them has ended")
        .positionals("SERVICE", options->services, "Services to wait for", true)
        .action([&context, options] { return run_wait(context, *options); });
}

} // namespace cli

#include "supervisor/supervisor.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/remove_tree.hpp"
#include "engine/container/exit_status.hpp"
#include "supervisor/api_server.hpp"
#include "supervisor/project.hpp"
#include "supervisor/request_handler.hpp"
#include "supervisor/runtime.hpp"
#include "supervisor/shared_names.hpp"

#include <boost/asio/post.hpp>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <malloc.h>
#include <optional>
#include <poll.h>
#include <unistd.h>

namespace supervisor {

namespace {

namespace asio = boost::asio;

base::log::Level log_level() {
    const char *level = std::getenv("COMPOSE_LOG_LEVEL");
    return level != nullptr && std::string_view(level) == "debug" ? base::log::Level::debug
                                                                  : base::log::Level::info;
}

base::UniqueFd take_listener(container::DescriptorStore &inherited) {
    const auto found = inherited.find("listener");
    if (found == inherited.end() || found->second.empty())
        throw base::Error("the keeper holds no control socket");
    base::UniqueFd listener = std::move(found->second.front());
    inherited.erase(found);
    return listener;
}

std::unique_ptr<LogJournal> take_journal(container::DescriptorStore &inherited, KeeperStore &keeper) {
    if (const auto found = inherited.find("journal"); found != inherited.end() && !found->second.empty()) {
        auto journal = std::make_unique<LogJournal>(std::move(found->second.front()));
        inherited.erase(found);
        return journal;
    }
    auto journal = std::make_unique<LogJournal>();
    const std::array fds = {journal->fd()};
    keeper.store("journal", fds);
    return journal;
}

// Everything of one supervisor, in the order it is built up.
class Supervisor {
  public:
    explicit Supervisor(const std::string &name)
        : paths_(base::Paths::detect()), name_(name), keeper_(container::KeeperClient::from_environment()),
          inherited_(keeper_.take_all()), listener_(take_listener(inherited_)),
          journal_(take_journal(inherited_, keeper_)), network_(network::make_system_host(paths_)),
          proxy_(io_), shared_names_(paths_, name_, *network_),
          dns_(io_,
               {.before_questions = [this](dns::Zone &zone,
                                           const dns::View &view) { shared_names_.refresh(zone, view); }}),
          changed_(io_.get_executor()), runtime_{.io = io_,
                                                 .paths = paths_,
                                                 .project = name_,
                                                 .keeper = keeper_,
                                                 .inherited = inherited_,
                                                 .network = *network_,
                                                 .proxy = proxy_,
                                                 .dns = dns_,
                                                 .journal = *journal_,
                                                 .hierarchy = container::detect_hierarchy(),
                                                 .seccomp = seccomp_,
                                                 .events = events_,
                                                 .changed = changed_,
                                                 .blocking = blocking_},
          project_(runtime_), handler_(project_),
          server_(
              io_.get_executor(), std::move(listener_),
              [this](std::string path, std::shared_ptr<const base::Json> body, std::shared_ptr<Reply> reply) {
                  return handler_.handle(std::move(path), std::move(body), std::move(reply));
              }),
          keeper_link_(io_, ::dup(keeper_.client().socket_fd())) {}

    int run() {
        base::log::info("supervisor of {} starts, version {}", name_, COMPOSE_VERSION);
        project_.adopt();
        forget_exits();
        // What is left belongs to containers that are gone.
        for (const auto &[name, fds] : inherited_)
            keeper_.drop(name);
        inherited_.clear();
        watch_keeper();
        server_.on_idle([this] {
            end_if_idle();
            // What a plan took would stay with the process for as long as the containers run.
            ::malloc_trim(0);
        });
        events_.listen([this](const Answer &event) {
            if (event.action == "die" || event.action == "destroy")
                asio::post(io_, [this] { end_if_idle(); });
        });
        server_.start();
        asio::post(io_, [this] { end_if_idle(); });
        io_.run();
        blocking_.join();
        base::log::info("supervisor of {} ends", name_);
        return 0;
    }

  private:
    void forget_exits() {
        const auto records = container::read_exit_records(paths_.project_run(name_) / "exits");
        keeper_.client().truncate_exits(records.consumed);
    }

    // Nothing to do and nobody asking: the socket goes first, under the lock that whoever connects holds.
    void end_if_idle() {
        if (ending_ || server_.active() > 0 || project_.anything_active())
            return;
        const auto lock = base::FileLock::acquire(paths_.lock("supervisors"));
        if (server_.connection_waiting())
            return;
        ending_ = true;
        base::remove_tree(paths_.project_run(name_));
        if (project_.containers().empty())
            base::remove_tree(paths_.project(name_));
        io_.stop();
    }

    void watch_keeper() {
        keeper_link_.async_wait(asio::posix::descriptor_base::wait_read,
                                [this](boost::system::error_code error) {
                                    if (!error)
                                        replace_keeper();
                                });
    }

    // The keeper was killed. A new one takes all descriptors and starts our successor when we have ended; the
    // containers don't notice.
    void replace_keeper() {
        base::log::warning("the keeper is gone: starting another");
        container::KeeperSpec spec;
        spec.runtime_dir = paths_.project_run(name_);
        spec.supervisor_argv = {std::filesystem::read_symlink("/proc/self/exe").string(), "supervisor",
                                name_};
        for (char **entry = environ; *entry != nullptr; ++entry)
            spec.environment.emplace_back(*entry);
        spec.log_fd = STDERR_FILENO;
        spec.descriptors = keeper_.descriptors();
        container::launch_replacement(spec);
        ::_exit(0);
    }

    asio::io_context io_{1};
    asio::thread_pool blocking_{1};
    base::Paths paths_;
    std::string name_;
    KeeperStore keeper_;
    container::DescriptorStore inherited_;
    base::UniqueFd listener_;
    std::unique_ptr<LogJournal> journal_;
    std::unique_ptr<network::Host> network_;
    network::Proxy proxy_;
    SharedNames shared_names_;
    dns::Server dns_;
    container::SeccompCache seccomp_;
    EventBus events_;
    Condition changed_;
    Runtime runtime_;
    Project project_;
    RequestHandler handler_;
    ApiServer server_;
    asio::posix::stream_descriptor keeper_link_;
    bool ending_ = false;
};

// Makes the descriptor table large while there is one thread. Later the kernel lets all threads pass a grace
// period (8 to 16 ms) each time it doubles.
void reserve_descriptors() {
    constexpr int expected = 2047;
    const base::UniqueFd last(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, expected));
}

} // namespace

int run(const std::string &project) {
    std::signal(SIGPIPE, SIG_IGN);
    reserve_descriptors();
    // Threads here are few and short-lived: an arena for each would only keep memory.
    ::mallopt(M_ARENA_MAX, 1);
    const base::Paths paths = base::Paths::detect();
    base::log::open_file(paths.project(project) / "supervisor.log", log_level());
    try {
        return Supervisor(project).run();
    } catch (const std::exception &error) {
        base::log::error("supervisor of {}: {}", project, error.what());
        return 1;
    }
}

} // namespace supervisor

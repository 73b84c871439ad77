#include "control/connect.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/keeper_client.hpp"

#include <fmt/format.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace cli {

namespace {

// A directory descriptor keeps the address short whatever the length of the path (sun_path has 108 bytes).
sockaddr_un address_in(const base::UniqueFd &directory) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = fmt::format("/proc/self/fd/{}/control.sock", directory.get());
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

base::UniqueFd new_socket() {
    base::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    base::check(fd.get(), "create control socket", "");
    return fd;
}

std::optional<Client> try_connect(const std::filesystem::path &run) {
    const base::UniqueFd directory(::open(run.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory)
        return std::nullopt;
    base::UniqueFd socket = new_socket();
    const sockaddr_un address = address_in(directory);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) < 0) {
        if (errno == ENOENT || errno == ECONNREFUSED)
            return std::nullopt;
        base::throw_errno("connect to the supervisor in", run.string());
    }
    return Client(std::move(socket));
}

base::UniqueFd listen_in(const std::filesystem::path &run) {
    const base::UniqueFd directory = base::open_dir(run);
    ::unlinkat(directory.get(), "control.sock", 0);
    base::UniqueFd socket = new_socket();
    const sockaddr_un address = address_in(directory);
    base::check(::bind(socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address),
                "bind control socket in", run.string());
    base::check(::listen(socket.get(), 128), "listen on control socket in", run.string());
    return socket;
}

// What the supervisor needs of our environment, and no secret of it.
std::vector<std::string> supervisor_environment(const base::Paths &paths) {
    static constexpr std::array<const char *, 7> names = {"PATH",
                                                          "HOME",
                                                          "LANG",
                                                          "COMPOSE_ADDRESS_POOLS",
                                                          "COMPOSE_CGROUP_KIND",
                                                          "COMPOSE_CDI_DIRS",
                                                          "COMPOSE_LOG_LEVEL"};
    // Absolute, for the supervisor's working directory is another.
    std::vector<std::string> environment = {"COMPOSE_STATE_DIR=" + paths.state().string(),
                                            "COMPOSE_RUN_DIR=" + paths.run().string()};
    for (const char *name : names)
        if (const char *value = std::getenv(name))
            environment.push_back(std::string(name) + "=" + value);
    return environment;
}

} // namespace

std::optional<Client> connect_to_supervisor(const base::Paths &paths, const std::string &project) {
    const auto run = paths.project_run(project);
    std::error_code missing;
    if (!std::filesystem::exists(run / "control.sock", missing))
        return std::nullopt;
    const auto lock = base::FileLock::acquire_shared(paths.lock("supervisors"));
    return try_connect(run);
}

Client start_supervisor(const base::Paths &paths, const std::string &project) {
    if (auto running = connect_to_supervisor(paths, project))
        return std::move(*running);
    const auto run = paths.project_run(project);
    std::optional<base::FileLock> lock;
    try {
        base::make_dirs(paths.run(), 0700);
        lock = base::FileLock::acquire(paths.lock("supervisors"));
        // Under the lock, for a supervisor that ends takes them away under it.
        base::make_dirs(run, 0700);
        base::make_dirs(paths.project(project), 0700);
    } catch (const base::SystemError &error) {
        throw base::SystemError(error.stage(), error.code(), error.subject(),
                                "compose needs root for now; or set COMPOSE_STATE_DIR and COMPOSE_RUN_DIR");
    }
    if (auto running = try_connect(run))
        return std::move(*running);
    const base::UniqueFd listener = listen_in(run);
    const base::UniqueFd log =
        base::open_file(paths.project(project) / "supervisor.err", O_WRONLY | O_CREAT | O_APPEND, 0600);
    container::KeeperSpec spec;
    spec.runtime_dir = run;
    spec.supervisor_argv = {std::filesystem::read_symlink("/proc/self/exe").string(), "supervisor", project};
    spec.environment = supervisor_environment(paths);
    spec.log_fd = log.get();
    spec.descriptors["listener"] = {listener.get()};
    container::launch_keeper(spec);
    auto started = try_connect(run);
    if (!started)
        throw base::Error("the supervisor of project " + project
                              + " could not be reached after it was started",
                          "see " + (paths.project(project) / "supervisor.err").string());
    return std::move(*started);
}

} // namespace cli

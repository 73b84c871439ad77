#include "engine/build/program.hpp"

#include "base/error.hpp"
#include "base/file.hpp"

#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <unistd.h>

namespace build {

namespace {

std::vector<char *> pointers(std::vector<std::string> &words) {
    std::vector<char *> result;
    result.reserve(words.size() + 1);
    for (std::string &word : words)
        result.push_back(word.data());
    result.push_back(nullptr);
    return result;
}

class Spawn {
  public:
    Spawn() {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
    }

    Spawn(const Spawn &) = delete;
    Spawn &operator=(const Spawn &) = delete;

    ~Spawn() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }

    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
};

pid_t start(const ProgramRun &run, int input, int output, int errors) {
    Spawn spawn;
    posix_spawn_file_actions_adddup2(&spawn.actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&spawn.actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&spawn.actions, errors, STDERR_FILENO);
    posix_spawn_file_actions_addchdir_np(&spawn.actions, run.directory.c_str());
    // A session of its own, and so a group: Ctrl-C on the terminal is for us, what it starts ends with it,
    // and ssh finds no terminal to ask questions on.
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&spawn.attributes, &none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigdefault(&spawn.attributes, &all);
    posix_spawnattr_setflags(&spawn.attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<std::string> env = run.env;
    for (char **each = environ; *each != nullptr; ++each)
        env.emplace_back(*each);
    std::vector<std::string> argv = run.argv;
    pid_t pid = 0;
    const int error = ::posix_spawnp(&pid, argv.front().c_str(), &spawn.actions, &spawn.attributes,
                                     pointers(argv).data(), pointers(env).data());
    if (error != 0)
        throw base::SystemError("run", error, argv.front(), "install it: apt install " + argv.front());
    return pid;
}

int wait_for(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

// Reads both until they end. False when the build is cancelled.
bool collect(base::UniqueFd &output, base::UniqueFd &errors, ProgramResult &result,
             const Cancellation &cancellation) {
    std::array<char, 16384> buffer;
    while (output || errors) {
        std::array<pollfd, 4> fds{{{output.get(), POLLIN, 0},
                                   {errors.get(), POLLIN, 0},
                                   {cancellation.event_fd(), POLLIN, 0},
                                   {cancellation.user_fd(), POLLIN, 0}}};
        if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR)
            base::throw_errno("wait for", "a program");
        if ((fds[2].revents | fds[3].revents) != 0)
            return false;
        for (const bool first : {true, false}) {
            base::UniqueFd &fd = first ? output : errors;
            if (!fd || fds[first ? 0 : 1].revents == 0)
                continue;
            const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
            if (count > 0)
                (first ? result.output : result.errors)
                    .append(buffer.data(), static_cast<std::size_t>(count));
            else if (count == 0 || errno != EINTR)
                fd.reset();
        }
    }
    return true;
}

} // namespace

ProgramResult run_program(const ProgramRun &run, const Cancellation &cancellation) {
    base::Pipe output = base::make_pipe();
    base::Pipe errors = base::make_pipe();
    const base::UniqueFd nothing = base::open_file("/dev/null", O_RDONLY);
    const pid_t pid = start(run, nothing.get(), output.write.get(), errors.write.get());
    output.write.reset();
    errors.write.reset();
    ProgramResult result;
    const bool finished = collect(output.read, errors.read, result, cancellation);
    if (!finished)
        ::kill(-pid, SIGKILL);
    const int status = wait_for(pid);
    if (!finished)
        cancellation.check();
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

RunningProgram::RunningProgram(const ProgramRun &run)
    : input_(base::make_pipe()), output_(base::make_pipe()) {
    const base::UniqueFd nowhere = base::open_file("/dev/null", O_WRONLY);
    pid_ = start(run, input_.read.get(), output_.write.get(), nowhere.get());
    input_.read.reset();
    output_.write.reset();
}

RunningProgram::~RunningProgram() {
    input_.write.reset();
    static_cast<void>(wait_for(pid_));
}

std::string RunningProgram::read_line() const {
    std::string line;
    for (char letter = 0; ::read(output_.read.get(), &letter, 1) == 1 && letter != '\n';)
        line += letter;
    return line;
}

} // namespace build

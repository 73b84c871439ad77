#include "supervisor/container_output.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/log.hpp"

#include <sys/stat.h>

#include <array>
#include <fcntl.h>
#include <unistd.h>

namespace supervisor {

namespace {

constexpr int pipe_capacity = 1024 * 1024;

// Opened O_RDWR it has a reader and a writer for as long as anybody holds it: the container never gets
// SIGPIPE, whoever dies on our side.
base::UniqueFd open_fifo(const std::filesystem::path &path) {
    if (::mkfifo(path.c_str(), 0600) < 0 && errno != EEXIST)
        base::throw_errno("create FIFO", path.string());
    base::UniqueFd fd = base::open_file(path, O_RDWR | O_NONBLOCK);
    // Room for bursts; an unprivileged user may not get it, and the default works as well.
    (void)::fcntl(fd.get(), F_SETPIPE_SZ, pipe_capacity);
    return fd;
}

LogLimits limits_of(const container::LogOptions &options) {
    LogLimits limits;
    limits.discard = options.discard;
    if (options.max_size)
        limits.max_size = *options.max_size;
    if (options.max_file)
        limits.max_files = *options.max_file;
    return limits;
}

} // namespace

ContainerOutput::ContainerOutput(Runtime &runtime, const container::Spec &spec,
                                 std::filesystem::path directory)
    : runtime_(runtime), spec_(spec), directory_(std::move(directory)),
      run_(runtime.paths.container_run(spec.project, spec.id)) {}

ContainerOutput::~ContainerOutput() {
    for (const auto &pump : pumps_)
        pump->stop();
}

std::string ContainerOutput::stored_name(const char *what) const {
    return spec_.id + "." + what;
}

container::Stdio ContainerOutput::open() {
    if (!log_)
        log_ = std::make_shared<LogFile>(directory_, limits_of(spec_.log));
    if (spec_.process.tty)
        return {};
    base::make_dirs(run_, 0711);
    out_ = open_fifo(run_ / "stdout");
    err_ = open_fifo(run_ / "stderr");
    const std::array held = {out_.get(), err_.get()};
    runtime_.keeper.store(stored_name("out"), held);
    pump(out_.duplicate(), Stream::out);
    pump(err_.duplicate(), Stream::err);
    // The process gets open files of its own: O_NONBLOCK is a property of ours.
    out_ = base::open_file(run_ / "stdout", O_RDWR);
    err_ = base::open_file(run_ / "stderr", O_RDWR);
    if (spec_.process.stdin_open) {
        base::Pipe pipe = base::make_pipe();
        in_read_ = std::move(pipe.read);
        input_ = std::move(pipe.write);
        const std::array writer = {input_.get()};
        runtime_.keeper.store(stored_name("in"), writer);
    }
    return {in_read_.get(), out_.get(), err_.get()};
}

void ContainerOutput::started(base::UniqueFd terminal) {
    out_.reset();
    err_.reset();
    in_read_.reset();
    if (!terminal)
        return;
    const std::array master = {terminal.get()};
    runtime_.keeper.store(stored_name("tty"), master);
    pump(terminal.duplicate(), Stream::out);
    input_ = std::move(terminal);
}

void ContainerOutput::failed() {
    started({});
    close();
}

void ContainerOutput::adopt() {
    log_ = std::make_shared<LogFile>(directory_, limits_of(spec_.log));
    if (runtime_.journal.pending().container == spec_.id)
        finish_pending(runtime_.journal, *log_);
    const auto take = [&](const char *what) -> base::UniqueFd {
        const auto found = runtime_.inherited.find(stored_name(what));
        if (found == runtime_.inherited.end() || found->second.empty())
            return {};
        base::UniqueFd fd = std::move(found->second.front());
        runtime_.inherited.erase(found);
        return fd;
    };
    if (spec_.process.tty) {
        if (base::UniqueFd terminal = take("tty")) {
            pump(terminal.duplicate(), Stream::out);
            input_ = std::move(terminal);
        }
        return;
    }
    (void)take("out"); // by name they are the same pipes
    input_ = take("in");
    base::make_dirs(run_, 0711);
    base::UniqueFd out = open_fifo(run_ / "stdout");
    base::UniqueFd err = open_fifo(run_ / "stderr");
    const std::array held = {out.get(), err.get()};
    runtime_.keeper.store(stored_name("out"), held);
    pump(std::move(out), Stream::out);
    pump(std::move(err), Stream::err);
}

void ContainerOutput::pump(base::UniqueFd fd, Stream stream) {
    const std::string name = spec_.name;
    auto pump = std::make_shared<LogPump>(
        runtime_.io.get_executor(), std::move(fd), spec_.id, stream, runtime_.journal, log_,
        [name](const std::string &why) { base::log::error("log of {}: {}", name, why); });
    pump->start();
    pumps_.push_back(std::move(pump));
}

void ContainerOutput::close() {
    for (const auto &pump : pumps_) {
        pump->drain();
        pump->stop();
    }
    pumps_.clear();
    input_.reset();
    for (const char *what : {"out", "in", "tty"})
        runtime_.keeper.drop(stored_name(what));
}

base::UniqueFd ContainerOutput::take_input(bool once) {
    if (!input_)
        return {};
    if (spec_.process.tty || !once)
        return input_.duplicate();
    runtime_.keeper.drop(stored_name("in"));
    return std::move(input_);
}

} // namespace supervisor

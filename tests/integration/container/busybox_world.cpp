#include "integration/container/busybox_world.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/remove_tree.hpp"
#include "engine/container/devices.hpp"

#include <sys/stat.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace container::test {

namespace {

constexpr const char *applets[] = {
    "sh",  "cat",   "ls",    "id",       "true",  "false",  "sleep", "mount",  "hostname", "pwd",
    "env", "stat",  "test",  "touch",    "grep",  "tty",    "kill",  "ulimit", "mkdir",    "echo",
    "ps",  "wc",    "ip",    "readlink", "dd",    "head",   "stty",  "sort",   "rm",       "mknod",
    "df",  "chmod", "umask", "ln",       "nproc", "printf", "tail"};

void make_busybox(const base::fs::path &root) {
    for (const char *name : {"bin", "etc", "tmp", "root", "home/bob"})
        base::make_dirs(root / name);
    ::chmod((root / "tmp").c_str(), 01777);
    base::fs::copy_file("/bin/busybox", root / "bin/busybox");
    for (const char *applet : applets)
        base::fs::create_symlink("busybox", root / "bin" / applet);
    base::write_file_atomic(root / "etc/passwd",
                            "root:x:0:0:root:/root:/bin/sh\nbob:x:1000:1001::/home/bob:/bin/sh\n");
    base::write_file_atomic(root / "etc/group", "root:x:0:\nbob:x:1001:\nwheel:x:10:bob\nextra:x:20:\n");
}

base::fs::path test_directory() {
    const char *base = std::getenv("COMPOSE_TEST_DIR");
    return base::fs::path(base != nullptr ? base : "/dev/shm") / ("container-test-" + base::random_hex(8));
}

} // namespace

World::World() : paths("", ""), directory_(test_directory()) {
    paths = base::Paths(directory_ / "state", directory_ / "run");
    make_busybox(directory_ / "image");
}

World::~World() {
    base::remove_tree(directory_);
}

Spec World::spec(const std::string &script) const {
    Spec spec;
    spec.id = base::random_hex(64);
    spec.name = "shop-web-1";
    spec.project = "shop" + spec.id.substr(0, 8);
    spec.service = "web";
    spec.hostname = spec.id.substr(0, 12);
    spec.layers = {directory_ / "image"};
    spec.process.argv = {"/bin/sh", "-c", script};
    return spec;
}

Result World::run(const Spec &spec, const std::function<void(Child &)> &before) {
    Result result;
    create(paths, spec, {"10.0.0.1", "/etc/resolv.conf", "/etc/hosts"});
    base::Pipe out = base::make_pipe();
    base::Pipe err = base::make_pipe();
    {
        Cgroup cgroup = make_cgroup(spec);
        try {
            StartContext context{paths, cgroup, seccomp, {-1, out.write.get(), err.write.get()},
                                 {},    join,   overlay, false};
            Child child = spawn(spec, context);
            out.write.reset();
            err.write.reset();
            if (before)
                before(child);
            child.release();
            result.failure = child.wait_started();
            result.code = result.failure ? result.failure->exit_code() : -1;
            result.out = drain(out.read.get());
            result.err = drain(err.read.get());
            if (!result.failure)
                result.code = wait_for(child.pidfd());
        } catch (const StartError &error) {
            result.failure = error.failure();
            result.code = error.exit_code();
        } catch (...) {
            cgroup.remove();
            container::remove(paths, spec.project, spec.id);
            throw;
        }
        cgroup.remove();
    }
    container::remove(paths, spec.project, spec.id);
    return result;
}

Running::Running(World &w, const Spec &s, Stdio stdio) : world(w), spec(s), cgroup(make_cgroup(s)) {
    create(world.paths, spec, {});
    StartContext context{world.paths, cgroup, world.seccomp, stdio, {}, world.join, world.overlay, false};
    child = spawn(spec, context);
    child->release();
    if (const auto failure = child->wait_started())
        throw StartError("start", *failure);
}

Running::~Running() {
    if (!ended_) {
        send_signal(child->pidfd(), SIGKILL);
        wait_for(child->pidfd());
    }
    cgroup.remove();
    container::remove(world.paths, spec.project, spec.id);
}

ProcessIdentity Running::identity() const {
    return identify(child->pid()).value();
}

int Running::wait() {
    ended_ = true;
    return wait_for(child->pidfd());
}

Result Running::exec(const std::string &script, ExecSpec what) {
    if (what.argv.empty())
        what.argv = {"/bin/sh", "-c", script};
    base::Pipe out = base::make_pipe();
    base::Pipe err = base::make_pipe();
    what.stdio = {-1, out.write.get(), err.write.get()};
    ExecProcess process = container::exec(spec, identity(), what, world.seccomp);
    out.write.reset();
    err.write.reset();
    Result result;
    result.out = drain(what.tty ? process.terminal.get() : out.read.get());
    result.err = drain(err.read.get());
    result.code = process.wait();
    return result;
}

Cgroup make_cgroup(const Spec &spec) {
    std::vector<std::string> warnings;
    CgroupSpec wanted;
    wanted.project = spec.project;
    wanted.id = spec.id;
    wanted.resources = spec.resources;
    wanted.devices = device_rules(spec);
    return Cgroup::create(detect_hierarchy(), wanted, warnings);
}

std::string drain(int fd) {
    std::string text;
    char buffer[4096];
    for (;;) {
        const ssize_t count = ::read(fd, buffer, sizeof buffer);
        if (count <= 0) // EIO: a terminal without a slave
            return text;
        text.append(buffer, static_cast<std::size_t>(count));
    }
}

int wait_for(int pidfd) {
    siginfo_t info{};
    base::check(::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | __WALL), "wait for", "child");
    return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

} // namespace container::test

#include "engine/container/process_steps.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/environment.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace container {

namespace {

constexpr std::pair<const char *, int> limit_names[] = {
    {"as", RLIMIT_AS},           {"core", RLIMIT_CORE},         {"cpu", RLIMIT_CPU},
    {"data", RLIMIT_DATA},       {"fsize", RLIMIT_FSIZE},       {"locks", RLIMIT_LOCKS},
    {"memlock", RLIMIT_MEMLOCK}, {"msgqueue", RLIMIT_MSGQUEUE}, {"nice", RLIMIT_NICE},
    {"nofile", RLIMIT_NOFILE},   {"nproc", RLIMIT_NPROC},       {"rss", RLIMIT_RSS},
    {"rtprio", RLIMIT_RTPRIO},   {"rttime", RLIMIT_RTTIME},     {"sigpending", RLIMIT_SIGPENDING},
    {"stack", RLIMIT_STACK},
};

rlim_t limit_value(std::int64_t value) {
    return value < 0 ? RLIM_INFINITY : static_cast<rlim_t>(value);
}

void add_limits(ProgramBuilder &builder, const std::vector<Rlimit> &rlimits) {
    for (const Rlimit &limit : rlimits) {
        Step &step = builder.add(Op::rlimit, StartStage::rlimit, limit.name);
        step.x = static_cast<std::uint64_t>(resource_of(limit));
        step.y = builder.limits.size();
        builder.limits.push_back({limit_value(limit.soft), limit_value(limit.hard)});
    }
}

// Copies above 2, so that none is overwritten by the move of another.
void add_stdio(ProgramBuilder &builder, const ProcessWork &work) {
    for (int target = 0; target < 3; ++target) {
        const int given = work.stdio[target];
        base::UniqueFd fd = given < 0 ? base::open_file("/dev/null", O_RDWR)
                                      : base::UniqueFd(::fcntl(given, F_DUPFD_CLOEXEC, 3));
        if (!fd)
            base::throw_errno("duplicate", "standard stream " + std::to_string(target));
        Step &step = builder.add_slot(Op::stdio, StartStage::stdio, builder.own(std::move(fd)));
        step.x = static_cast<std::uint64_t>(target);
    }
}

int last_capability() {
    static const int last = std::atoi(base::read_file("/proc/sys/kernel/cap_last_cap").c_str());
    return last;
}

void add_filter(ProgramBuilder &builder) {
    builder.add(Op::seccomp, StartStage::seccomp);
}

void add_credentials(ProgramBuilder &builder, const ProcessWork &work) {
    builder.groups = work.identity.groups;
    builder.program.uid = work.identity.uid;
    builder.program.gid = work.identity.gid;
    builder.program.last_capability = last_capability();
    builder.program.capabilities = work.capabilities.bits();
    if (work.filter != nullptr)
        builder.filter = work.filter->instructions;

    builder.add(Op::drop_bounding, StartStage::capability);
    // Installing a filter takes CAP_SYS_ADMIN, which goes with the ids, or no_new_privs, which then stays.
    if (work.filter != nullptr && !work.no_new_privileges)
        add_filter(builder);
    const std::string user = std::to_string(work.identity.uid) + ":" + std::to_string(work.identity.gid);
    // Groups first: without uid 0 they can't be set any more.
    builder.add(Op::groups, StartStage::user, user);
    builder.add(Op::set_gid, StartStage::user, user);
    builder.add(Op::set_uid, StartStage::user, user);
    // Another uid than 0 has lost all of them with the step above, and asking for them back would fail.
    if (work.identity.uid == 0)
        builder.add(Op::capabilities, StartStage::capability);
    if (work.no_new_privileges) {
        builder.add(Op::no_new_privs, StartStage::seccomp);
        if (work.filter != nullptr)
            add_filter(builder);
    }
}

} // namespace

void add_process_steps(ProgramBuilder &builder, const ProcessWork &work) {
    builder.add(Op::new_session, StartStage::setup);
    builder.add(Op::new_keyring, StartStage::setup);
    add_stdio(builder, work);
    if (work.terminal)
        builder.add_slot(Op::set_terminal, StartStage::terminal, builder.borrow(0));
    add_limits(builder, work.rlimits);
    builder.add(Op::change_dir, StartStage::cwd, work.cwd).x = work.make_cwd;
    builder.add(Op::reset_signals, StartStage::setup);
    add_credentials(builder, work);
    // The kernel forgets it when the ids change.
    if (work.dies_with_caller)
        builder.add(Op::die_with_caller, StartStage::setup);
    builder.program.candidates = builder.texts(candidates(work.argv.front(), work.env));
    builder.program.argv = builder.texts(work.argv);
    builder.program.envp = builder.texts(work.env);
    builder.add(Op::execute, StartStage::exec, work.argv.front());
}

int resource_of(const Rlimit &limit) {
    for (const auto &[known, resource] : limit_names)
        if (limit.name == known)
            return resource;
    throw base::Error("unknown ulimit " + limit.name,
                      "ulimits are named as in prlimit(2): nofile, nproc, memlock, ...");
}

void give_pipes(const int (&stdio)[3], uid_t owner) {
    for (const int fd : stdio) {
        struct stat status {};

        if (fd < 0 || ::fstat(fd, &status) < 0 || !S_ISFIFO(status.st_mode) || status.st_uid == owner)
            continue;
        base::check(::fchown(fd, owner, status.st_gid), "give to the container's user", "output pipe");
    }
}

} // namespace container

/* The keeper: parent of a project's supervisor and containers. It reaps, records exits, stores descriptors,
 * restarts the supervisor, and does nothing else.
 *
 *   compose-keeper EXITS_FILE WAIT_PIDFD|-1 [NAME=FD,FD]... -- SUPERVISOR [ARGUMENT]...
 *
 * It starts with all signals blocked, in a session of its own, with stdio set up. Ends when the supervisor
 * exits 0. Exit status 64: wrong arguments; 71: the kernel refused something at the start. */
#include "keeper.h"

#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    LOWEST_FD = 10, /* clear of the numbers a supervisor is given */
    SHORT_LIFE_MS = 1000,
    FIRST_BACKOFF_MS = 100,
    LONGEST_BACKOFF_MS = 5000,
    RECORD_RETRY_MS = 500
};

static pid_t supervisor; /* 0: none runs */
static int supervisor_socket = -1;
static int event = -1;
static uint64_t started_at;  /* ms */
static uint64_t start_after; /* ms */
static unsigned backoff;     /* ms, for the next short life */

static uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000U + (uint64_t)now.tv_nsec / 1000000U;
}

static int out_of_the_way(int fd) {
    const int moved = fcntl(fd, F_DUPFD_CLOEXEC, LOWEST_FD);
    close(fd);
    return moved;
}

static void start_supervisor(char **argv, char **environment) {
    int pair[2];
    started_at = now_ms();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return;
    const int theirs = out_of_the_way(pair[1]);
    supervisor_socket = out_of_the_way(pair[0]);
    supervisor = vfork();
    if (supervisor == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        if (dup2(theirs, KEEPER_SOCKET_FD) >= 0 && dup2(event, KEEPER_EVENT_FD) >= 0)
            execve(argv[0], argv, environment);
        _exit(127);
    }
    close(theirs);
    if (supervisor < 0)
        supervisor = 0;
}

static void close_supervisor_socket(void) {
    if (supervisor_socket < 0)
        return;
    while (serve_request(supervisor_socket)) /* what it stored just before it died */
        ;
    close(supervisor_socket);
    supervisor_socket = -1;
}

/* One that lived gets another at once; of those that die young, the first too. */
static void plan_restart(void) {
    const uint64_t now = now_ms();
    if (now - started_at >= SHORT_LIFE_MS)
        backoff = 0;
    start_after = now + backoff;
    backoff = backoff == 0 ? FIRST_BACKOFF_MS : backoff * 2;
    if (backoff > LONGEST_BACKOFF_MS)
        backoff = LONGEST_BACKOFF_MS;
}

static void log_end(pid_t pid, int status) {
    struct text line = {.size = 0};
    text_add(&line, "keeper: supervisor ");
    text_add_number(&line, (uint64_t)pid);
    text_add(&line, WIFSIGNALED(status) ? " was killed by signal " : " exited with ");
    text_add_number(&line, (uint64_t)(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)));
    text_add(&line, ", starting another in ms: ");
    text_add_number(&line, start_after - now_ms() > LONGEST_BACKOFF_MS ? 0 : start_after - now_ms());
    text_add(&line, "\n");
    const ssize_t written = write(STDERR_FILENO, line.data, line.size);
    (void)written; /* the log is for people; nothing depends on it */
}

static void announce_exits(void) {
    const uint64_t one = 1;
    const ssize_t written = write(event, &one, sizeof one);
    (void)written; /* full means that it was announced already */
}

static void raise_descriptor_limit(void) {
    /* Of this process only: the C library's setrlimit() first stops all threads, which takes 2 kB of code. */
    struct rlimit limit;
    if (syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &limit, NULL);
    }
}

static int watch_signals(void) {
    sigset_t all, child;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL); /* a terminal's SIGINT and SIGHUP stay pending for ever */
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    return out_of_the_way(signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
}

static int timeout_until(uint64_t deadline) {
    const uint64_t now = now_ms();
    return deadline > now ? (int)(deadline - now) : 0;
}

static int run(int predecessor, int signals, char **argv, char **environment) {
    int deferred = 0;
    for (;;) {
        if (supervisor == 0 && predecessor < 0 && now_ms() >= start_after) {
            start_supervisor(argv, environment);
            if (supervisor == 0)
                plan_restart();
        }
        int timeout = deferred ? RECORD_RETRY_MS : -1;
        if (supervisor == 0 && predecessor < 0)
            timeout = timeout_until(start_after);
        struct pollfd waiting[] = {
            {signals, POLLIN, 0}, {supervisor_socket, POLLIN, 0}, {predecessor, POLLIN, 0}};
        poll(waiting, sizeof waiting / sizeof *waiting, timeout);

        struct signalfd_siginfo drained;
        while (read(signals, &drained, sizeof drained) > 0)
            ;
        if (waiting[2].revents != 0) {
            close(predecessor);
            predecessor = -1;
        }
        if (waiting[1].revents != 0 && !serve_request(supervisor_socket)
            && (waiting[1].revents & POLLHUP) != 0)
            close_supervisor_socket();

        const struct reaped reaped = reap_children(supervisor);
        deferred = reaped.deferred;
        if (reaped.others != 0 || deferred)
            announce_exits();
        if (reaped.supervisor_ended) {
            const pid_t ended = supervisor;
            supervisor = 0;
            close_supervisor_socket();
            if (reaped.supervisor_status == 0)
                return 0;
            plan_restart();
            log_end(ended, reaped.supervisor_status);
        }
    }
}

int main(int argc, char **argv, char **environment) {
    if (argc < 5)
        return 64;
    prctl(PR_SET_NAME, "compose-keeper");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    raise_descriptor_limit();
    int predecessor = argv[2][0] == '-' ? -1 : atoi(argv[2]);
    if (predecessor >= 0)
        fcntl(predecessor, F_SETFD, FD_CLOEXEC);
    int argument = 3;
    for (; argument < argc && strcmp(argv[argument], "--") != 0; ++argument)
        if (store_parse(argv[argument]) != 0)
            return 64;
    if (argument + 1 >= argc)
        return 64;
    const int signals = watch_signals();
    event = out_of_the_way(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (signals < 0 || event < 0 || exits_open(argv[1]) != 0)
        return 71;
    return run(predecessor, signals, argv + argument + 1, environment);
}

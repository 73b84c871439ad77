#include "keeper.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int exits = -1;

int exits_open(const char *path) {
    exits = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    return exits < 0 ? errno : 0;
}

int exits_truncate(uint64_t size) {
    struct stat status;
    return fstat(exits, &status) == 0 && (uint64_t)status.st_size == size && ftruncate(exits, 0) == 0;
}

/* Field 22 of /proc/PID/stat: with the pid it names a process for good. The name before it may hold anything.
 */
static uint64_t start_ticks(pid_t pid) {
    struct text path = {.size = 0};
    text_add(&path, "/proc/");
    text_add_number(&path, (uint64_t)pid);
    text_add(&path, "/stat");
    path.data[path.size] = '\0';
    char stat[1024];
    const int file = open(path.data, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    const ssize_t size = read(file, stat, sizeof stat - 1);
    close(file);
    if (size <= 0)
        return 0;
    stat[size] = '\0';
    const char *at = strrchr(stat, ')');
    for (int field = 2; at != NULL && field < 22; ++field) {
        at = strchr(at, ' ');
        if (at != NULL)
            ++at;
    }
    uint64_t ticks = 0;
    for (; at != NULL && *at >= '0' && *at <= '9'; ++at)
        ticks = ticks * 10 + (uint64_t)(*at - '0');
    return ticks;
}

static int wait_status(const siginfo_t *info) {
    if (info->si_code == CLD_EXITED)
        return (info->si_status & 0xff) << 8;
    return info->si_status | (info->si_code == CLD_DUMPED ? 0x80 : 0);
}

/* One write of a whole line, or none. */
static int record(pid_t pid, int status) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct text line = {.size = 0};
    text_add_number(&line, (uint64_t)pid);
    text_add(&line, " ");
    text_add_number(&line, start_ticks(pid));
    text_add(&line, " ");
    text_add_number(&line, (uint64_t)status);
    text_add(&line, " ");
    text_add_number(&line, (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec);
    text_add(&line, "\n");
    const ssize_t written = write(exits, line.data, line.size);
    if (written == (ssize_t)line.size)
        return 1;
    struct stat status_of_file;
    if (written > 0 && fstat(exits, &status_of_file) == 0) {
        const int shortened = ftruncate(exits, status_of_file.st_size - written);
        (void)shortened; /* readers skip a malformed line */
    }
    return 0;
}

static int reap_supervisor(pid_t supervisor, struct reaped *result) {
    siginfo_t info;
    info.si_pid = 0;
    if (supervisor == 0 || waitid(P_PID, (id_t)supervisor, &info, WEXITED | WNOHANG | __WALL) < 0
        || info.si_pid == 0)
        return 0;
    result->supervisor_ended = 1;
    result->supervisor_status = wait_status(&info);
    return 1;
}

struct reaped reap_children(pid_t supervisor) {
    struct reaped result = {0, 0, 0, 0};
    /* By itself and first: children whose records can't be written must not hide it. */
    if (reap_supervisor(supervisor, &result))
        supervisor = 0;
    for (;;) {
        siginfo_t info;
        info.si_pid = 0;
        /* Looked at first, reaped after it is written down: until then its pid can't be reused. __WALL: a
         * child made with CLONE_PARENT may have another exit signal than SIGCHLD. */
        if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT | WNOHANG | __WALL) < 0 || info.si_pid == 0)
            return result;
        const pid_t pid = info.si_pid;
        if (pid == supervisor) {
            reap_supervisor(supervisor, &result);
            supervisor = 0;
            continue;
        }
        if (!record(pid, wait_status(&info))) {
            result.deferred = 1;
            return result;
        }
        ++result.others;
        waitpid(pid, NULL, WNOHANG | __WALL);
    }
}

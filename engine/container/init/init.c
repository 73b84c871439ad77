/* PID 1 of a container with `init: true`: starts the program, passes signals on to it, reaps whatever is
   orphaned, and ends as the program ends. Usage: init -- PROGRAM ARGS... */
#include <sys/ioctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void report(const char *program, int error) {
    const char *reason = strerror(error);
    write(STDERR_FILENO, "exec ", 5);
    write(STDERR_FILENO, program, strlen(program));
    write(STDERR_FILENO, ": ", 2);
    write(STDERR_FILENO, reason, strlen(reason));
    write(STDERR_FILENO, "\n", 1);
}

static void run_program(char **arguments, const sigset_t *mask) {
    signal(SIGTTIN, SIG_DFL);
    signal(SIGTTOU, SIG_DFL);
    /* A group of its own that has the terminal, so that Ctrl-C reaches the program and not us. */
    setpgid(0, 0);
    tcsetpgrp(STDIN_FILENO, getpgrp());
    sigprocmask(SIG_SETMASK, mask, NULL);
    execvp(arguments[0], arguments);
    const int error = errno;
    report(arguments[0], error);
    _exit(error == ENOENT || error == ENOTDIR ? 127 : 126);
}

/* Returns whether the program itself has ended, with its exit code as a shell counts. */
static int reap(pid_t program, int *code) {
    int ended = 0;
    for (;;) {
        int status;
        const pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid <= 0)
            return ended;
        if (pid == program) {
            *code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            ended = 1;
        }
    }
}

int main(int count, char **arguments) {
    int first = 1;
    if (first < count && strcmp(arguments[first], "--") == 0)
        ++first;
    if (first >= count)
        return 125;

    /* What a fault of our own raises must not be blocked. */
    const int own[] = {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGSYS};
    sigset_t waited, before;
    sigfillset(&waited);
    for (size_t index = 0; index < sizeof own / sizeof *own; ++index)
        sigdelset(&waited, own[index]);
    sigprocmask(SIG_SETMASK, &waited, &before);
    /* Handing the terminal over would stop us. */
    signal(SIGTTIN, SIG_IGN);
    signal(SIGTTOU, SIG_IGN);

    const pid_t program = fork();
    if (program < 0) {
        report(arguments[first], errno);
        return 126;
    }
    if (program == 0)
        run_program(arguments + first, &before);

    for (;;) {
        const int number = sigwaitinfo(&waited, NULL);
        int code = 0;
        if (number == SIGCHLD) {
            if (reap(program, &code))
                return code;
        } else if (number > 0) {
            kill(program, number);
        }
    }
}

#include "engine/container/terminal.hpp"

#include "base/error.hpp"

#include <sys/ioctl.h>

#include <fcntl.h>
#include <unistd.h>

namespace container {

Terminal open_terminal(int pts, WindowSize window, uid_t owner) {
    Terminal terminal;
    terminal.master.reset(base::check(::openat(pts, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC),
                                      "open terminal", "ptmx"));
    const int unlocked = 0;
    base::check(::ioctl(terminal.master.get(), TIOCSPTLCK, &unlocked), "unlock terminal", "");
    // By descriptor: names below a container's /dev are the container's to change.
    terminal.slave.reset(
        base::check(::ioctl(terminal.master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC),
                    "open terminal", "slave side"));
    set_window(terminal.master.get(), window);
    base::check(::fchown(terminal.slave.get(), owner, static_cast<gid_t>(-1)), "set owner of", "terminal");
    return terminal;
}

void set_window(int terminal, WindowSize window) {
    winsize size{};
    size.ws_row = window.rows;
    size.ws_col = window.columns;
    base::check(::ioctl(terminal, TIOCSWINSZ, &size), "set window size of", "terminal");
}

} // namespace container

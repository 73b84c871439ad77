"""Many commands at once, of which some are killed by SIGKILL when so and so many things have happened on the disk."""
import os
import pathlib
import select
import signal
import subprocess
import tempfile

from harness.process import TIMEOUT
from harness.watch import Watch

WATCHED = ["images", "images/blobs/sha256", "images/layers", "images/tmp", "images/partial", "images/cache", "images/build/running",
           "images/build/steps", "projects", "networks", "volumes"]


class Running:
    """One command; its output goes to a file, so that nobody has to read along."""

    def __init__(self, command, cwd, env):
        self.text = " ".join(map(str, command))
        self.killed = False
        self._output = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=self._output,
                                        stderr=subprocess.STDOUT, start_new_session=True)
        self.fd = os.pidfd_open(self.process.pid)

    def kill(self):
        self.killed = True
        self.process.send_signal(signal.SIGKILL)

    def close(self):
        """What it printed."""
        self.process.wait()
        os.close(self.fd)
        self._output.seek(0)
        text = self._output.read().decode(errors="replace")
        self._output.close()
        return text


class Storm:
    """`state` is the store that all commands use, `names` are its projects; `step_ids` are the build steps that there
    have been."""

    def __init__(self, random, state, names):
        self.random = random
        self.state = state
        self.names = names
        self.step_ids = set()
        self.supervisors_killed = 0
        self._watch = Watch()

    def _events(self, poll, seconds):
        """How many things have happened, and which descriptors of processes that ended are ready."""
        ready = [fd for fd, _ in poll.poll(seconds * 1000)]
        assert ready, f"nothing has happened for {seconds} s"
        for folder in WATCHED:
            self._watch.add(self.state / folder)
        events = self._watch.read()
        self.step_ids |= {name for folder, name in events if folder == self.state / "images/build/running"}
        return len(events), [fd for fd in ready if fd != self._watch.fd]

    def run(self, commands, kills):
        """Starts all [(command, cwd, env)] at once, kills up to `kills` of them, and waits for the others. Returns
        [(Running, output)]."""
        running = {}
        poll = select.poll()
        poll.register(self._watch.fd, select.POLLIN)
        done = []
        for folder in WATCHED:
            self._watch.add(self.state / folder)
        for command in commands:
            started = Running(*command)
            running[started.fd] = started
            poll.register(started.fd, select.POLLIN)
        remaining = self._patience()
        while running:
            happened, ended = self._events(poll, TIMEOUT)
            for fd in ended:
                poll.unregister(fd)
                one = running.pop(fd)
                done.append((one, one.close()))
            remaining -= happened
            victims = [one.kill for one in running.values() if not one.killed]
            if remaining <= 0 and kills > 0 and victims:
                self.random.choice(victims + [self._kill_a_supervisor])()
                kills -= 1
                remaining = self._patience()
        return done

    def _kill_a_supervisor(self):
        """Its keeper starts another one, which goes on where it was."""
        for pid in self.random.sample(pids := [name for name in os.listdir("/proc") if name.isdigit()], len(pids)):
            try:
                fd = os.pidfd_open(int(pid))
            except OSError:
                continue
            try:
                arguments = pathlib.Path("/proc", pid, "cmdline").read_bytes().decode(errors="replace").split("\0")
                if "supervisor" in arguments and self.names & set(arguments):
                    signal.pidfd_send_signal(fd, signal.SIGKILL)
                    self.supervisors_killed += 1
                    return
            except OSError:
                continue  # it has ended meanwhile
            finally:
                os.close(fd)

    def _patience(self):
        """Small numbers as often as large ones: a command's first things are as interesting as its last."""
        return self.random.randrange(1, 2 << self.random.randrange(10))

    def close(self):
        self._watch.close()

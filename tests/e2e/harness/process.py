"""Running a command: to its end, in the background, or on a terminal. Every wait has a limit and says what it waited for."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time

TIMEOUT = 120


class Result:
    def __init__(self, command, code, stdout, stderr):
        self.command = command
        self.code = code
        self.stdout = stdout
        self.stderr = stderr

    @property
    def output(self):
        return self.stdout + self.stderr

    def erase_line_codes(self):
        """Docker Compose 2.26 writes them even into pipes."""
        self.stdout, self.stderr = (text.replace("\x1b[2K", "") for text in (self.stdout, self.stderr))

    def __str__(self):
        return (f"$ {' '.join(map(str, self.command))}\nexit code {self.code}\n--- stdout\n{self.stdout[-8000:]}"
                f"\n--- stderr\n{self.stderr[-8000:]}")


def run(command, *, cwd, env, stdin=None, timeout=TIMEOUT):
    process = subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE, start_new_session=True)
    data = stdin.encode() if isinstance(stdin, str) else stdin
    try:
        out, err = process.communicate(data, timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        result = Result(command, "none: killed", out.decode(errors="replace"), err.decode(errors="replace"))
        raise AssertionError(f"not finished after {timeout} s\n{result}") from None
    return Result(command, process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))


class Background:
    """A command that runs on while the test acts; its output is read as it comes."""

    def __init__(self, command, *, cwd, env):
        self.command = command
        self.process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, start_new_session=True)
        self._changed = threading.Condition()
        self._text = {"stdout": "", "stderr": ""}
        self._readers = [threading.Thread(target=self._read, args=(name,), daemon=True) for name in self._text]
        for reader in self._readers:
            reader.start()

    def _read(self, name):
        stream = getattr(self.process, name)
        while data := os.read(stream.fileno(), 65536):
            with self._changed:
                self._text[name] += data.decode(errors="replace")
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    @property
    def stdout(self):
        return self._text["stdout"]

    @property
    def stderr(self):
        return self._text["stderr"]

    def wait_for(self, pattern, stream="stdout", timeout=TIMEOUT, count=1):
        """Until `pattern` occurs `count` times in the stream."""
        with self._changed:
            found = self._changed.wait_for(lambda: len(re.findall(pattern, self._text[stream])) >= count, timeout)
        assert found, f"{count} x {pattern!r} did not appear on {stream} in {timeout} s\n{self.result('still running')}"

    def signal(self, number):
        os.killpg(self.process.pid, number)

    def wait(self, timeout=TIMEOUT):
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"not finished after {timeout} s\n{self.result('still running')}") from None
        for reader in self._readers:
            reader.join(timeout)
        return self.result(code)

    def result(self, code):
        return Result(self.command, code, self.stdout, self.stderr)

    def close(self):
        if self.process.poll() is None:
            self.signal(signal.SIGKILL)
            self.process.wait()


class Terminal:
    """A command with a controlling terminal of the given size, driven like a person would."""

    def __init__(self, command, *, cwd, env, rows=24, columns=100):
        self.command = command
        self.text = ""
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(command, cwd=cwd, env={**env, "TERM": "xterm-256color"}, stdin=slave,
                                        stdout=slave, stderr=slave, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, text):
        os.write(self.master, text.encode())

    def _read(self, seconds):
        """True while the terminal is open."""
        if not select.select([self.master], [], [], max(seconds, 0))[0]:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.text += data.decode(errors="replace")
        return bool(data)

    def wait_for(self, pattern, timeout=TIMEOUT):
        deadline = time.monotonic() + timeout
        while not re.search(pattern, self.text):
            alive = time.monotonic() < deadline and self._read(deadline - time.monotonic())
            assert alive or re.search(pattern, self.text), f"{pattern!r} did not appear:\n{self.text}"

    def seen(self, pattern, seconds):
        """Whether the pattern has appeared, or does within the time."""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.text) and time.monotonic() < deadline:
            if not self._read(deadline - time.monotonic()):
                break
        return bool(re.search(pattern, self.text))

    def wait(self, timeout=TIMEOUT):
        deadline = time.monotonic() + timeout
        while self._read(deadline - time.monotonic()):
            assert time.monotonic() < deadline, f"not finished after {timeout} s:\n{self.text}"
        return self.process.wait(timeout)

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self.master)


def wait_for(predicate, what, timeout=60):
    """Until predicate() is true; for states that nothing announces. Returns its value."""
    deadline = time.monotonic() + timeout
    while not (value := predicate()):
        assert time.monotonic() < deadline, f"not within {timeout} s: {what}"
        time.sleep(0.02)
    return value

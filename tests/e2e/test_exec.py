"""`exec`: exit codes, environment, user, directory, standard input, terminals."""
import re
import signal

import pytest

from harness.process import wait_for

FILE = """
    services:
      a: {image: alpine, init: true, command: sleep infinity, environment: {SET: in-file}, scale: 2, user: app}
"""


@pytest.fixture
def running(project):
    project.file(FILE)
    project.up()
    return project


def test_exit_codes(running):
    """RUN-14"""
    running.compose("exec", "-T", "a", "true")
    running.compose("exec", "-T", "a", "false", code=1)
    running.compose("exec", "-T", "a", "sh", "-c", "exit 42", code=42)
    running.compose("exec", "-T", "a", "sh", "-c", "kill -9 $$", code=137)


@pytest.mark.ours
def test_command_that_is_missing_or_not_executable(running):
    """RUN-14"""
    missing = running.compose("exec", "-T", "a", "no-such-command", code=None)
    assert missing.code == 127 and "no-such-command" in missing.output
    refused = running.compose("exec", "-T", "a", "/etc/passwd", code=None)
    assert refused.code == 126 and "permission denied" in refused.output.lower()


def test_environment(running):
    """RUN-14"""
    script = "echo ${SET-unset} ${FOO-unset}"
    assert running.sh("a", script) == "in-file unset\n"
    assert running.compose("exec", "-T", "-e", "FOO=bar", "a", "sh", "-c", script).stdout == "in-file bar\n"
    bare = ["exec", "-T", "-e", "FOO", "a", "sh", "-c", script]
    assert running.compose(*bare, env={"FOO": "from-caller"}).stdout == "in-file from-caller\n"
    assert running.compose(*bare).stdout == "in-file unset\n"


def test_user_and_directory(running):
    """RUN-14"""
    assert running.exec("a", "id", "-un") == "app\n"
    assert running.compose("exec", "-T", "-u", "root", "-w", "/tmp", "a", "sh", "-c", "id -u; pwd").stdout == "0\n/tmp\n"
    assert running.compose("exec", "-T", "-u", "405:100", "a", "id", "-g").stdout == "100\n"
    unknown = running.compose("exec", "-T", "-u", "nobody-there", "a", "true", code=None)
    assert unknown.code != 0 and "nobody-there" in unknown.output


def test_index(running):
    """RUN-15"""
    first = running.compose("exec", "-T", "--index", "1", "a", "hostname").stdout
    second = running.compose("exec", "-T", "--index", "2", "a", "hostname").stdout
    assert first != second
    assert running.exec("a", "hostname") == first
    running.compose("exec", "-T", "--index", "3", "a", "hostname", code=1)


def test_standard_input(running):
    """RUN-12"""
    assert running.compose("exec", "-T", "a", "cat", stdin="some\ndata\n").stdout == "some\ndata\n"
    megabytes = "x" * 3_000_000
    assert running.compose("exec", "-T", "a", "wc", "-c", stdin=megabytes).stdout.strip() == "3000000"


def test_streams_are_kept_apart(running):
    """UP-33"""
    done = running.compose("exec", "-T", "a", "sh", "-c", "echo out; echo err >&2")
    assert done.stdout == "out\n" and "err" in done.stderr and "out" not in done.stderr


def test_terminal(running):
    """RUN-14"""
    terminal = running.terminal("exec", "a", "sh", rows=33, columns=111)
    terminal.send("tty; stty size\n")
    terminal.wait_for(r"/dev/pts/\d+\r\n(.|\n)*33 111")
    terminal.resize(20, 70)

    def size_has_changed():
        terminal.send("stty size\n")
        return terminal.seen("20 70", seconds=0.2)

    wait_for(size_has_changed, "the new size reaches the container")
    terminal.send("sleep 100\n")
    terminal.wait_for("sleep 100")

    def shell_is_back():
        # What is typed while the shell changes the terminal's mode may be dropped.
        terminal.send("\x03echo inter''rupted\n")
        return terminal.seen("interrupted", seconds=0.5)

    wait_for(shell_is_back, "the sleep is interrupted")
    terminal.send("exit 7\n")
    assert terminal.wait() == 7


def test_without_a_terminal_the_program_gets_none(running):
    """RUN-14"""
    script = "for fd in 0 1 2; do test -t $fd && echo terminal-$fd; done; echo ready; read -r x; echo got-$x; echo err >&2; exit 3"
    terminal = running.terminal("exec", "-T", "a", "sh", "-c", script)
    terminal.wait_for("ready")
    terminal.send("hello\n")
    assert terminal.wait() == 3
    assert "terminal-" not in terminal.text and "got-hello" in terminal.text and "err" in terminal.text
    ending = running.terminal("exec", "-T", "a", "cat")
    ending.send("line\n\x04")
    assert ending.wait() == 0 and ending.text.count("line") == 2
    stuck = running.terminal("exec", "-T", "a", "sh", "-c", "echo ready; exec sleep 1000")
    stuck.wait_for("ready")
    stuck.send("typed into nothing\n")
    stuck.send("\x03")
    assert stuck.wait() == 130


@pytest.mark.ours
def test_programs_ignore_no_signal(project):
    """Whatever compose and its caller ignore: SIGPIPE the one, SIGINT a shell's background job."""
    project.file("""
        services:
          plain: {image: alpine, command: grep SigIgn /proc/self/status}
          checked:
            image: alpine
            init: true
            command: sleep infinity
            healthcheck: {test: "grep SigIgn /proc/self/status > /tmp/probe; true", interval: 1s}
    """)  # busybox's shell ignores SIGQUIT in the last command of -c, hence true
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        project.up("--wait", "checked")
        project.up("plain")
        project.wait_state("plain", "exited")
        seen = [project.compose("logs", "--no-log-prefix", "plain"), project.sh("checked", "cat /tmp/probe"),
                project.compose("exec", "-T", "checked", "grep", "SigIgn", "/proc/self/status"),
                project.compose("run", "--rm", "plain")]
    finally:
        signal.signal(signal.SIGINT, before)
    for output in seen:
        text = output if isinstance(output, str) else output.stdout
        assert re.findall(r"SigIgn:\s+(\w+)", text) == ["0" * 16]


def test_terminal_is_restored(running):
    """RUN-14"""
    terminal = running.terminal("exec", "a", "sh", "-c", "echo in-container")
    terminal.wait()
    assert re.search(r"in-container\r\n", terminal.text)


def test_detached(running):
    """RUN-14"""
    running.compose("exec", "-d", "a", "sh", "-c", "echo done > /tmp/marker; sleep 0.1")
    wait_for(lambda: running.compose("exec", "-T", "a", "cat", "/tmp/marker", code=None).stdout == "done\n",
             "the detached command has run")


def test_privileged(running):
    """RUN-14"""
    plain = running.compose("exec", "-T", "-u", "root", "a", "grep", "CapEff", "/proc/self/status").stdout
    privileged = running.compose("exec", "-T", "-u", "root", "--privileged", "a", "grep", "CapEff", "/proc/self/status").stdout
    assert plain.split()[1] == "00000000a80425fb"
    assert int(privileged.split()[1], 16) > int(plain.split()[1], 16)


def test_not_running(running):
    """RUN-15"""
    running.compose("stop", "-t", "1")
    failed = running.compose("exec", "-T", "a", "true", code=1)
    assert '"a" is not running' in failed.stderr
    assert "nope" in running.compose("exec", "-T", "nope", "true", code=1).stderr

"""`up` in the foreground: output, Ctrl-C, and the exit codes of --abort-on-container-exit and its kin."""
import contextlib
import re
import signal
import subprocess

import pytest

from harness.process import wait_for


def test_streams_are_kept_apart(project):
    """UP-33"""
    project.file("""
        services:
          a: {image: alpine, command: sh -c "echo to-stdout; echo to-stderr >&2"}
    """)
    done = project.compose("up")
    assert "a-1  | to-stdout" in done.stdout and "to-stderr" not in done.stdout
    assert "to-stderr" in done.stderr
    assert "exited with code 0" in done.output


def test_abort_on_clean_exit(project):
    """UP-24"""
    project.file("""
        services:
          running: {image: alpine, init: true, command: sleep infinity}
          exit: {image: alpine, command: "true"}
    """)
    done = project.compose("up", "--abort-on-container-exit")
    assert re.search(r"exit-1.* exited with code 0", done.output)
    assert project.states()["running-1"] == "exited"


@pytest.mark.ours
def test_abort_does_not_hide_what_failed(project):
    project.file("""
        services:
          gone: {image: alpine, command: sleep 0.3, healthcheck: {test: "true", interval: 1h}}
          waits: {image: alpine, command: sleep infinity, depends_on: {gone: {condition: service_healthy}}}
    """)
    for _ in range(5):
        failed = project.compose("up", "--abort-on-container-exit", "-t", "0", code=1)
        assert "waits" in failed.stderr and "gone" in failed.stderr and "error:" in failed.stderr
        project.compose("down", "-t", "0")


@pytest.mark.ours
def test_abort_on_failure_ignores_clean_exits(project):
    """UP-25"""
    project.file("""
        services:
          running: {image: alpine, init: true, command: sleep infinity}
          exit: {image: alpine, command: "true"}
          fail: {image: alpine, command: sh -c "sleep 0.3; exit 111", depends_on: [exit]}
    """)
    done = project.compose("up", "--abort-on-container-failure", code=111)
    assert re.search(r"exit-1.* exited with code 0", done.output)
    assert re.search(r"fail-1.* exited with code 111", done.output)
    assert project.states()["running-1"] == "exited"


@pytest.mark.ours
@pytest.mark.parametrize("first, second, on_exit, on_failure", [
    ("0.1; exit 1", "0.8; exit 0", 1, 1), ("0.1; exit 0", "0.8; exit 1", 0, 1), ("0.1; exit 0", "0.8; exit 0", 0, 0)],
    ids=["first-fails", "second-fails", "none-fails"])
def test_abort_matrix(project, first, second, on_exit, on_failure):
    """UP-26"""
    project.file(f"""
        services:
          one: {{image: alpine, command: sh -c "sleep {first}"}}
          two: {{image: alpine, command: sh -c "sleep {second}"}}
    """)
    project.compose("up", "--abort-on-container-exit", "-t", "0", code=on_exit)
    project.compose("up", "--abort-on-container-failure", "-t", "0", code=on_failure)


def test_exit_code_from(project):
    """UP-28"""
    project.file("""
        services:
          failure: {image: alpine, command: sh -c "sleep 0.2; exit 42"}
    """)
    project.compose("up", "--exit-code-from", "failure", "failure", code=42)


@pytest.mark.ours
def test_exit_code_from_a_service_that_the_abort_stopped(project):
    """UP-29"""
    project.file("""
        services:
          test: {image: alpine, init: true, command: sleep infinity}
          short: {image: alpine, command: sleep 0.2}
    """)
    project.compose("up", "--exit-code-from", "test", code=143)


def test_ctrl_c_stops_only_the_target(project):
    """UP-30"""
    project.file("""
        services:
          db: {image: alpine, init: true, command: sleep infinity}
          app: {image: alpine, init: true, command: sh -c "echo ready; exec sleep infinity", depends_on: [db]}
    """)
    running = project.background("up", "app")
    running.wait_for(r"app-1 .*\| ready")
    running.signal(signal.SIGINT)
    assert running.wait().code == 130
    assert project.states() == {"app-1": "exited", "db-1": "running"}


def test_second_ctrl_c_kills(project):
    """GAP-09"""
    project.file("""
        services:
          stubborn: {image: alpine, command: "sh -c \\"trap '' TERM; echo ready; while :; do sleep 1; done\\""}
    """)
    running = project.background("up", "-t", "3600")
    running.wait_for(r"\| ready")
    running.signal(signal.SIGINT)
    running.wait_for("(?i)stopping", stream="stderr")
    running.signal(signal.SIGINT)
    running.wait()
    wait_for(lambda: project.states()["stubborn-1"] == "exited", "the container was killed")


@pytest.mark.ours
def test_logs_flow_while_stopping(project):
    """UP-32"""
    project.file("""
        services:
          ping:
            image: alpine
            command: "sh -c \\"trap 'echo last-words; exit 0' TERM; echo first-words; while :; do sleep 0.05; done\\""
          short: {image: alpine, command: sleep 0.5}
    """)
    done = project.compose("up", "--abort-on-container-exit")
    assert "first-words" in done.stdout and "last-words" in done.stdout
    assert "Stopped" in done.stderr


@pytest.mark.ours
def test_attached_across_restarts(project):
    """UP-34"""
    project.file("""
        services:
          fail:
            image: alpine
            command: sh -c "sleep 0.1; echo attempt; exit 1"
            deploy: {restart_policy: {condition: on-failure, max_attempts: 2}}
    """)
    done = project.compose("--ansi=never", "up", code=None)
    assert len(re.findall(r"\| attempt", done.stdout)) == 3
    assert len(re.findall(r"exited with code 1", done.output)) == 3


@pytest.mark.ours
def test_three_hundred_thousand_lines(project):
    """UP-35"""
    (project.dir / "data").write_text("".join(f"line {n}\n" for n in range(300_000)))
    project.file("""
        services:
          cat: {image: alpine, command: cat /data, volumes: ["./data:/data:ro"]}
    """)
    done = project.compose("up", "--abort-on-container-exit", "--no-log-prefix", timeout=120)
    lines = [line for line in done.stdout.splitlines() if line.startswith("line ")]
    assert lines == [f"line {n}" for n in range(300_000)]
    assert "exited with code 0" in done.output


@pytest.mark.ours
def test_one_line_of_ten_megabytes(project):
    """UP-36"""
    (project.dir / "data").write_text("é" * 5_000_000 + "END\n")
    project.file("""
        services:
          cat: {image: alpine, command: cat /data, volumes: ["./data:/data:ro"]}
    """)
    done = project.compose("up", "--no-log-prefix")
    assert done.stdout.count("é") == 5_000_000
    assert "END" in done.stdout and "\\ufffd" not in done.stdout


def test_lines_are_prefixed_with_equal_width(project):
    """OBS-03"""
    project.file("""
        services:
          a: {image: alpine, command: echo short}
          longer-name: {image: alpine, command: echo long}
    """)
    done = project.compose("up")
    assert "a-1            | short" in done.stdout
    assert "longer-name-1  | long" in done.stdout


def test_colours_only_on_a_terminal(project):
    """OBS-03"""
    project.file("services: {a: {image: alpine, command: echo hello}}")
    assert "\x1b[" not in project.compose("up").stdout
    terminal = project.terminal("up")
    assert terminal.wait() == 0
    assert re.search(r"\x1b\[3\d;?\d*m.*a-1", terminal.text) or re.search(r"\x1b\[3\dm", terminal.text)


def test_progress_on_a_terminal_redraws(project):
    """UP-01"""
    project.file("services: {a: {image: alpine, init: true, command: sleep infinity}}")
    terminal = project.terminal("up", "-d")
    assert terminal.wait() == 0
    assert "Running 2/2" in terminal.text and "\x1b[" in terminal.text
    assert f"Container {project.name}-a-1" in terminal.text


def test_unknown_service(project):
    """OBS-06"""
    project.file("services: {a: {image: alpine}}")
    assert "no such service: nope" in project.up("nope", code=1).stderr
    assert project.ids() == {}


@contextlib.contextmanager
def unwritable(folder):
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def container_folder(project, service):
    folder, = (project.world.state / "projects" / project.name / "containers").glob(project.id(service) + "*")
    return folder


@pytest.mark.ours
def test_a_stop_that_fails_is_told(project):
    """UP-30"""
    project.file("""
        services:
          app: {image: alpine, init: true, command: sh -c "echo ready; exec sleep infinity"}
    """)
    running = project.background("up")
    running.wait_for(r"\| ready")
    with unwritable(container_folder(project, "app")):
        running.signal(signal.SIGINT)
        done = running.wait()
    assert done.code == 130 and "state.json" in done.stderr and "error" in done.stderr
    assert project.states() == {"app-1": "running"}
    project.compose("down", "-t", "0")


@pytest.mark.ours
def test_an_abort_whose_stop_fails_is_no_success(project):
    """UP-24"""
    project.file("""
        services:
          app: {image: alpine, init: true, command: sh -c "echo ready; exec sleep infinity"}
          job: {image: alpine, command: "sh -c 'until test -e /x/go; do sleep 0.05; done'", volumes: ["./x:/x"]}
    """)
    (project.dir / "x").mkdir()
    running = project.background("up", "--abort-on-container-exit")
    running.wait_for(r"\| ready")
    wait_for(lambda: project.states().get("job-1") == "running", "the job runs")
    with unwritable(container_folder(project, "app")):
        project.write("x/go", "")
        done = running.wait()
    assert done.code == 1 and "state.json" in done.stderr
    project.compose("down", "-t", "0")


def test_no_attach(project):
    """UP-37"""
    project.file("""
        services:
          one: {image: alpine, command: echo from-one}
          two: {image: alpine, command: echo from-two}
    """)
    done = project.compose("up", "--no-attach", "two")
    assert "from-one" in done.stdout and "from-two" not in done.stdout


def test_dependencies_are_shown_when_asked(project):
    """UP-31"""
    project.file("""
        services:
          bar: {image: alpine, command: echo from-bar}
          foo: {image: alpine, command: echo from-foo, depends_on: [bar]}
    """)
    assert "from-bar" not in project.compose("up", "foo").stdout
    done = project.compose("up", "--attach-dependencies", "foo")
    assert "from-bar" in done.stdout and re.search("foo-1.* exited with code 0", done.output)


@pytest.mark.ours
def test_abort_does_not_count_one_offs(project):
    """UP-27"""
    project.file("""
        services:
          a: {image: alpine, init: true, command: sh -c "echo ready; exec sleep infinity"}
    """)
    running = project.background("up", "--abort-on-container-exit")
    running.wait_for(r"\| ready")
    project.compose("run", "--rm", "--no-deps", "a", "true")
    assert running.process.poll() is None and project.states()["a-1"] == "running"
    running.signal(signal.SIGINT)
    running.wait()

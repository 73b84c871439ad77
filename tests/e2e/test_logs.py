"""`logs`: what is shown of what the containers wrote."""
import re
import signal

import pytest

FILE = """
    services:
      ping: {image: alpine, command: sh -c "for n in 1 2 3; do echo ping-$$n; done"}
      hello: {image: alpine, command: sh -c "echo hello-from-$$(hostname)", scale: 2}
"""


def started(project):
    project.file(FILE)
    project.up()
    project.wait_state("ping", "exited")
    project.wait_state("hello", "exited")
    project.wait_state("hello", "exited", index=2)


def test_filters_by_service_and_replica(project):
    """OBS-01"""
    started(project)
    everything = project.compose("logs").stdout
    assert re.search(r"ping-1 +\| ping-3\n", everything) and len(re.findall("hello-from", everything)) == 2
    assert "hello-from" not in project.compose("logs", "ping").stdout
    both = project.compose("logs", "ping", "hello").stdout
    assert "ping-3" in both and "hello-2" in both
    second = project.compose("logs", "--index", "2", "hello").stdout
    assert "hello-2" in second and "hello-1" not in second


def test_tail_prefix_timestamps(project):
    """OBS-03"""
    started(project)
    assert project.compose("logs", "--no-log-prefix", "--tail", "1", "ping").stdout == "ping-3\n"
    assert project.compose("logs", "--no-log-prefix", "ping").stdout == "ping-1\nping-2\nping-3\n"
    stamped = project.compose("logs", "-t", "--no-log-prefix", "ping").stdout.splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ping-\d$", line) for line in stamped)


def test_since_and_until(project):
    """OBS-03"""
    started(project)
    assert project.compose("logs", "--no-log-prefix", "--since", "1h", "ping").stdout.count("ping-") == 3
    assert project.compose("logs", "--no-log-prefix", "--since", "2099-01-01T00:00:00Z", "ping").stdout == ""
    assert project.compose("logs", "--no-log-prefix", "--until", "2001-01-01T00:00:00Z", "ping").stdout == ""


@pytest.mark.ours
def test_follow_picks_up_new_containers(project):
    """OBS-02"""
    project.file("""
        services:
          a: {image: alpine, init: true, command: sh -c "echo first; sleep infinity"}
          b: {image: alpine, init: true, command: sh -c "echo second; sleep infinity"}
    """)
    project.up("a")
    following = project.background("logs", "-f")
    following.wait_for(r"a-1 .*\| first")
    project.up("b")
    following.wait_for(r"b-1 .*\| second")
    project.up("--scale", "a=2")
    following.wait_for(r"a-2 .*\| first")
    following.signal(signal.SIGINT)
    following.wait()


@pytest.mark.ours
def test_follow_sees_restarts(project):
    """OBS-02"""
    project.file("services: {a: {image: alpine, init: true, command: sh -c 'echo started; sleep infinity'}}")
    project.up()
    following = project.background("logs", "-f")
    following.wait_for("started")
    project.compose("restart", "-t", "1")
    following.wait_for("started", count=2)


def test_follow_ends_with_the_containers(project):
    """OBS-02"""
    project.file("services: {a: {image: alpine, command: sh -c 'echo out; sleep 0.5; echo last'}}")
    project.up()
    done = project.compose("logs", "-f", "--no-log-prefix")
    assert [line for line in done.stdout.splitlines() if "exited with" not in line] == ["out", "last"]


def test_nothing_is_lost_when_a_reader_dies(project):
    """GAP-02"""
    project.file("services: {a: {image: alpine, init: true, command: sh -c 'for n in $$(seq 2000); do echo line-$$n; done; sleep infinity'}}")
    project.up()
    reader = project.background("logs", "-f")
    reader.wait_for("line-100")
    reader.signal(signal.SIGKILL)
    reader.wait()
    following = project.background("logs", "-f", "--no-log-prefix")
    following.wait_for("line-2000\n")
    assert re.findall(r"line-(\d+)\n", following.stdout) == [str(n) for n in range(1, 2001)]


def test_order_within_a_container(project):
    """GAP-02"""
    project.file("""
        services:
          a: {image: alpine, command: sh -c "for n in $$(seq 50); do echo out-$$n; done; echo done"}
    """)
    project.up()
    project.wait_state("a", "exited")
    assert project.compose("logs", "--no-log-prefix").stdout.split() == [f"out-{n}" for n in range(1, 51)] + ["done"]


@pytest.mark.ours
def test_unterminated_and_binary_output(project):
    """OBS-01"""
    project.file("""
        services:
          a: {image: alpine, command: "printf 'one\\\\ntail'"}
    """)
    project.up()
    project.wait_state("a", "exited")
    assert project.compose("logs", "--no-log-prefix").stdout.split() == ["one", "tail"]


def test_stay_after_stop(project):
    """OBS-01"""
    project.file("services: {a: {image: alpine, init: true, command: sh -c 'echo hello; sleep infinity'}}")
    project.up()
    project.compose("stop", "-t", "1")
    assert "hello" in project.compose("logs").stdout


@pytest.mark.ours
def test_unknown_service(project):
    """OBS-06"""
    project.file(FILE)
    assert "no such service: nope" in project.compose("logs", "nope", code=1).stderr

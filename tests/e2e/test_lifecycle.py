"""`start`, `stop`, `restart`, `kill`, `rm`, and restart policies."""
import json
import re
import time

import pytest

from harness.process import wait_for

FILE = """
    services:
      bar: {image: alpine, init: true, command: sleep infinity}
      foo: {image: alpine, init: true, command: sleep infinity, depends_on: [bar]}
"""


def test_stop_and_start_keep_the_containers(project):
    """LC-01"""
    project.file(FILE)
    project.up()
    before = project.ids()
    project.compose("stop", "-t", "1")
    assert set(project.states().values()) == {"exited"}
    project.compose("start")
    assert set(project.states().values()) == {"running"} and project.ids() == before


def test_stop_leaves_dependencies_and_start_starts_them(project):
    """LC-03"""
    project.file(FILE)
    project.up()
    project.compose("stop", "-t", "1", "foo")
    assert project.states() == {"foo-1": "exited", "bar-1": "running"}
    project.compose("stop", "-t", "1")
    project.compose("start", "foo")
    assert project.states() == {"foo-1": "running", "bar-1": "running"}


def test_one_offs_are_left_alone(project):
    """LC-04"""
    project.file(FILE)
    project.up("bar")
    project.compose("run", "-d", "--no-deps", "bar", "sleep", "infinity")
    one_off = next(row for row in project.ps() if "-run-" in row["Name"])
    for verb in (["stop", "-t", "1", "bar"], ["start", "bar"], ["restart", "-t", "1", "bar"]):
        project.compose(*verb)
        after = next(row for row in project.ps() if "-run-" in row["Name"])
        assert (after["ID"], after["State"]) == (one_off["ID"], "running")


def test_start_of_what_runs(project):
    """LC-05"""
    project.file(FILE)
    project.up("bar")
    assert project.compose("start", "bar").stdout == ""


def test_stop_of_what_is_stopped(project):
    """LC-06"""
    project.file(FILE)
    project.up("bar")
    project.compose("stop", "-t", "1", "bar")
    project.compose("stop", "-t", "1", "bar")
    assert project.states() == {"bar-1": "exited"}


def test_two_files_of_one_project(project):
    """LC-09"""
    project.write("one.yaml", "services: {one: {image: alpine, init: true, command: sleep infinity}}")
    project.write("two.yaml", "services: {two: {image: alpine, init: true, command: sleep infinity}}")
    project.compose("-f", "one.yaml", "up", "-d")
    project.compose("-f", "two.yaml", "up", "-d")
    project.compose("-f", "one.yaml", "stop", "-t", "1")
    assert project.states() == {"one-1": "exited", "two-1": "running"}
    project.compose("-f", "one.yaml", "-f", "two.yaml", "down", "-t", "0")


def test_restart_of_an_exited_service(project):
    """LC-11"""
    project.file("services: {a: {image: alpine, init: true, command: sh -c 'test -e /ran && sleep infinity; touch /ran'}}")
    project.up()
    project.wait_state("a", "exited")
    before = project.id("a")
    project.compose("restart", "a")
    project.wait_state("a", "running")
    assert project.id("a") == before


def test_restart_takes_dependents_that_ask_for_it(project):
    """LC-12"""
    project.file("""
        services:
          nginx:
            image: alpine
            init: true
            command: sleep infinity
            healthcheck: {test: "true", interval: 250ms}
            volumes: ["./marks:/marks"]
          with-restart:
            image: alpine
            init: true
            command: sh -c "echo up; sleep infinity"
            depends_on: {nginx: {condition: service_healthy, restart: true}}
          no-restart:
            image: alpine
            init: true
            command: sh -c "echo up; sleep infinity"
            depends_on: {nginx: {condition: service_healthy}}
    """)
    project.up()
    project.compose("restart", "-t", "1", "nginx")
    wait_for(lambda: project.compose("logs", "--no-log-prefix", "with-restart").stdout.count("up") == 2, "the dependent restarted")
    assert project.compose("logs", "--no-log-prefix", "no-restart").stdout.count("up") == 1


def test_kill(project):
    """LC-14"""
    project.file("""
        services:
          a: {image: alpine, command: "sh -c \\"trap 'echo got-usr1' USR1; echo up; while :; do sleep 0.05; done\\""}
          b: {image: alpine, init: true, command: sleep infinity}
    """)
    project.up()
    following = project.background("logs", "-f", "a")
    following.wait_for("up")
    project.compose("kill", "-s", "SIGUSR1", "a")
    following.wait_for("got-usr1")
    assert project.states() == {"a-1": "running", "b-1": "running"}
    project.compose("kill")
    project.wait_state("a", "exited")
    project.wait_state("b", "exited")
    assert project.container("a")["ExitCode"] == 137


def test_stop_without_grace_sends_the_signal_first(project):
    """LC-14"""
    project.file("""
        services:
          a: {image: alpine, command: "sh -c \\"trap 'exit 3' TERM; echo up; sleep infinity & wait\\""}
          stubborn: {image: alpine, command: "sh -c \\"trap '' TERM; sleep infinity & wait\\"", init: true}
    """)
    following = project.background("up")
    following.wait_for("up")
    project.compose("stop", "-t", "0")
    assert project.container("a")["ExitCode"] == 3 and project.container("stubborn")["ExitCode"] == 137


@pytest.mark.ours
def test_stop_says_why_it_did_not_wait(project):
    """LC-14"""
    project.file("""
        services:
          deaf: {image: alpine, command: sleep infinity}
          polite: {image: alpine, init: true, command: sleep infinity}
    """)
    project.up()
    lines = project.compose("stop").stderr.splitlines()
    assert any("deaf-1" in line and "its first process does not handle SIGTERM" in line for line in lines)
    assert not any("polite-1" in line and "handle" in line for line in lines)
    assert project.container("deaf")["ExitCode"] == 137 and project.container("polite")["ExitCode"] == 143


def test_rm(project):
    """LC-14"""
    project.file(FILE)
    project.up()
    project.compose("rm", "-f")
    assert set(project.ids()) == {"foo-1", "bar-1"}
    project.compose("rm", "-sf", "foo")
    assert set(project.ids()) == {"bar-1"}
    project.compose("stop", "-t", "1")
    project.compose("rm", "-f")
    assert project.ids() == {}


@pytest.mark.ours
def test_rm_takes_one_offs_that_have_ended(project):
    project.file(FILE)
    project.up("bar")
    project.compose("run", "--name", "ended", "--no-deps", "bar", "true")
    project.compose("run", "-d", "--name", "runs", "--no-deps", "bar", "sleep", "infinity")
    project.compose("rm", "-sf")
    assert [row["Name"] for row in project.ps()] == ["runs"]


def test_start_without_a_container(project):
    """LC-08"""
    project.file(FILE)
    failed = project.compose("start", code=1)
    assert "has no container to start" in failed.stderr


def test_policy_always_starts_it_again(project):
    """UP-34"""
    project.file("""
        services:
          a: {image: alpine, restart: always, command: sh -c "echo run; sleep 0.2; exit 1"}
    """)
    project.up()
    wait_for(lambda: project.compose("logs", "--no-log-prefix").stdout.count("run") >= 3, "two restarts")
    project.compose("stop", "-t", "1")
    assert project.states() == {"a-1": "exited"}


def test_policy_on_failure_counts(project):
    """UP-34"""
    project.file("""
        services:
          fails: {image: alpine, restart: "on-failure:2", command: sh -c "echo run; exit 1"}
          succeeds: {image: alpine, restart: on-failure, command: sh -c "echo run; exit 0"}
    """)
    project.up()
    wait_for(lambda: project.compose("logs", "--no-log-prefix", "fails").stdout.count("run") == 3, "two restarts")
    project.wait_state("fails", "exited")
    assert project.compose("logs", "--no-log-prefix", "succeeds").stdout.count("run") == 1


def test_policy_does_not_undo_a_stop(project):
    """LC-01"""
    project.file("services: {a: {image: alpine, init: true, restart: unless-stopped, command: sh -c 'echo run; sleep infinity'}}")
    project.up()
    project.compose("stop", "-t", "1")
    assert project.states() == {"a-1": "exited"}
    project.compose("start")
    project.wait_state("a", "running")


def test_stop_signal(project):
    """LC-01"""
    project.file("""
        services:
          a:
            image: alpine
            stop_signal: SIGUSR1
            command: "sh -c \\"trap 'echo got-usr1; exit 5' USR1; echo up; while :; do sleep 0.05; done\\""
    """)
    project.up()
    following = project.background("logs", "-f")
    following.wait_for("up")
    project.compose("stop")
    assert project.container("a")["ExitCode"] == 5
    assert re.search("got-usr1", project.compose("logs").stdout)


def test_several_services_stop_in_parallel(project):
    """GAP-09"""
    project.file("""
        services:
          a: &slow
            image: alpine
            stop_grace_period: 30s
            volumes: ["./told:/told"]
            command: sh /told/main.sh
          b: *slow
          c: *slow
          d: *slow
    """)
    # Each ends well only once all four were told to stop.
    project.write("told/main.sh", """
        told() { touch /told/$(hostname); until [ $(ls /told | wc -l) = 5 ]; do sleep 0.1; done; exit 0; }
        trap told TERM
        echo ready
        while :; do sleep 0.1; done
    """)
    project.up()
    project.background("logs", "-f").wait_for("ready", count=4)
    project.compose("stop")
    assert [project.container(name)["ExitCode"] for name in "abcd"] == [0, 0, 0, 0]


def test_several_services_at_once(project):
    """LC-07"""
    project.file("services: {a: &s {image: alpine, init: true, command: sleep infinity}, b: *s, c: *s}")
    project.up()
    stopped = project.compose("stop", "-t", "1", "a", "b")
    assert project.states() == {"a-1": "exited", "b-1": "exited", "c-1": "running"}
    assert all(f"{project.name}-{name}-1" in stopped.stderr for name in "ab") and "-c-1" not in stopped.stderr
    started = project.compose("start", "a", "b")
    assert set(project.states().values()) == {"running"}
    assert all(f"{project.name}-{name}-1" in started.stderr for name in "ab")


@pytest.mark.ours
def test_start_waits_until_healthy(project):
    """LC-10"""
    project.file("""
        services:
          a:
            image: alpine
            init: true
            command: sh -c "rm -f /ready; sleep 0.8; touch /ready; sleep infinity"
            healthcheck: {test: ["CMD", "test", "-e", "/ready"], interval: 200ms, retries: 40}
    """)
    project.up()
    project.compose("kill")
    project.wait_state("a", "exited")
    began = time.monotonic()
    project.compose("start", "--wait")
    assert time.monotonic() - began >= 0.8 and project.container("a")["Health"] == "healthy"


@pytest.mark.ours
def test_a_paused_container_does_not_become_unhealthy(project):
    """Nothing is probed while it stands still; `clock` tells that there was time for it."""
    project.file("""
        services:
          still:
            image: alpine
            init: true
            command: sleep infinity
            healthcheck: {test: "true", interval: 100ms, retries: 1}
          clock:
            image: alpine
            init: true
            command: sleep infinity
            healthcheck: {test: "echo x >> /ticks", interval: 100ms}
    """)
    project.up("--wait")
    ticks = lambda: len(project.sh("clock", "cat /ticks"))
    project.compose("pause", "still")
    enough = ticks() + 20
    wait_for(lambda: ticks() > enough, "ten probes of the other")
    assert project.container("still")["Health"] == "healthy"
    project.compose("unpause", "still")
    enough = ticks() + 20
    wait_for(lambda: ticks() > enough, "ten more")
    assert project.container("still")["Health"] == "healthy"
    state = project.world.state / "projects" / project.name / "containers"
    [found] = state.glob(project.id("still") + "*/state.json")
    assert {probe["exit_code"] for probe in json.loads(found.read_text())["probes"]} == {0}


def test_restart_of_a_profiled_service(project):
    """LC-13"""
    project.file("services: {test: {image: alpine, init: true, command: sleep infinity, profiles: [p]}}")
    project.compose("--profile", "p", "up", "-d")
    done = project.compose("restart", "-t", "1", "test")
    assert "Started" in done.stderr and project.states() == {"test-1": "running"}


@pytest.mark.ours
def test_dry_runs_change_nothing(project):
    project.file(FILE)
    project.up()
    project.compose("stop", "-t", "0", "foo")
    before = project.ps()
    planned = {
        ("stop",): ["stop bar"], ("start",): ["start foo"], ("restart",): ["restart bar", "restart foo"],
        ("kill",): ["kill bar"], ("pause",): ["pause bar"], ("unpause",): [], ("rm",): ["remove foo"],
        ("rm", "-s", "-f"): ["remove bar", "remove foo"], ("stop", "foo"): [],
    }
    for (verb, *rest), expected in planned.items():
        for arguments in ((verb, "--dry-run", *rest), ("--dry-run", verb, *rest)):
            shown = re.findall(r"^\d+ (\w+) container \S+-(\w+)-1$", project.compose(*arguments).stderr, re.M)
            assert [" ".join(found) for found in shown] == expected, arguments
    for arguments in (("exec", "bar", "touch", "/x"), ("run", "bar", "true"), ("cp", "compose.yaml", "bar:/x")):
        refused = project.compose("--dry-run", *arguments, code=1).stderr
        assert "has no dry run" in refused
    assert project.ps() == before

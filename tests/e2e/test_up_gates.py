"""depends_on with its conditions, health checks, and `up --wait`."""
import re
import time

import pytest

from harness.process import wait_for
from harness.stack import record


def test_one_shot_dependency_runs_first(project):
    """UP-12"""
    project.file("""
        services:
          foo: {image: alpine, command: "echo foo-output"}
          bar:
            image: alpine
            command: echo bar-output
            depends_on: {foo: {condition: service_completed_successfully}}
    """)
    done = project.compose("up")
    assert done.stdout.index("foo-output") < done.stdout.index("bar-output")
    assert "foo-1  | foo-output" in done.stdout and "bar-1  | bar-output" in done.stdout


def test_failed_one_shot_dependency(project):
    """UP-13"""
    project.file(f"""
        services:
          job: {{image: alpine, command: sh -c "exit 3"}}
          app:
            image: alpine
            command: sleep infinity
            depends_on: {{job: {{condition: service_completed_successfully}}}}
    """)
    failed = project.up(code=1)
    assert "didn't complete successfully: exit 3" in failed.stderr
    assert project.states() == {"job-1": "exited", "app-1": "created"}


def test_dependent_starts_after_its_dependency_is_healthy(project):
    """UP-15"""
    project.file("""
        services:
          db:
            image: alpine
            init: true
            command: sh -c "sleep 1; touch /ready; sleep infinity"
            healthcheck: {test: ["CMD", "test", "-e", "/ready"], interval: 250ms, retries: 40}
          app:
            image: alpine
            init: true
            command: sleep infinity
            depends_on: {db: {condition: service_healthy}}
    """)
    started = time.monotonic()
    project.up()
    assert time.monotonic() - started >= 1
    assert project.container("db")["Health"] == "healthy"
    assert project.states()["app-1"] == "running"


def test_unhealthy_dependency_fails_up(project):
    """UP-16"""
    project.file(f"""
        services:
          fail:
            image: alpine
            init: true
            command: sleep infinity
            healthcheck: {{test: "false", interval: 250ms, retries: 3}}
          app:
            image: alpine
            command: sleep infinity
            depends_on: {{fail: {{condition: service_healthy}}}}
    """)
    failed = project.up(code=1)
    assert f"container {project.name}-fail-1 is unhealthy" in failed.stderr
    assert project.states()["app-1"] == "created"


def test_dependency_that_exits_before_it_is_healthy(project):
    """UP-17"""
    project.file("""
        services:
          db:
            image: alpine
            command: sh -c "sleep 0.3; exit 1"
            healthcheck: {test: "false", interval: 60s}
          app:
            image: alpine
            command: sleep infinity
            depends_on: {db: {condition: service_healthy}}
    """)
    failed = project.up(code=1)
    assert "dependency failed to start" in failed.stderr
    assert f"container {project.name}-db-1" in failed.stderr and "exited (1)" in failed.stderr
    assert project.states()["app-1"] == "created"


def test_optional_dependency_may_fail(project):
    """UP-18"""
    project.file("""
        services:
          bar: {image: alpine, command: sh -c "exit 1"}
          foo:
            image: alpine
            init: true
            command: sleep infinity
            depends_on: {bar: {condition: service_completed_successfully, required: false}}
    """)
    done = project.up()
    assert "optional dependency" in done.stderr
    assert project.states()["foo-1"] == "running"


def test_wait_accepts_a_one_shot_that_others_wait_for(project):
    """UP-19"""
    project.file("""
        services:
          oneshot: {image: alpine, command: echo hello}
          longrunning:
            image: alpine
            init: true
            command: sleep infinity
            depends_on: {oneshot: {condition: service_completed_successfully}}
    """)
    project.up("--wait")
    assert project.states() == {"oneshot-1": "exited", "longrunning-1": "running"}


def test_wait_lasts_until_healthy(project):
    """UP-20, OBS-08"""
    project.file("""
        services:
          a:
            image: alpine
            init: true
            command: sleep infinity
            volumes: ["./state:/state"]
            healthcheck: {test: ["CMD", "test", "-e", "/state/ready"], interval: 250ms, start_period: 10m}
    """)
    project.up()
    assert project.container("a")["Health"] == "starting"
    project.compose("down", "-t", "0")
    waiting = project.background("up", "-d", "--wait")
    project.wait_state("a", "running")
    assert project.container("a")["Health"] == "starting" and waiting.process.poll() is None
    project.write("state/ready", "")
    assert waiting.wait().code == 0
    assert project.container("a")["Health"] == "healthy"
    assert "(healthy)" in project.compose("ps").stdout


def test_wait_timeout(project):
    """UP-21"""
    project.file("""
        services:
          a:
            image: alpine
            init: true
            command: sleep infinity
            healthcheck: {test: "false", interval: 250ms, start_period: 120s}
    """)
    failed = project.up("--wait", "--wait-timeout", "1", code=1)
    assert "not healthy after 1s" in failed.stderr
    assert project.states() == {"a-1": "running"}


def test_start_interval_finds_health_early(project):
    """UP-22"""
    project.file("""
        services:
          a:
            image: alpine
            init: true
            command: sleep infinity
            healthcheck: {test: "true", interval: 1h, start_period: 10m, start_interval: 500ms}
    """)
    project.up("--wait", "--wait-timeout", "120")
    assert project.container("a")["Health"] == "healthy"


def test_health_goes_from_starting_to_healthy_to_unhealthy(project):
    """OBS-09"""
    project.file("""
        services:
          a:
            image: alpine
            init: true
            command: sleep infinity
            healthcheck: {test: ["CMD-SHELL", "test -e /tmp/ok"], interval: 250ms, retries: 2, start_period: 10s}
    """)
    project.up()
    assert project.container("a")["Health"] == "starting"
    project.sh("a", "touch /tmp/ok")
    project.up("--wait")
    assert project.container("a")["Health"] == "healthy"
    project.sh("a", "rm /tmp/ok")
    wait_for(lambda: project.container("a")["Health"] == "unhealthy", "the container is unhealthy", 10)


def test_a_chain_starts_in_order(project):
    """UP-12"""
    count = 6
    lines = ["services:"]
    for number in range(count):
        lines += [f"  s{number}:", "    image: alpine", "    init: true", "    volumes: [\"./shared:/shared\"]",
                  f"    healthcheck: {{test: \"test -e /shared/s{number}\", interval: 100ms}}",
                  f"    command: sh -c \"test ! -e /shared/s{number + 1} && touch /shared/s{number}; sleep infinity\""]
        if number:
            lines.append(f"    depends_on: {{s{number - 1}: {{condition: service_healthy}}}}")
    project.file("\n".join(lines))
    project.up()
    wait_for(lambda: all((project.dir / f"shared/s{n}").exists() for n in range(count)), "each started before the next")


@pytest.mark.ours
def test_a_plain_chain_starts_in_order(project):
    """UP-12"""
    links = "".join(f"  s{n}: {{image: alpine, init: true, command: sleep infinity, depends_on: [s{n - 1}]}}\n" for n in range(1, 8))
    project.file("services:\n  s0: {image: alpine, init: true, command: sleep infinity}\n" + links)
    done = project.up()
    started = [record(project, f"s{n}", "state.json")["started"] for n in range(8)]
    assert started == sorted(started) and len(set(started)) == 8
    told = re.findall(rf"{project.name}-(s\d)-1 +Started", done.stderr)
    assert told == [f"s{n}" for n in range(8)]
    project.compose("stop", "-t", "1")
    finished = [record(project, f"s{n}", "state.json")["finished"] for n in range(8)]
    assert finished == sorted(finished, reverse=True)

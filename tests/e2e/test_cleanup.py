"""Nothing is left: what `down` must take away, looked for all over the machine."""
import pytest

from harness import leaks
from harness.process import wait_for

pytestmark = pytest.mark.ours

EVERYTHING = """
    services:
      web:
        image: alpine
        init: true
        command: httpd -f -p 80 -h /etc
        ports: ["18101:80", "18102:80/udp"]
        volumes: ["data:/data", "/anonymous", "./bind:/bind", {type: tmpfs, target: /scratch}]
        networks: [front, back]
        secrets: [s]
        configs: [c]
        mem_limit: 64m
        healthcheck: {test: "true", interval: 250ms}
        tty: true
      db: {image: alpine, init: true, command: sleep infinity, networks: [back], scale: 2}
      once: {image: alpine, command: "true", networks: [back]}
    networks: {front: {}, back: {}}
    volumes: {data: {}}
    secrets: {s: {environment: SECRET}}
    configs: {c: {content: text}}
"""


def kinds(left, *wanted):
    return [line for line in left if line.startswith(wanted)]


def test_down_with_volumes_leaves_nothing(project):
    """GAP-15, DN-01, DN-02"""
    before = leaks.snapshot(project.world)
    project.file(EVERYTHING)
    project.up(env={"SECRET": "x"})
    project.compose("run", "-d", "--no-deps", "db", "sleep", "infinity", env={"SECRET": "x"})
    during = leaks.snapshot(project.world) - before
    for kind in ("process", "link", "nft", "cgroup", "volume", "project"):
        assert kinds(during, kind), f"the check does not see the {kind} that exists now"
    project.compose("down", "-v", "-t", "0", "--remove-orphans")
    assert leaks.leaked(project.world, before) == []


def test_down_leaves_only_the_volumes(project):
    """GAP-15, DN-01"""
    before = leaks.snapshot(project.world)
    project.file(EVERYTHING)
    project.up(env={"SECRET": "x"})
    project.compose("down", "-t", "0")
    left = leaks.leaked(project.world, before, settle=1)
    assert left and kinds(left, "volume") == left


def test_failed_up_leaves_nothing_but_its_containers(project):
    """GAP-15"""
    before = leaks.snapshot(project.world)
    project.file("""
        services:
          good: {image: alpine, init: true, command: sleep infinity}
          bad: {image: alpine, command: no-such-command}
    """)
    project.up(code=1)
    project.compose("down", "-t", "0")
    assert leaks.leaked(project.world, before) == []


def test_stopped_project_costs_nothing(project):
    """GAP-15"""
    before = leaks.snapshot(project.world)
    project.file(EVERYTHING)
    project.up(env={"SECRET": "x"})
    project.compose("stop", "-t", "0")
    wait_for(lambda: not kinds(leaks.snapshot(project.world) - before, "process"), "no process runs for a stopped project")
    assert set(project.states().values()) == {"exited"}


def test_run_rm_leaves_nothing(project):
    """RUN-03, GAP-15"""
    before = leaks.snapshot(project.world)
    project.file("services: {a: {image: alpine, volumes: [/anonymous]}}")
    project.compose("run", "--rm", "a", "true")
    project.compose("down")
    assert leaks.leaked(project.world, before) == []


def test_twenty_rounds_leave_nothing(project):
    """GAP-15"""
    before = leaks.snapshot(project.world)
    project.file("services: {a: {image: alpine, init: true, command: sleep infinity, ports: [\"18103:80\"], scale: 1}}")
    for _ in range(20):
        project.up()
        project.compose("down", "-t", "0")
    assert leaks.leaked(project.world, before) == []

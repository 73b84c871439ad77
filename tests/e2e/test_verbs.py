"""`create`, `pause`, `unpause`, `scale`, `wait`, `events`, `stats`, `attach`."""
import json
import re
import signal

import pytest

from harness.process import wait_for

FILE = """
    services:
      a: {image: alpine, init: true, command: sleep infinity}
      b: {image: alpine, init: true, command: sleep infinity}
"""
CHAIN = """
    services:
      db: {image: alpine, init: true, command: sleep infinity}
      back: {image: alpine, init: true, command: sleep infinity, depends_on: [db]}
      front: {image: alpine, init: true, command: sleep infinity, depends_on: [back]}
      other: {image: alpine, init: true, command: sleep infinity}
"""


def count(project, service):
    return sum(row["Service"] == service and row["State"] == "running" for row in project.ps())


def test_create_then_start_a_chain(project):
    """LC-08"""
    project.file(CHAIN)
    project.compose("create", "front")
    assert project.states() == {"db-1": "created", "back-1": "created", "front-1": "created"}
    created = project.ids()
    project.compose("start", "front")
    assert project.states() == {"db-1": "running", "back-1": "running", "front-1": "running"}
    assert project.ids() == created


def test_create_makes_what_up_keeps(project):
    """LC-08"""
    project.file(FILE)
    project.compose("create", "--scale", "a=2")
    created = project.ids()
    assert set(created) == {"a-1", "a-2", "b-1"}
    project.up("--no-recreate", "--scale", "a=2")
    assert project.ids() == created
    project.compose("create", "--force-recreate", "b")
    assert project.ids()["b-1"] != created["b-1"] and project.ids()["a-1"] == created["a-1"]
    project.up("--no-start")
    assert set(project.ids()) == {"a-1", "b-1"}


def test_pause(project):
    """LC-15"""
    project.file("""
        services:
          a: {image: alpine, init: true, command: "sh -c 'while :; do date +%s%N > /tick; sleep 0.05; done'"}
          b: {image: alpine, init: true, command: sleep infinity}
    """)
    assert project.compose("pause").code == 0
    project.up()
    before = project.ids()
    wait_for(lambda: project.compose("exec", "-T", "a", "cat", "/tick", code=None).stdout, "it ticks")
    project.compose("pause", "a")
    assert project.states() == {"a-1": "paused", "b-1": "running"}
    assert "(Paused)" in project.container("a")["Status"]
    twice = project.compose("pause", "a", code=1)
    assert "already paused" in twice.stderr
    assert "paused" in project.compose("exec", "-T", "a", "true", code=None).output
    project.compose("unpause", "a")
    assert project.states() == {"a-1": "running", "b-1": "running"} and project.ids() == before
    first = project.sh("a", "cat /tick")
    wait_for(lambda: project.sh("a", "cat /tick") != first, "it ticks again")
    assert "not paused" in project.compose("unpause", "a", code=1).stderr
    for verb in ("pause", "unpause"):
        assert "no such service: nope" in project.compose(verb, "nope", code=1).stderr


def test_paused_containers_can_be_stopped_and_removed(project):
    """LC-15"""
    project.file(FILE)
    project.up()
    project.compose("pause")
    project.compose("stop", "-t", "1", "a")
    assert project.states() == {"a-1": "exited", "b-1": "paused"}
    project.compose("down", "-t", "0")
    assert project.ids() == {}


def test_scale(project):
    """LC-16, LC-18"""
    project.file(FILE)
    project.up()
    first = project.ids()
    project.compose("scale", "a=3", "b=2")
    assert set(project.ids()) == {"a-1", "a-2", "a-3", "b-1", "b-2"} and count(project, "a") == 3
    project.compose("scale", "a=1")
    assert project.ids()["a-1"] == first["a-1"] and count(project, "a") == 1 and count(project, "b") == 2
    project.compose("scale", "b=0")
    assert count(project, "b") == 0 and set(project.ids()) == {"a-1"}
    project.compose("scale", "a=2")
    assert set(project.ids()) == {"a-1", "a-2"}


def test_scale_and_dependencies(project):
    """LC-17"""
    project.file(CHAIN)
    project.up("--scale", "db=2")
    assert count(project, "db") == 2
    project.compose("scale", "--no-deps", "back=2")
    assert (count(project, "db"), count(project, "back"), count(project, "front")) == (2, 2, 1)
    project.compose("scale", "back=2")
    assert (count(project, "db"), count(project, "back"), count(project, "other")) == (1, 2, 1)


@pytest.mark.ours
@pytest.mark.parametrize("argument, says", [("a", "invalid scale specifier"), ("a=x", "invalid scale specifier"), ("a=1x", "invalid scale specifier"),
                                            ("a=-1", "invalid scale specifier"), ("nope=2", "no such service: nope")])
def test_scale_arguments(project, argument, says):
    """LC-16"""
    project.file(FILE)
    assert says in project.compose("scale", argument, code=1).stderr
    assert project.ids() == {}


@pytest.mark.ours
def test_scaling_prefers_the_newest_configuration(project):
    """LC-19"""
    text = "services: {a: {image: alpine, init: true, command: sleep infinity, environment: {V: %d}}}"
    project.file(text % 1)
    project.up("--scale", "a=2")
    project.file(text % 2)
    project.up("--scale", "a=4", "-t", "0")
    project.up("--scale", "a=1", "-t", "0")
    assert list(project.ids()) == ["a-1"] and project.sh("a", "echo $V") == "2\n"


@pytest.mark.ours
def test_scaling_down_drops_the_obsolete_first(project):
    """LC-19"""
    text = "services: {a: {image: alpine, init: true, command: sleep infinity, environment: {V: %d}}}"
    project.file(text % 1)
    project.up("--scale", "a=2")
    project.file(text % 2)
    project.up("--no-recreate", "--scale", "a=4")
    project.up("--no-recreate", "--scale", "a=2", "-t", "0")
    assert set(project.ids()) == {"a-3", "a-4"}


def test_wait(project):
    """LC-20"""
    project.file("""
        services:
          faster: {image: alpine, command: sh -c "sleep 0.7; exit 3"}
          slower: {image: alpine, command: sh -c "sleep 1.5; exit 4"}
          infinity: {image: alpine, init: true, command: sleep infinity}
    """)
    project.up()
    done = project.compose("wait", "faster", code=3)
    assert "3" in done.stdout
    project.compose("wait", "slower", code=4)
    assert project.states() == {"faster-1": "exited", "slower-1": "exited", "infinity-1": "running"}
    waiting = project.background("wait", "infinity")
    project.compose("kill", "infinity")
    assert waiting.wait().code == 137


@pytest.mark.ours
def test_wait_for_several_ends_with_the_last(project):
    """LC-20"""
    project.file("""
        services:
          one: {image: alpine, command: sh -c "sleep 0.6; exit 5"}
          two: {image: alpine, command: sh -c "sleep 1.4; exit 6"}
    """)
    project.up()
    done = project.compose("wait", "two", "one", code=6)
    assert re.findall(r"status code (\d)", done.stdout) == ["5", "6"]
    assert "no containers" in project.compose("wait", "one", code=1).stderr
    assert "no such service: nope" in project.compose("wait", "nope", code=1).stderr
    project.compose("wait", code=1)


@pytest.mark.ours
def test_wait_survives_the_supervisor(project):
    """LC-20"""
    project.file("services: {a: {image: alpine, init: true, command: sleep infinity}}")
    project.up()
    waiting = project.background("wait", "a")
    project.compose("restart", "-t", "0", "a")
    project.compose("stop", "-t", "1")
    assert waiting.wait().code in (137, 143)


@pytest.mark.ours
def test_wait_and_drop(project):
    """LC-21"""
    project.file("""
        services:
          faster: {image: alpine, command: sh -c "sleep 0.7; exit 3"}
          infinity: {image: alpine, init: true, command: sleep infinity}
    """)
    project.up()
    project.compose("wait", "--down-project", "faster", "infinity", code=3)
    assert project.ids() == {}


@pytest.mark.ours
def test_events(project):
    """OBS-16"""
    project.file("""
        services:
          a: {image: alpine, init: true, command: sleep infinity, labels: {color: blue}}
          b: {image: alpine, init: true, command: sleep infinity}
    """)
    plain, lines, only_b = (project.background("events"), project.background("events", "--json"),
                            project.background("events", "--json", "b"))

    def listening():
        project.up("--force-recreate", "-t", "0")
        return all("start" in each.stdout for each in (plain, lines, only_b))

    wait_for(listening, "events are seen")
    project.compose("stop", "-t", "1")
    project.compose("down", "-t", "0")
    for each in (plain, lines, only_b):
        each.wait_for("destroy", count=2 if each is lines else 1)
        each.signal(signal.SIGINT)
        assert each.wait().code == 130
    events = [json.loads(line) for line in lines.stdout.splitlines()]
    assert all(set(event) == {"time", "type", "service", "id", "action", "attributes"} for event in events)
    last = [event["action"] for event in events if event["service"] == "a"][-3:]
    assert last == ["die", "stop", "destroy"]
    died = [event for event in events if event["action"] == "die" and event["service"] == "a"][-1]
    assert died["attributes"] == {"name": f"{project.name}-a-1", "image": "alpine", "color": "blue", "exitCode": "143"}
    assert {json.loads(line)["service"] for line in only_b.stdout.splitlines()} == {"b"}
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} container start [0-9a-f]{64} \(.*name=", plain.stdout, re.M)


@pytest.mark.ours
def test_events_say_why_a_container_was_killed_at_once(project):
    """OBS-16"""
    project.file("services: {a: {image: alpine, command: sleep infinity}}")
    lines = project.background("events", "--json")

    def listening():
        project.up("--force-recreate")
        return "start" in lines.stdout

    wait_for(listening, "events are seen")
    project.compose("stop")
    lines.wait_for('"stop"')
    killed = [json.loads(line) for line in lines.stdout.splitlines() if '"kill"' in line]
    assert "its first process does not handle SIGTERM" in killed[-1]["attributes"]["reason"]


def test_events_of_an_unknown_service(project):
    """OBS-16"""
    project.file(FILE)
    assert "no such service: nope" in project.compose("events", "nope", code=1).stderr


def test_stats(project):
    """OBS-11"""
    project.file("""
        services:
          busy: {image: alpine, init: true, mem_limit: 64m, command: "sh -c 'while :; do :; done'"}
          idle: {image: alpine, init: true, command: sleep infinity}
          over: {image: alpine, command: "true"}
    """)
    project.up()
    project.wait_state("over", "exited")
    table = project.compose("stats", "--no-stream").stdout
    assert table.splitlines()[0].split() == "CONTAINER ID NAME CPU % MEM USAGE / LIMIT MEM % NET I/O BLOCK I/O PIDS".split()
    assert f"{project.name}-busy-1" in table and "-over-1" not in table
    rows = {row["Name"].removeprefix(project.name + "-"): row for row in
            map(json.loads, project.compose("stats", "--no-stream", "--format", "json").stdout.splitlines())}
    assert float(rows["busy-1"]["CPUPerc"].rstrip("%")) > 20 > float(rows["idle-1"]["CPUPerc"].rstrip("%"))
    assert rows["busy-1"]["MemUsage"].endswith("/ 64MiB") and rows["busy-1"]["PIDs"] in ("2", "3")
    assert rows["idle-1"]["ID"] == project.id("idle")


@pytest.mark.ours
def test_stats_of_one_service_and_of_stopped_ones(project):
    """OBS-11"""
    project.file(FILE)
    project.up()
    project.compose("stop", "-t", "1", "b")
    assert "-b-1" not in project.compose("stats", "--no-stream").stdout
    assert "-b-1" in project.compose("stats", "--no-stream", "--all").stdout
    assert "-a-1" not in project.compose("stats", "--no-stream", "--all", "b").stdout
    assert "no such service: nope" in project.compose("stats", "--no-stream", "nope", code=1).stderr
    streaming = project.background("stats", "--format", "json", "a")
    streaming.wait_for("CPUPerc", count=2)
    streaming.signal(signal.SIGINT)
    streaming.wait()


ECHO = """
    services:
      a: {image: alpine, stdin_open: true, command: "sh -c 'echo before; while read -r line; do echo got-$$line; test $$line = bye && exit 9; done'"}
"""


@pytest.mark.ours
def test_attach_sees_what_comes_and_the_exit_code(project):
    """OBS-02"""
    project.file(ECHO)
    project.up()
    wait_for(lambda: "before" in project.compose("logs").stdout, "it has started")
    done = project.compose("attach", "a", stdin="one\nbye\n", code=9)
    assert done.stdout == "got-one\ngot-bye\n"


@pytest.mark.ours
def test_attach_on_a_terminal_and_leaving_it(project):
    """OBS-02"""
    project.file("""
        services:
          a: {image: alpine, stdin_open: true, tty: true, command: sh}
    """)
    project.up()
    terminal = project.terminal("attach", "a")
    terminal.send("echo in''side\n")
    terminal.wait_for("inside")
    terminal.send("\x10\x11")
    assert terminal.wait() == 0
    assert project.states() == {"a-1": "running"}
    other = project.terminal("attach", "--detach-keys", "ctrl-x,q", "a")
    other.send("exit 5\n")
    assert other.wait() == 5


@pytest.mark.ours
def test_attach_passes_signals_on_or_not(project):
    """OBS-02"""
    project.file("""
        services:
          a: {image: alpine, command: "sh -c \\"trap 'echo got-int; exit 6' INT; echo up; while :; do echo tick; sleep 0.1; done\\""}
    """)
    project.up()
    deaf = project.background("attach", "--sig-proxy=false", "a")
    deaf.wait_for("tick")
    deaf.signal(signal.SIGINT)
    assert deaf.wait().code == 130
    assert project.states() == {"a-1": "running"}
    attached = project.background("attach", "--no-stdin", "a")
    attached.wait_for("tick")
    attached.signal(signal.SIGINT)
    done = attached.wait()
    assert done.code == 6 and "got-int" in done.stdout
    assert "is not running" in project.compose("attach", "a", code=1).stderr

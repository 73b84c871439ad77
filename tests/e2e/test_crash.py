"""kill -9 of the machinery: the containers, their output and their exit codes stay whole."""
import fcntl
import json
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import threading

import pytest

from harness.machinery import machinery, running_machinery
from harness.process import wait_for
from harness.project import http

pytestmark = pytest.mark.ours

FILE = """
    services:
      a: {image: alpine, init: true, command: sh -c "n=0; while :; do n=$$((n+1)); echo line-$$n; sleep 0.01; done"}
      b: {image: alpine, init: true, command: sleep infinity, depends_on: [a]}
"""


@pytest.fixture
def running(project):
    project.file(FILE)
    project.up()
    return project


def test_up_while_the_last_supervisor_ends(project):
    """It takes the project's directories away under a lock for which `up` waits."""
    project.file("services: {a: {image: alpine, init: true, command: sleep infinity}}")
    run = project.world.run_dir
    run.mkdir(exist_ok=True)
    with open(run / "supervisors.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = re.compile(rf"-> FLOCK .*:{os.stat(lock.name).st_ino} ")
        up = project.background("up", "-d")
        wait_for(lambda: waiting.search(pathlib.Path("/proc/locks").read_text()), "up waits for the lock")
        shutil.rmtree(run / "projects" / project.name, ignore_errors=True)
    assert up.wait().code == 0
    assert project.states() == {"a-1": "running"}


def test_seventy_containers(project):
    """Their descriptors are more than select(2) can take, in a supervisor that takes them over too."""
    project.file("services: {many: {image: alpine, init: true, command: sleep infinity, scale: 70}}")
    project.up()
    before = project.ids()
    _, supervisor = running_machinery(project)
    os.kill(supervisor, signal.SIGKILL)
    project.up("--scale", "many=71")
    assert len(project.ids()) == 71 and before.items() < project.ids().items()
    answer = project.compose("exec", "-T", "--index", "71", "many", "nslookup", f"{project.name}-many-70", "127.0.0.11")
    assert "Address" in answer.stdout
    project.compose("down")


def test_supervisor_is_replaced(running):
    """GAP-04"""
    before = running.ids()
    _, supervisor = running_machinery(running)
    os.kill(supervisor, signal.SIGKILL)
    assert running.states() == {"a-1": "running", "b-1": "running"}
    assert running.ids() == before
    _, replacement = running_machinery(running)
    assert replacement != supervisor
    running.compose("exec", "-T", "b", "true")
    running.compose("stop", "-t", "1", "b")
    assert running.container("b")["ExitCode"] == 143


def test_keeper_is_replaced(running):
    """GAP-04"""
    before = running.ids()
    keeper, _ = running_machinery(running)
    os.kill(keeper, signal.SIGKILL)
    wait_for(lambda: (found := machinery(running)[0]) and found != keeper, "a new keeper is running")
    assert running.ids() == before and set(running.states().values()) == {"running"}
    running.compose("stop", "-t", "1", "b")
    assert running.states()["b-1"] == "exited"


def test_both_die_and_the_next_command_repairs(running):
    """GAP-04"""
    before = running.ids()
    for pid in running_machinery(running):
        os.kill(pid, signal.SIGKILL)
    running.up()
    assert running.ids() == before and set(running.states().values()) == {"running"}
    running.compose("down", "-t", "0")
    assert running.ids() == {}


def test_no_line_is_lost_or_doubled(running):
    """GAP-02"""
    for _ in range(5):
        _, supervisor = running_machinery(running)
        os.kill(supervisor, signal.SIGKILL)
        wait_for(lambda: machinery(running)[1] not in (None, supervisor), "a new supervisor is running")
    running.compose("stop", "-t", "1", "a")
    lines = [int(n) for n in re.findall(r"line-(\d+)\n", running.compose("logs", "--no-log-prefix", "a").stdout)]
    assert lines == list(range(1, len(lines) + 1)) and len(lines) > 10


def test_exit_while_the_supervisor_is_away(project):
    """GAP-04"""
    project.file("""
        services:
          a: {image: alpine, command: sh -c "sleep 0.5; echo last-words; exit 7"}
          b: {image: alpine, init: true, command: sleep infinity}
    """)
    project.up()
    _, supervisor = running_machinery(project)
    os.kill(supervisor, signal.SIGKILL)
    project.wait_state("a", "exited")
    assert project.container("a")["ExitCode"] == 7
    assert project.compose("logs", "--no-log-prefix", "a").stdout == "last-words\n"


def test_names_resolve_again_after_a_crash(running):
    """GAP-04, GAP-06"""
    _, supervisor = running_machinery(running)
    os.kill(supervisor, signal.SIGKILL)
    running_machinery(running)
    assert running.sh("b", "ping -c 1 -W 5 a >/dev/null && echo answered") == "answered\n"


def test_restart_policy_after_a_crash(project):
    """GAP-04"""
    project.file("services: {a: {image: alpine, init: true, restart: always, command: sh -c 'echo run; sleep infinity'}}")
    project.up()
    _, supervisor = running_machinery(project)
    os.kill(supervisor, signal.SIGKILL)
    running_machinery(project)
    project.compose("exec", "-T", "a", "kill", "-9", "-1", code=None)
    following = project.background("logs", "-f")
    following.wait_for("run", count=2)


def test_killed_in_the_middle_of_up(project):
    """GAP-04"""
    services = "".join(f"      s{n}: {{image: alpine, init: true, command: sleep infinity}}\n" for n in range(20))
    project.file("    services:\n" + services)
    starting = project.background("up", "-d")
    wait_for(lambda: machinery(project)[1], "the supervisor is running")
    os.kill(machinery(project)[1], signal.SIGKILL)
    starting.wait()
    project.up()
    assert set(project.states().values()) == {"running"} and len(project.ids()) == 20


def test_records_that_a_power_cut_left_empty(project):
    """GAP-04"""
    project.file("""
        services:
          a: {image: alpine, init: true, command: sleep infinity, volumes: ["data:/data"]}
          b: {image: alpine, init: true, command: sleep infinity}
          c: {image: alpine, init: true, command: sleep infinity}
        volumes: {data: {}}
    """)
    project.up()
    project.sh("a", "echo kept > /data/file")
    project.compose("stop", "-t", "1")
    wait_for(lambda: machinery(project) == (None, None), "keeper and supervisor have ended")
    state = project.world.state
    directories = {name: next((state / "projects" / project.name / "containers").glob(id + "*"))
                   for name, id in project.ids().items()}
    for torn in (directories["a-1"] / "state.json", directories["b-1"] / "container.json",
                 state / "volumes" / f"{project.name}_data" / "volume.json"):
        torn.write_text("")
    (directories["c-1"] / "state.json").unlink()
    assert project.states() == {"a-1": "exited", "c-1": "created"}
    project.up()
    assert project.states() == {"a-1": "running", "b-1": "running", "c-1": "running"}
    assert project.sh("a", "cat /data/file") == "kept\n"
    assert not directories["b-1"].exists()


def test_killed_command_line(project):
    """GAP-02"""
    project.file(FILE)
    running = project.background("up")
    running.wait_for("line-5")
    running.signal(signal.SIGKILL)
    running.wait()
    assert set(project.states().values()) == {"running"}


def test_two_ups_at_once(project):
    """GAP-03"""
    project.file(FILE)
    codes = []
    threads = [threading.Thread(target=lambda: codes.append(project.up(code=None).code)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [0, 0, 0]
    assert project.states() == {"a-1": "running", "b-1": "running"}


def reboot(project):
    """What a reset of the machine takes away: every process, what the kernel held, and /run. The disk stays."""
    state, run = project.world.state, project.world.run_dir
    records = [json.loads(path.read_text()) for path in (state / "projects" / project.name).rglob("state.json")]
    dying = [os.pidfd_open(pid) for pid in [*running_machinery(project), *(record["pid"] for record in records)]]
    for number in (signal.SIGSTOP, signal.SIGKILL): # stopped first: nobody sees another die
        for pidfd in dying:
            signal.pidfd_send_signal(pidfd, number)
    for pidfd in dying:
        assert select.select([pidfd], [], [], 20)[0], "a killed process does not end"
        os.close(pidfd)
    for network in (state / "networks").glob("*.json"):
        subprocess.run(["ip", "link", "delete", json.loads(network.read_text())["bridge"]], check=True)
    subprocess.run(["nft", "flush", "ruleset"], check=True)
    shutil.rmtree(run)


def test_the_machine_is_reset(project):
    """GAP-05"""
    project.file("""
        services:
          web:
            image: alpine
            init: true
            restart: always
            command: sh -c 'echo up >> /data/starts; httpd -f -p 8000 -h /data'
            ports: ["18000:8000"]
            volumes: ["data:/data"]
          other: {image: alpine, init: true, command: sleep infinity, depends_on: [web]}
        volumes: {data: {}}
    """)
    project.up()
    assert http("http://127.0.0.1:18000/starts") == "up\n"
    before = project.ids()
    reboot(project)
    assert project.states() == {"web-1": "exited", "other-1": "exited"}
    project.up()
    assert project.ids() == before
    assert http("http://127.0.0.1:18000/starts") == "up\nup\n"
    assert "Address" in project.sh("other", "nslookup web 127.0.0.11")


@pytest.fixture
def somebody():
    process = subprocess.Popen(["sleep", "infinity"])
    yield process
    process.kill()
    process.wait()


def test_a_pid_of_before_the_reset_belongs_to_somebody_else(project, somebody):
    """GAP-05"""
    project.file("services: {a: {image: alpine, init: true, command: sleep infinity}}")
    project.up()
    reboot(project)
    [record] = (project.world.state / "projects" / project.name).rglob("state.json")
    record.write_text(json.dumps({**json.loads(record.read_text()), "pid": somebody.pid}))
    assert project.states() == {"a-1": "exited"}
    project.up("--force-recreate")
    project.compose("down", "-t", "0")
    assert somebody.poll() is None

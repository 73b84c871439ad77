"""`run`: one-off containers."""
import re

import pytest

from harness.process import wait_for

FILE = """
    services:
      back:
        image: alpine
        command: echo "Hello there!!"
        depends_on: [db]
        environment: {FROM_FILE: in-file}
        ports: ["127.0.0.1:0:80"]
      db: {image: alpine, init: true, command: sleep infinity}
      front: {image: alpine, init: true, command: sleep infinity, depends_on: [back]}
"""


def test_command_or_override(project):
    """RUN-01, RUN-06"""
    project.file(FILE)
    assert project.compose("run", "back").stdout == "Hello there!!\n"
    assert project.compose("run", "back", "echo", "Hello one more time").stdout == "Hello one more time\n"
    rows = project.ps()
    assert {row["Service"] for row in rows} == {"back", "db"}
    one_offs = [row for row in rows if row["Service"] == "back"]
    assert len(one_offs) == 2 and all(row["State"] == "exited" for row in one_offs)
    assert all(re.fullmatch(f"{project.name}-back-run-[0-9a-f]+", row["Name"]) for row in one_offs)


def test_orphan_warning(project):
    """RUN-02"""
    project.file("services: {a: {image: alpine}, b: {image: alpine}}")
    project.compose("run", "a", "true")
    project.file("services: {b: {image: alpine}}")
    assert "orphan" in project.compose("run", "b", "true").stderr
    assert "orphan" not in project.compose("run", "b", "true", env={"COMPOSE_IGNORE_ORPHANS": "True"}).stderr


def test_rm_removes_only_itself(project):
    """RUN-03"""
    project.file(FILE)
    project.compose("run", "--no-deps", "back")
    project.compose("run", "--no-deps", "--rm", "back", "true")
    assert len(project.ps()) == 1


@pytest.mark.ours
def test_volume_environment_and_files(project):
    """RUN-04"""
    project.file(FILE)
    project.write("data/file", "mounted\n")
    assert project.compose("run", "--rm", "--no-deps", "-v", "./data:/data", "back", "cat", "/data/file").stdout == "mounted\n"
    shown = project.compose("run", "--rm", "--no-deps", "-e", "FOO=bar", "back", "sh", "-c", "echo $FROM_FILE $FOO").stdout
    assert shown == "in-file bar\n"


def test_ports_only_on_request(project):
    """RUN-05"""
    project.file(FILE)
    project.compose("run", "-d", "--no-deps", "back", "sleep", "infinity")
    assert not any(port["PublishedPort"] for port in project.ps()[0].get("Publishers") or [])
    project.compose("down", "--remove-orphans", "-t", "0")
    project.compose("run", "-d", "--no-deps", "--publish", "127.0.0.1:18081:80", "back", "sleep", "infinity")
    assert [port["PublishedPort"] for port in project.ps()[0]["Publishers"] if port["PublishedPort"]] == [18081]
    project.compose("down", "--remove-orphans", "-t", "0")
    project.compose("run", "-d", "--no-deps", "--service-ports", "back", "sleep", "infinity")
    assert any(port["PublishedPort"] and port["TargetPort"] == 80 for port in project.ps()[0]["Publishers"])


def test_no_deps(project):
    """RUN-06"""
    project.file(FILE)
    project.compose("run", "--rm", "--no-deps", "back")
    assert project.ps() == []


def test_piped_input(project):
    """RUN-12"""
    project.file("services: {a: {image: alpine, command: cat}}")
    assert project.compose("run", "--rm", "-T", "a", stdin="hello\n").stdout == "hello\n"
    done = project.compose("run", "--rm", "a", "sh", "-c", "test -t 0 || echo no-terminal", stdin="x\n", code=None)
    assert "no-terminal" in done.stdout


def test_detached_rm_disappears_when_it_ends(project):
    """RUN-13"""
    project.file("services: {a: {image: alpine, init: true, command: sleep infinity}}")
    project.compose("run", "--rm", "-d", "a", "sh", "-c", "sleep 0.5")
    wait_for(lambda: project.ps() == [], "the one-off is removed", 10)


def test_exit_codes(project):
    """RUN-01"""
    project.file("services: {a: {image: alpine}}")
    project.compose("run", "--rm", "a", "sh", "-c", "exit 42", code=42)
    missing = project.compose("run", "--rm", "a", "no-such-command", code=None)
    assert missing.code in (1, 127) and "no-such-command" in missing.stderr


def test_environment_precedence(project):
    """RUN-16"""
    project.write(".env", "X=dotenv\n")
    project.write("other.env", "X=env-file\n")
    project.file("services: {a: {image: alpine, command: sh -c 'echo $$X'}}")
    show = ["run", "--rm"]
    assert project.compose(*show, "-e", "X=explicit", "a", env={"X": "shell"}).stdout == "explicit\n"
    assert project.compose(*show, "-e", "X", "a", env={"X": "shell"}).stdout == "shell\n"
    assert project.compose("--env-file", "other.env", *show, "-e", "X", "a", env={"X": "shell"}).stdout == "shell\n"
    assert project.compose("--env-file", "other.env", *show, "-e", "X", "a").stdout == "env-file\n"
    assert project.compose(*show, "-e", "X", "a").stdout == "dotenv\n"
    assert project.compose(*show, "a").stdout == "\n"


def test_name_entrypoint_user_directory(project):
    """RUN-17"""
    project.file("services: {a: {image: alpine, entrypoint: [echo, never]}}")
    project.compose("run", "--name", f"{project.name}-mine", "a")
    assert project.ps()[0]["Name"] == f"{project.name}-mine"
    shown = project.compose("run", "--rm", "--entrypoint", "sh -c", "-u", "app", "-w", "/tmp", "a", "id -un; pwd")
    assert shown.stdout == "app\n/tmp\n"


def test_terminal(project):
    """RUN-01"""
    project.file("services: {a: {image: alpine, command: sh}}")
    terminal = project.terminal("run", "--rm", "a")
    terminal.send("tty\n")
    terminal.wait_for(r"/dev/(pts/\d+|console)")
    terminal.send("exit 9\n")
    assert terminal.wait() == 9
    assert project.ps() == []


def test_waits_for_a_healthy_dependency(project):
    """RUN-06"""
    project.file("""
        services:
          db:
            image: alpine
            init: true
            command: sh -c "sleep 0.7; touch /shared/ready; sleep infinity"
            volumes: ["./shared:/shared"]
            healthcheck: {test: ["CMD", "test", "-e", "/shared/ready"], interval: 250ms, retries: 40}
          job:
            image: alpine
            volumes: ["./shared:/shared"]
            depends_on: {db: {condition: service_healthy}}
    """)
    (project.dir / "shared").mkdir()
    assert project.compose("run", "--rm", "job", "ls", "/shared").stdout == "ready\n"


def test_optional_dependency_of_a_profile_that_is_off(project):
    """RUN-07"""
    project.file("""
        services:
          foo: {image: alpine, command: echo foo, depends_on: {bar: {condition: service_started, required: false}}}
          bar: {image: alpine, init: true, command: sleep infinity, profiles: [off]}
    """)
    assert project.compose("run", "--rm", "foo").stdout == "foo\n"
    assert not any(row["Service"] == "bar" for row in project.ps())


@pytest.mark.ours
def test_quiet(project):
    """RUN-08"""
    project.file("services: {a: {image: alpine, command: \"true\"}, b: {image: alpine, init: true, command: sleep infinity}}")
    done = project.compose("run", "--rm", "a", env={"COMPOSE_PROGRESS": "quiet"})
    assert done.output == ""
    assert project.compose("run", "--quiet", "--rm", "a").output == ""


def test_pull_always(project):
    """RUN-09"""
    project.file("services: {a: {image: alpine, command: \"true\"}}")
    project.compose("pull")
    done = project.compose("run", "--pull", "always", "--rm", "a")
    assert "Pulled" in done.stderr

"""`ps`, `ls`, `images`, `top` and `port`."""
import json

import pytest

FILE = """
    services:
      web:
        image: alpine
        init: true
        command: sleep infinity
        ports: ["127.0.0.1:0:8000", "127.0.0.1:0:53/udp"]
      db: {image: alpine, init: true, command: sleep infinity, expose: ["80", "443"]}
"""


def test_table(project):
    """OBS-04"""
    project.file(FILE)
    project.up()
    header, *rows = project.compose("ps").stdout.splitlines()
    assert header.split() == ["NAME", "IMAGE", "COMMAND", "SERVICE", "CREATED", "STATUS", "PORTS"]
    web = next(row for row in rows if f"{project.name}-web-1" in row)
    _, port = project.port("web", 8000)
    assert f"127.0.0.1:{port}->8000/tcp" in web and "->53/udp" in web
    db = next(row for row in rows if f"{project.name}-db-1" in row)
    assert "80/tcp" in db and "443/tcp" in db
    assert " Up " in web and "\"sleep infinity\"" in web


def test_json_is_one_object_a_line(project):
    """OBS-05"""
    project.file(FILE)
    project.up()
    rows = [json.loads(line) for line in project.compose("ps", "--format", "json").stdout.splitlines()]
    assert len(rows) == 2
    web = next(row for row in rows if row["Service"] == "web")
    assert web["Name"] == f"{project.name}-web-1" and web["Project"] == project.name
    assert web["State"] == "running" and web["ExitCode"] == 0 and web["Image"] == "alpine"
    published = {(port["URL"], port["TargetPort"], port["Protocol"]) for port in web["Publishers"]}
    assert published == {("127.0.0.1", 8000, "tcp"), ("127.0.0.1", 53, "udp")}


def test_stopped_containers_only_with_all(project):
    """OBS-06"""
    project.file(FILE)
    project.up()
    project.compose("stop", "-t", "1", "db")
    assert "db-1" not in project.compose("ps").stdout
    assert "db-1" in project.compose("ps", "--all").stdout
    assert "Exited (143)" in project.compose("ps", "-a").stdout
    assert len(project.compose("ps", "-q").stdout.split()) == 1


def test_ls(project):
    """OBS-13, LC-02"""
    project.file(FILE)
    project.up()
    listed = {row["Name"]: row for row in json.loads(project.compose("ls", "--format", "json").stdout)}
    assert listed[project.name]["Status"] == "running(2)"
    assert listed[project.name]["ConfigFiles"].endswith("compose.yaml")
    project.compose("stop", "-t", "1")
    running = {row["Name"] for row in json.loads(project.compose("ls", "--format", "json").stdout)}
    stopped = {row["Name"]: row for row in json.loads(project.compose("ls", "--all", "--format", "json").stdout)}
    assert project.name not in running
    assert stopped[project.name]["Status"] == "exited(2)"


def test_images(project):
    """OBS-10"""
    project.file(FILE)
    project.up()
    header, *rows = project.compose("images").stdout.splitlines()
    assert header.split()[:3] == ["CONTAINER", "REPOSITORY", "TAG"]
    assert any(row.split()[:3] == [f"{project.name}-web-1", "alpine", "latest"] for row in rows)


def test_top(project):
    """OBS-11"""
    project.file(FILE)
    project.up("db")
    shown = project.compose("top").stdout
    assert "PID" in shown and "sleep infinity" in shown


def test_port(project):
    """OBS-12"""
    project.file(FILE)
    project.up()
    assert project.compose("port", "web", 8000).stdout.startswith("127.0.0.1:")
    assert project.compose("port", "--protocol", "udp", "web", 53).stdout.startswith("127.0.0.1:")
    project.compose("port", "web", 9999, code=1)


def test_exit_code_and_signal_are_recorded(project):
    """OBS-06"""
    project.file("""
        services:
          three: {image: alpine, command: sh -c "exit 3"}
          killed: {image: alpine, init: true, command: sh -c "kill -9 $$$$"}
          oom: {image: alpine, mem_limit: 16m, memswap_limit: 16m, command: sh -c "tail /dev/zero"}
    """)
    project.up()
    for service in ("three", "killed", "oom"):
        project.wait_state(service, "exited")
    codes = {row["Service"]: row["ExitCode"] for row in project.ps()}
    assert codes == {"three": 3, "killed": 137, "oom": 137}


@pytest.mark.ours
def test_unknown_service(project):
    """OBS-06"""
    project.file(FILE)
    assert "no such service: nope" in project.compose("ps", "nope", code=1).stderr

"""`userns_mode: auto`: a container whose users are nobody of the host, and data that does not show it."""
import os

import pytest

POSTGRES = """
    services:
      db:
        image: postgres:15
        userns_mode: {mode}
        environment: [POSTGRES_PASSWORD=secret, POSTGRES_DB=shop]
        volumes: ["data:/var/lib/postgresql/data"]
        healthcheck: {{test: "pg_isready -q -h 127.0.0.1 -U postgres -d shop", interval: 1s, retries: 60}}
      client: {{image: postgres:15, init: true, command: sleep infinity, environment: [PGPASSWORD=secret]}}
    volumes: {{data: {{}}}}
"""
FILE = """
    services:
      a:
        image: alpine
        userns_mode: auto
        init: true
        command: sleep infinity
        scale: 2
        volumes: ["data:/data", "./host:/host"]
        secrets: [{source: key, uid: "1000", mode: 0400}]
        healthcheck: {test: "test -O /", interval: 1s}
    volumes: {data: {}}
    secrets: {key: {environment: KEY}}
"""


def query(project, text):
    return project.exec("client", "psql", "-h", "db", "-U", "postgres", "shop", "-qAtc", text)


def first_id(project, service, index=1):
    """The host's id of the container's root; 0 without a user namespace."""
    text = project.compose("exec", "-T", "--index", index, service, "cat", "/proc/self/uid_map").stdout
    inside, outside, size = map(int, text.split())
    assert inside == 0 and size == (65536 if outside else 4294967295)
    return outside


def volume_owners(project):
    data = project.world.state / "volumes" / f"{project.name}_data" / "_data"
    return {path.lstat().st_uid for path in [data, *data.rglob("*")]}


def test_postgres_shares_its_data_with_one_that_has_the_hosts_users(project):
    """USR-01"""
    project.file(POSTGRES.format(mode="auto"))
    project.up("--wait", timeout=120)
    users = first_id(project, "db")
    assert 524288 <= users <= 1878982655 and users % 65536 == 0
    query(project, "create table visit (n int); insert into visit values (1)")
    postgres = int(project.exec("db", "id", "-u", "postgres"))
    processes = project.compose("top", "db").stdout
    assert f" {users + postgres} " in processes, processes
    owners = volume_owners(project)
    assert owners == {postgres}, f"ids of the host's are in the volume: {owners}"

    project.compose("restart", "-t", "20", "db")
    project.up("--wait", timeout=120)
    assert first_id(project, "db") == users, "the ids have changed at a restart"
    query(project, "insert into visit values (2)")

    project.file(POSTGRES.format(mode="host"))
    project.up("--wait", timeout=120)
    assert first_id(project, "db") == 0
    assert query(project, "select count(*) from visit") == "2\n"
    project.file(POSTGRES.format(mode="auto"))
    project.up("--wait", timeout=120)
    assert query(project, "select count(*) from visit") == "2\n"

    project.compose("down", "-v", timeout=60)
    assert project.ids() == {}
    assert not (project.world.state / "volumes" / f"{project.name}_data").exists()


@pytest.fixture
def running(project):
    project.env["KEY"] = "secret"
    project.write("host/theirs", "x\n")
    project.write("tree/one", "1\n")
    project.file(FILE)
    project.up("--wait")
    return project


def test_each_container_has_users_of_its_own(running):
    """USR-02"""
    assert first_id(running, "a", 1) != first_id(running, "a", 2)
    assert running.sh("a", "id -u; stat -c '%u %g' / /etc/hosts /dev/null; echo x > /dev/null && echo written") \
        == "0\n0 0\n0 0\n0 0\nwritten\n"
    assert running.sh("a", "stat -c '%u %a' /run/secrets/key; cat /run/secrets/key") == "1000 400\nsecret"
    running.sh("a", "touch /data/root /host/ours && chown 7:8 /host/ours")
    assert (running.dir / "host/ours").stat().st_uid == 7
    assert running.sh("a", "ping -c 1 -w 5 a > /dev/null && wget -qO- http://a:1 2>&1 | grep -c refused") == "1\n"
    refused = running.compose("exec", "-T", "--privileged", "a", "mknod", "/tmp/disk", "b", "8", "0", code=None)
    assert refused.code == 1 and "Operation not permitted" in refused.stderr


def test_copying_and_one_off_commands_know_the_users(running):
    """USR-03"""
    running.compose("cp", "tree", "a:/data/tree")
    running.compose("cp", "tree/one", "a:/tmp/one")
    assert running.sh("a", "stat -c '%u %g' /data/tree /data/tree/one /tmp/one; cat /tmp/one") == "0 0\n0 0\n0 0\n1\n"
    os.chown(running.dir / "tree/one", 1000, 1001)
    running.compose("cp", "-a", "tree/one", "a:/tmp/archived")
    running.sh("a", "touch /tmp/mine && chown 1000:1001 /tmp/mine")
    assert running.sh("a", "stat -c '%u %g' /tmp/archived") == "1000 1001\n"
    running.compose("cp", "-a", "a:/tmp/mine", "back")
    assert ((running.dir / "back").stat().st_uid, (running.dir / "back").stat().st_gid) == (1000, 1001)
    running.compose("cp", "a:/tmp/mine", "owned")
    assert (running.dir / "owned").stat().st_uid == os.getuid()

    running.compose("stop", "-t", "1")
    running.compose("cp", "tree/one", "a:/tmp/stopped")
    running.compose("cp", "tree/one", "a:/data/stopped")
    running.compose("start")
    assert running.sh("a", "stat -c '%u %g' /tmp/stopped /data/stopped") == "0 0\n0 0\n"

    once = running.compose("run", "--rm", "-T", "a", "sh", "-c", "id -u; cat /proc/self/uid_map").stdout.split()
    assert once[0] == "0" and int(once[2]) >= 524288


def test_what_it_excludes_is_refused_with_its_line(project):
    """USR-04"""
    project.file("services: {a: {image: alpine, userns_mode: auto, privileged: true}}")
    refused = project.compose("up", "-d", code=None)
    assert refused.code != 0 and 'userns_mode "auto" and privileged "true" exclude each other' in refused.stderr
    project.file("""
        services:
          a: {image: alpine, userns_mode: auto, command: "true", volumes: ["/proc/sys/kernel:/kernel"]}
    """)
    refused = project.compose("up", "-d", code=None)
    assert refused.code != 0 and "its file system, proc, can't be id-mapped" in refused.stderr, refused
    project.compose("down")


def test_a_service_of_the_hosts_users_joins_the_namespaces_of_one_with_its_own(project):
    """USR-05"""
    project.file("""
        services:
          a: {image: alpine, userns_mode: auto, init: true, command: sleep infinity, ipc: shareable}
          b: {image: alpine, init: true, command: sleep infinity, network_mode: "service:a", pid: "service:a", ipc: "service:a"}
    """)
    project.up()
    assert first_id(project, "a") != 0 and first_id(project, "b") == 0
    links = "readlink /proc/self/ns/net; readlink /proc/self/ns/pid; readlink /proc/self/ns/ipc; cat /etc/hosts"
    assert project.sh("b", links) == project.sh("a", links)
    assert project.sh("b", "ping -c 1 -w 5 a > /dev/null && echo reached") == "reached\n"

    terminal = project.terminal("run", "--rm", "a", "sh", "-c", "tty; stat -c %u:%g $(tty); read line; echo got $line")
    terminal.wait_for("/dev/pts/0\r\n0:5\r\n")
    terminal.send("words\n")
    terminal.wait_for("got words")

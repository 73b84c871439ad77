"""compose commit and export: a container's files as an image and as an archive."""
import fcntl
import io
import json
import os
import pathlib
import signal
import subprocess
import tarfile

import pytest

from harness.machinery import machinery
from harness.process import wait_for

pytestmark = pytest.mark.ours

CHANGES = """
    echo changed > /etc/motd
    rm -r /srv/gone
    rm -r /srv/replaced && mkdir /srv/replaced && echo new > /srv/replaced/new
    echo volume > /data/file
    ln /etc/motd /etc/motd2
    chown 12:34 /srv/replaced/new
"""


@pytest.fixture
def app(project):
    """A container that has changed, removed and replaced what its image has; with a volume, a bind and a secret."""
    project.write("Dockerfile", """
        FROM busybox
        RUN mkdir -p /srv/gone /srv/replaced && echo old > /srv/replaced/old && echo old > /srv/gone/file
        ENV FROM_IMAGE=1
        ENTRYPOINT ["sleep"]
        CMD ["1"]
    """)
    project.write("secret", "hidden\n")
    project.file(f"""
        services:
          app:
            build: .
            image: {project.name}-image:1
            init: true
            command: infinity
            environment: {{MINE: "2"}}
            labels: {{team: blue}}
            volumes: [data:/data, ./secret:/mnt/inner/bound]
            secrets: [hidden]
        volumes: {{data: {{}}}}
        secrets: {{hidden: {{file: secret}}}}
    """)
    project.up()
    project.sh("app", CHANGES)
    return project


def members(data):
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {member.name: member for member in archive}


def exported(project, *arguments):
    target = project.dir / "root.tar"
    project.compose("export", "-o", target, *arguments)
    data = target.read_bytes()
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        texts = {m.name: archive.extractfile(m).read().decode() for m in archive if m.isfile() and m.size < 1000}
    return members(data), texts


def inspect(project, name):
    return json.loads(project.compose("image", "inspect", name).stdout)[0]


def stored(project):
    rows = map(json.loads, project.compose("image", "ls", "--format", "json").stdout.splitlines())
    return {(row["ID"], row["Repository"], row["Tag"]) for row in rows}


@pytest.mark.parametrize("running", [True, False])
def test_export(app, running):
    """The files of the container as they are now, without what is mounted in it."""
    if not running:
        app.compose("kill")
    files, texts = exported(app, "app")
    assert texts["etc/motd"] == "changed\n" and "srv/gone" not in files
    assert texts["srv/replaced/new"] == "new\n" and "srv/replaced/old" not in files
    assert (files["srv/replaced/new"].uid, files["srv/replaced/new"].gid) == (12, 34)
    assert files["etc/motd2"].islnk() or texts["etc/motd2"] == "changed\n"
    assert files["data"].isdir() and not [name for name in files if name.startswith(("data/", "proc/", "sys/"))]
    assert texts.get("run/secrets/hidden", "") == "" and texts.get("mnt/inner/bound", "") == ""
    assert not [name for name in files if name.rpartition("/")[2].startswith(".wh.")]
    assert files["bin/busybox"].size > 100000


@pytest.mark.parametrize("command", [["export", "app"], ["cp", "app:/first", "-"]])
def test_a_file_that_shrinks_while_it_is_exported(app, command):
    """As tar does: filled up with zeros, with a warning; the archive is whole."""
    size = 4 << 20
    app.sh("app", f"dd if=/dev/zero bs={size} count=1 | tr '\\0' x > /first")
    process = subprocess.Popen([*app.world.binary, *command], cwd=app.dir, env=app.env, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, start_new_session=True, bufsize=0)
    begin = b""
    while b"x" * 512 not in begin:
        begin += process.stdout.read(4096)
    app.sh("app", ": > /first") # the pipe is full long before the end of the file
    rest, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    with tarfile.open(fileobj=io.BytesIO(begin + rest)) as archive:
        content = archive.extractfile("first").read()
        names = archive.getnames()
    assert len(content) == size and content.rstrip(b"\0") == content[:content.find(b"\0")]
    assert b"first became shorter while it was read" in errors
    assert names == ["first"] or "bin/busybox" in names


def test_export_errors(app):
    assert "has no container #7" in app.compose("export", "--index", "7", "app", code=1).stderr
    assert "no such service: nobody" in app.compose("export", "nobody", code=1).stderr
    app.compose("export", "-o", app.dir / "absent/root.tar", "app", code=1)
    on_terminal = app.terminal("export", "app")
    assert on_terminal.wait() == 1 and "refusing to write" in on_terminal.text


def test_commit(app):
    """The image has the changes, the container's settings and the instructions; the container goes on."""
    name = f"{app.name}-committed:1"
    made = app.compose("commit", "-a", "Jane", "-m", "by hand", "-c", "ENV ADDED=3", "-c", "EXPOSE 80", "app", name)
    shown = inspect(app, name)
    assert made.stdout == shown["Id"] + "\n"
    assert app.container("app")["State"] == "running"
    assert shown["Author"] == "Jane" and shown["Comment"] == "by hand"
    config = shown["Config"]
    assert {"FROM_IMAGE=1", "MINE=2", "ADDED=3"} <= set(config["Env"]) and "80/tcp" in config["ExposedPorts"]
    assert config["Entrypoint"] == ["sleep"] and config["Cmd"] == ["infinity"]
    assert config["Labels"]["team"] == "blue" and not [key for key in config["Labels"] if key.startswith("com.docker.compose")]
    base = inspect(app, f"{app.name}-image:1")
    assert shown["RootFS"]["Layers"][:-1] == base["RootFS"]["Layers"]
    saved = app.dir / "saved.tar"
    app.compose("image", "save", "-o", saved, name)
    with tarfile.open(saved) as archive:
        top = members(archive.extractfile("blobs/sha256/" + shown["RootFS"]["Layers"][-1].removeprefix("sha256:")).read())
    assert set(top) == {"etc", "etc/motd", "etc/motd2", "srv", "srv/.wh.gone", "srv/replaced", "srv/replaced/.wh..wh..opq", "srv/replaced/new"}


def test_a_committed_image_runs(app):
    name = f"{app.name}-committed:1"
    app.compose("commit", "-c", "ENTRYPOINT []", "-c", "CMD [\"sh\", \"-c\", \"cat /etc/motd; ls /srv; ls /srv/replaced; ls /data; echo $MINE\"]", "app", name)
    app.compose("down", "-v")
    app.file(f"services: {{next: {{image: \"{name}\"}}}}")
    output = app.compose("up", "--no-log-prefix").stdout.partition("changed")
    assert (output[1] + output[2]).split()[:4] == ["changed", "replaced", "new", "2"]


def test_commit_of_what_did_not_change(project):
    """No layer, and none of the mount points that had to be made."""
    project.file("services: {app: {image: busybox, init: true, command: sleep infinity, volumes: [\"/made/for/a/volume\"]}}")
    project.up()
    id = project.compose("commit", "app").stdout.strip()
    assert inspect(project, id)["RootFS"]["Layers"] == inspect(project, "busybox")["RootFS"]["Layers"]
    assert inspect(project, id)["RepoTags"] == []


def test_commit_and_export_of_one_of_several(project):
    """OBS-17"""
    project.file("services: {app: {image: busybox, init: true, command: sleep infinity, deploy: {replicas: 3}}}")
    project.up()
    for index in (1, 2, 3):
        project.compose("exec", "-T", "--index", str(index), "app", "sh", "-c", f"echo {index} > /number")
        project.compose("commit", "--index", str(index), "--pause=false", "app", f"{project.name}-number:{index}")
        assert exported(project, "--index", str(index), "app")[1]["number"] == f"{index}\n"
    ids = {inspect(project, f"{project.name}-number:{index}")["Id"] for index in (1, 2, 3)}
    assert len(ids) == 3
    assert [row["State"] for row in project.ps()] == ["running"] * 3


def test_owners_are_those_inside(project):
    """A container with users of its own: in the archive and the image are the ids it sees itself."""
    project.file("services: {app: {image: busybox, init: true, command: sleep infinity, userns_mode: auto}}")
    project.up()
    project.sh("app", "echo x > /file; chown 7:8 /file")
    for _ in range(2):
        files, _texts = exported(project, "app")
        assert (files["file"].uid, files["file"].gid, files["bin/busybox"].uid) == (7, 8, 0)
        project.compose("kill")
    project.compose("commit", "app", f"{project.name}-users:1")
    layer = inspect(project, f"{project.name}-users:1")["GraphDriver"]["Data"]["UpperDir"]
    status = (pathlib.Path(layer) / "file").stat()
    assert (status.st_uid, status.st_gid) == (7, 8)


def test_commit_errors(app):
    assert "FROM is not one of" in app.compose("commit", "-c", "FROM busybox", "app", code=1).stderr
    app.compose("image", "rm", "-f", f"{app.name}-image:1")
    # An image without a name is still there while a container uses it.
    app.compose("commit", "app", f"{app.name}-again:1")
    assert app.container("app")["State"] == "running"


def directory(project, service):
    containers = project.world.state / "projects" / project.name / "containers"
    return next(containers.glob(project.id(service) + "*"))


def freezer(project, service):
    """The file that tells whether the container is frozen, and the line it then has."""
    pid = json.loads((directory(project, service) / "state.json").read_text())["pid"]
    paths = dict(line.split(":", 2)[1:] for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines())
    for top in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup"):
        if pathlib.Path(top + paths.get("", ""), "cgroup.freeze").exists():
            return pathlib.Path(top + paths[""], "cgroup.events"), "frozen 1"
    return pathlib.Path("/sys/fs/cgroup/freezer" + paths["freezer"], "freezer.state"), "FROZEN"


class StuckCommit:
    """A commit that has frozen the container of `app` and is stuck in reading one of its files."""

    def __init__(self, app):
        app.sh("app", "echo x > /leased")
        # The kernel lets nobody open a file on which another has a lease for writing.
        self.leased = (directory(app, "app") / "upper/leased").open("r+b")
        fcntl.fcntl(self.leased, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        self.freezer, self.line = freezer(app, "app")
        self.command = app.background("commit", "app", f"{app.name}-stuck:1")
        wait_for(self.frozen, "the container is frozen")

    def frozen(self):
        return self.line in self.freezer.read_text().splitlines()

    def kill(self):
        self.command.signal(signal.SIGKILL)
        self.command.process.wait()

    def go_on(self):
        self.leased.close()
        return self.command.wait()


@pytest.fixture
def commit(app):
    previous = signal.signal(signal.SIGIO, signal.SIG_IGN) # tells that somebody wants the leased file
    stuck = StuckCommit(app)
    yield stuck
    stuck.leased.close()
    signal.signal(signal.SIGIO, previous)


def test_a_killed_commit_leaves_the_container_running(app, commit):
    commit.kill()
    wait_for(lambda: not commit.frozen(), "the container goes on")
    assert app.sh("app", "cat /etc/motd") == "changed\n" and app.container("app")["State"] == "running"


def test_a_supervisor_that_is_killed_during_a_commit(app, commit):
    """Its successor lets the container go on; what was copied meanwhile becomes no image."""
    os.kill(machinery(app)[1], signal.SIGKILL)
    wait_for(lambda: not commit.frozen(), "the container goes on")
    assert app.container("app")["State"] == "running"
    result = commit.go_on()
    assert result.code == 1 and "supervisor of this project ended" in result.stderr
    assert f"{app.name}-stuck" not in {name for _, name, _ in stored(app)}


def test_everything_is_killed_during_a_commit(app, commit):
    for pid in machinery(app):
        os.kill(pid, signal.SIGKILL)
    commit.kill()
    app.up()
    assert not commit.frozen() and app.sh("app", "cat /etc/motd") == "changed\n"


def test_a_container_that_is_stopped_during_a_commit(app, commit):
    """It gets its signal, and has time for it."""
    app.compose("stop", "-t", "60", "app")
    assert app.container("app")["ExitCode"] == 143
    result = commit.go_on()
    assert result.code == 1 and "was stopped while it had to stand still" in result.stderr


def test_a_container_that_is_paused_during_a_commit(app, commit):
    """`pause` and `unpause` count from the end of the commit on."""
    app.compose("pause", "app")
    app.compose("unpause", "app")
    assert commit.frozen()
    app.compose("pause", "app")
    assert commit.go_on().code == 0
    assert commit.frozen() and app.container("app")["State"] == "paused"
    app.compose("unpause", "app")
    assert not commit.frozen() and app.sh("app", "cat /etc/motd") == "changed\n"


def test_commit_killed_at_any_point(app):
    """The store stays whole, nothing of a killed commit is kept, and the container goes on."""
    app.sh("app", "dd if=/dev/urandom of=/noise bs=1M count=20")
    before = stored(app)
    path, frozen = freezer(app, "app")
    for milliseconds in (1, 5, 10, 20, 40):
        commit = app.background("commit", "app", f"{app.name}-killed:1")
        try:
            commit.process.wait(milliseconds / 1000)
        except subprocess.TimeoutExpired:
            commit.signal(signal.SIGKILL)
            commit.process.wait()
        app.compose("image", "rm", "-f", f"{app.name}-killed:1", code=None)
        assert stored(app) == before
        wait_for(lambda: frozen not in path.read_text().splitlines(), "the container goes on")
        assert app.sh("app", "cat /etc/motd") == "changed\n"
    app.compose("commit", "app", f"{app.name}-killed:1")
    left = app.world.state / "images/tmp"
    app.compose("image", "rm", f"{app.name}-killed:1")
    assert list(left.iterdir()) == []

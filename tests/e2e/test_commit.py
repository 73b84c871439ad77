"""compose commit and export: a container's files as an image and as an archive."""
import io
import json
import pathlib
import signal
import subprocess
import tarfile

import pytest

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


def test_commit_killed_at_any_point(app):
    """The store stays whole, nothing of a killed commit is kept, and the container goes on after `unpause`."""
    app.sh("app", "dd if=/dev/urandom of=/noise bs=1M count=20")
    before = stored(app)
    for milliseconds in (1, 5, 10, 20, 40):
        commit = app.background("commit", "app", f"{app.name}-killed:1")
        try:
            commit.process.wait(milliseconds / 1000)
        except subprocess.TimeoutExpired:
            commit.signal(signal.SIGKILL)
            commit.process.wait()
        app.compose("image", "rm", "-f", f"{app.name}-killed:1", code=None)
        assert stored(app) == before
        app.compose("unpause", code=None)
        assert app.sh("app", "cat /etc/motd") == "changed\n"
    app.compose("commit", "app", f"{app.name}-killed:1")
    left = app.world.state / "images/tmp"
    app.compose("image", "rm", f"{app.name}-killed:1")
    assert list(left.iterdir()) == []

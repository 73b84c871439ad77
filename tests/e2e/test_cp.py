"""`cp`: both directions, files and directories, owners, links, and that nothing of a container leads out of it."""
import io
import os
import re
import tarfile

import pytest

FILE = """
    services:
      a: {image: alpine, init: true, command: sleep infinity, scale: 3}
      b: {image: alpine, init: true, command: sleep infinity, volumes: ["data:/data"]}
    volumes: {data: {}}
"""


@pytest.fixture
def running(project):
    project.file(FILE)
    project.up()
    project.write("file", "content\n")
    project.write("tree/one", "1\n")
    project.write("tree/sub/two", "2\n")
    (project.dir / "tree/link").symlink_to("one")
    return project


def everywhere(project, script):
    return {project.compose("exec", "-T", "--index", index, "a", "sh", "-c", script).stdout for index in (1, 2, 3)}


def test_into_every_replica_or_one(running):
    """OBS-14"""
    running.compose("cp", "file", "a:/tmp/copied")
    assert everywhere(running, "cat /tmp/copied; stat -c '%u %g %a' /tmp/copied") == {"content\n0 0 644\n"}
    running.compose("cp", "--index", "2", "file", "a:/tmp/second")
    present = [running.compose("exec", "-T", "--index", index, "a", "test", "-e", "/tmp/second", code=None).code for index in (1, 2, 3)]
    assert present == [1, 0, 1]


def test_out_of_the_first(running):
    """OBS-14"""
    for index in (1, 2, 3):
        running.compose("exec", "-T", "--index", index, "a", "sh", "-c", f"echo {index} > /tmp/mine; chmod 640 /tmp/mine")
    running.compose("cp", "a:/tmp/mine", "first")
    running.compose("cp", "--index", "3", "a:/tmp/mine", "third")
    assert (running.dir / "first").read_text() == "1\n" and (running.dir / "third").read_text() == "3\n"
    status = (running.dir / "first").stat()
    assert status.st_mode & 0o777 == 0o640 and status.st_uid == os.getuid()


def test_where_it_goes(running):
    """OBS-14"""
    running.compose("cp", "tree", "b:/new")
    assert running.sh("b", "cat /new/one /new/sub/two; readlink /new/link") == "1\n2\none\n"
    running.compose("cp", "tree", "b:/new")
    assert running.sh("b", "cat /new/tree/one") == "1\n"
    running.compose("cp", "tree/.", "b:/tmp")
    assert running.sh("b", "cat /tmp/one; stat -c %a /tmp") == "1\n1777\n"
    running.compose("cp", "file", "b:/tmp/")
    assert running.sh("b", "cat /tmp/file") == "content\n"
    running.write("file", "newer\n")
    running.compose("cp", "file", "b:/tmp/file")
    assert running.sh("b", "cat /tmp/file") == "newer\n"
    running.compose("cp", "b:/new", "fetched")
    assert (running.dir / "fetched/sub/two").read_text() == "2\n" and os.readlink(running.dir / "fetched/link") == "one"
    running.compose("cp", "b:/new/sub/.", ".")
    assert (running.dir / "two").read_text() == "2\n"


def test_volumes_and_what_the_kernel_makes_up(running):
    """OBS-14"""
    running.compose("cp", "file", "b:/data/kept")
    assert running.sh("b", "cat /data/kept") == "content\n"
    running.compose("cp", "b:/proc/1/comm", "comm")
    assert (running.dir / "comm").read_text()


def test_stopped_containers(running):
    """OBS-14"""
    running.sh("b", "echo left > /left; echo stored > /data/stored")
    running.compose("stop", "-t", "1", "b")
    running.compose("cp", "b:/left", "left")
    assert (running.dir / "left").read_text() == "left\n"
    running.compose("cp", "b:/etc/passwd", "passwd")
    assert "root:" in (running.dir / "passwd").read_text()
    running.compose("cp", "file", "b:/tmp/late")
    running.compose("start", "b")
    assert running.sh("b", "cat /tmp/late") == "content\n"


@pytest.mark.ours
def test_volumes_of_stopped_containers(running):
    """OBS-14"""
    running.sh("b", "echo stored > /data/stored")
    running.compose("stop", "-t", "1", "b")
    running.compose("cp", "b:/data/stored", "stored")
    assert (running.dir / "stored").read_text() == "stored\n"
    running.compose("cp", "file", "b:/data/late")
    running.compose("start", "b")
    assert running.sh("b", "cat /data/late") == "content\n"


@pytest.mark.ours
def test_owners(running):
    """OBS-14"""
    os.chown(running.dir / "file", 1234, 5678)
    running.compose("cp", "file", "b:/tmp/roots")
    running.compose("cp", "-a", "file", "b:/tmp/kept")
    assert running.sh("b", "stat -c '%u %g' /tmp/roots /tmp/kept") == "0 0\n1234 5678\n"
    running.compose("cp", "-a", "b:/tmp/kept", "back")
    assert (running.dir / "back").stat().st_uid == 1234


def test_symbolic_links(running):
    """OBS-14"""
    running.sh("b", "echo seen > /target; ln -s /target /link; ln -s /tmp /dir-link")
    running.compose("cp", "b:/link", "as-link")
    assert os.readlink(running.dir / "as-link") == "/target"
    running.compose("cp", "-L", "b:/link", "as-file")
    assert (running.dir / "as-file").read_text() == "seen\n"
    running.compose("cp", "file", "b:/dir-link/through")
    assert running.sh("b", "cat /tmp/through") == "content\n"
    running.compose("cp", "-L", "tree/link", "b:/tmp/")
    assert running.sh("b", "cat /tmp/link; test -h /tmp/link || echo plain") == "1\nplain\n"


@pytest.mark.ours
@pytest.mark.parametrize("state", ["running", "stopped"])
def test_a_containers_links_do_not_lead_out(running, state):
    """OBS-14"""
    secret = running.write("secret", "of the host\n")
    outside = running.dir / "outside"
    outside.mkdir()
    up = "../" * 30
    for name, target in (("abs", secret), ("rel", f"{up}{str(secret)[1:]}"), ("dir", outside), ("magic", "/proc/self/root")):
        running.sh("b", f"ln -s {target} /{name}")
    if state == "stopped":
        running.compose("stop", "-t", "1", "b")
    for path in ("abs", "rel", f"{up}{str(secret)[1:]}", f"magic{secret}"):
        done = running.compose("cp", "-L", f"b:/{path}", "stolen", code=1)
        assert "no such" in done.stderr, done
        assert not (running.dir / "stolen").exists()
    running.compose("cp", "file", "b:/dir/planted", code=None)
    running.compose("cp", "file", "b:/abs", code=None)
    running.compose("cp", "file", f"b:/{up}{str(outside)[1:]}/planted", code=None)
    assert list(outside.iterdir()) == [] and secret.read_text() == "of the host\n"


@pytest.mark.ours
def test_a_tree_with_links_stays_links(running):
    """OBS-14"""
    secret = running.write("secret", "of the host\n")
    running.sh("b", f"mkdir /tree; ln -s {secret} /tree/file; ln -s {running.dir} /tree/dir; mkfifo /tree/pipe; echo x > /tree/plain; ln /tree/plain /tree/hard")
    running.compose("cp", "b:/tree", "tree-copy")
    copy = running.dir / "tree-copy"
    assert os.readlink(copy / "file") == str(secret) and os.readlink(copy / "dir") == str(running.dir)
    assert (copy / "pipe").is_fifo() and (copy / "plain").stat().st_ino == (copy / "hard").stat().st_ino
    # A link where the copy goes is replaced, not written through.
    (running.dir / "again").mkdir()
    (running.dir / "again/plain").symlink_to(secret)
    running.compose("cp", "b:/tree/plain", "again/")
    assert secret.read_text() == "of the host\n" and (running.dir / "again/plain").read_text() == "x\n"


@pytest.mark.ours
def test_a_folder_into_itself(project):
    """OBS-14"""
    project.write("shared/file", "x\n")
    project.file("services: {a: {image: alpine, init: true, command: sleep infinity, volumes: [\"./shared:/shared\"]}}")
    project.up()
    project.compose("cp", "a:/shared", "shared/inner")
    assert (project.dir / "shared/inner/file").read_text() == "x\n"
    assert not (project.dir / "shared/inner/inner").exists()


def test_tar_on_standard_input(running):
    """OBS-14"""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, text in (("folder/inner", b"streamed\n"), ("top", b"t\n")):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))
    running.compose("cp", "-", "b:/tmp", stdin=stream.getvalue())
    assert running.sh("b", "cat /tmp/folder/inner /tmp/top; stat -c %a /tmp") == "streamed\nt\n1777\n"


@pytest.mark.parametrize("source, names", [
    ("/tmp/d/one", ["one"]),
    ("/tmp/d", ["d", "d/link", "d/one"]),
    ("/tmp/d/.", [".", "./link", "./one"]),
    ("/tmp/link", ["link"]),
])
def test_tar_on_standard_output(running, source, names):
    """OBS-14"""
    running.sh("b", "mkdir -m 750 /tmp/d && echo 1 > /tmp/d/one && chown 5:6 /tmp/d/one && ln -s one /tmp/d/link"
               " && ln -s d /tmp/link")
    archive = running.compose("cp", f"b:{source}", "-").stdout.encode()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert tar.getnames() == names
        members = {member.name.rsplit("/")[-1]: member for member in tar}
        if "one" in members:
            assert (members["one"].uid, members["one"].gid, tar.extractfile(members["one"]).read()) == (5, 6, b"1\n")
    running.compose("cp", "-", "b:/data", stdin=archive)
    assert running.sh("b", "ls -A /data").split()


def test_standard_output_is_no_terminal(running):
    on_terminal = running.terminal("cp", "b:/tmp", "-")
    assert on_terminal.wait() == 1 and "terminal" in on_terminal.text


def test_one_off_containers_with_all(project):
    """OBS-14"""
    project.file("services: {a: {image: alpine, init: true, command: sleep infinity}}")
    project.write("file", "content\n")
    project.up()
    project.compose("run", "-d", "a", "sleep", "infinity")
    project.compose("cp", "--all", "file", "a:/tmp/everywhere")
    one_off = next(row for row in project.ps() if "-run-" in row["Name"])
    assert one_off["State"] == "running" and project.sh("a", "cat /tmp/everywhere") == "content\n"


@pytest.mark.parametrize("arguments, says", [
    (["missing", "a:/tmp/"], "no such file"), (["a:/missing", "."], "(?i)no such file|could not find"), (["a:/etc", "b:/tmp"], "copying between services"),
    (["file", "elsewhere"], "unknown copy direction"), (["file", "nope:/tmp"], "nope"),
    (["tree", "a:/etc/passwd"], "(?i)directory"), (["--index", "9", "file", "a:/tmp"], "9")])
def test_mistakes(running, arguments, says):
    """OBS-15"""
    failed = running.compose("cp", *arguments, code=1)
    assert re.search(says, failed.stderr), failed


@pytest.mark.ours
def test_missing_folder_and_slash(running):
    """OBS-15"""
    assert "no such directory" in running.compose("cp", "file", "a:/no/where", code=1).stderr
    assert "not a directory" in running.compose("cp", "file", "a:/tmp/new/", code=1).stderr
    assert everywhere(running, "ls /tmp") == {""}

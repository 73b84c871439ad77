"""Pulling from a real registry, and the store's own verbs."""
import io
import json
import os
import pathlib
import tarfile
import time
import urllib.request

import pytest

pytestmark = pytest.mark.ours


def rootfs_tar(path, members):
    """A tar for `image import`; members are (name, kind, content or link target)."""
    with tarfile.open(path, "w") as archive:
        for name, kind, value in members:
            member = tarfile.TarInfo(name)
            member.mode = 0o755
            member.type = kind
            if kind == tarfile.REGTYPE:
                member.size = len(value)
                archive.addfile(member, io.BytesIO(value))
            else:
                member.linkname = value or ""
                archive.addfile(member)
    return path


def busybox_members():
    with open("/bin/busybox", "rb") as file:
        busybox = file.read()
    return [("bin", tarfile.DIRTYPE, None), ("bin/busybox", tarfile.REGTYPE, busybox),
            ("bin/sh", tarfile.SYMTYPE, "busybox"), ("bin/echo", tarfile.SYMTYPE, "busybox")]


@pytest.fixture
def private_store(project):
    """The project with a store of its own, so that nothing is there yet."""
    project.env |= {"COMPOSE_STATE_DIR": str(project.dir / "state"), "COMPOSE_RUN_DIR": str(project.dir / "run")}
    yield project
    project.compose("down", "-v", "-t", "0", "--remove-orphans", code=None)


def test_up_pulls_what_is_missing(private_store):
    """UI-08"""
    private_store.file("services: {a: {image: \"redis:7-alpine\", init: true, command: sleep infinity}}")
    first = private_store.up()
    assert "Pulled" in first.stderr
    assert "Pull" not in private_store.up().stderr


def test_pull_always_asks_the_registry(private_store):
    """BLD-20, UI-09"""
    private_store.file("services: {a: {image: alpine}}")
    assert "Pulled" in private_store.compose("pull").stderr
    assert "Pulled" in private_store.compose("pull").stderr


def test_pull_policy_never(private_store):
    """UI-08"""
    private_store.file("services: {a: {image: alpine, pull_policy: never}}")
    failed = private_store.up(code=1)
    assert "alpine" in failed.stderr
    assert private_store.ids() == {}


def test_unknown_image(private_store):
    """BLD-24"""
    private_store.file("services: {a: {image: no-such-image}, b: {image: alpine}}")
    failed = private_store.compose("pull", code=1)
    assert "no-such-image" in failed.stderr
    private_store.compose("pull", "--ignore-pull-failures")


def test_digest_reference(private_store, world):
    """UI-08"""
    request = urllib.request.Request(f"http://{world.registry}/v2/library/alpine/manifests/latest", method="HEAD",
                                     headers={"Accept": "application/vnd.oci.image.manifest.v1+json"})
    with urllib.request.urlopen(request) as answer:
        digest = answer.headers["Docker-Content-Digest"]
    private_store.file(f"services: {{a: {{image: \"alpine@{digest}\", command: echo pinned}}}}")
    assert "pinned" in private_store.compose("up").stdout


def test_import_with_changes(private_store):
    """GAP-10"""
    archive = rootfs_tar(private_store.dir / "root.tar", busybox_members())
    private_store.compose("image", "import", "--change", "CMD [\"echo\", \"imported\"]", "--change", "ENV A=1", archive, "mine:1")
    private_store.file("services: {a: {image: \"mine:1\"}}")
    assert "imported" in private_store.compose("up", "--no-log-prefix").stdout
    assert "mine" in private_store.compose("image", "ls").stdout
    private_store.compose("down")
    private_store.compose("image", "rm", "mine:1")
    assert "mine" not in private_store.compose("image", "ls").stdout


def test_save_and_load(private_store):
    """GAP-10"""
    private_store.file("services: {a: {image: alpine, command: echo from-archive}}")
    private_store.compose("pull")
    saved = private_store.dir / "saved.tar"
    private_store.compose("image", "save", "-o", saved, "alpine")
    with tarfile.open(saved) as archive:
        names = archive.getnames()
    assert "oci-layout" in names or "manifest.json" in names
    private_store.compose("image", "rm", "alpine")
    private_store.compose("image", "load", "-i", saved)
    private_store.env["COMPOSE_REGISTRIES_CONFIG"] = str(private_store.dir / "absent.json")
    assert "from-archive" in private_store.compose("up", "--no-log-prefix").stdout


@pytest.mark.parametrize("members", [
    [("../../escaped", tarfile.REGTYPE, b"x")],
    [("/escaped", tarfile.REGTYPE, b"x")],
    [("link", tarfile.SYMTYPE, "../../.."), ("link/escaped", tarfile.REGTYPE, b"x")],
    [("link", tarfile.SYMTYPE, "/"), ("link/dev/shm/escaped", tarfile.REGTYPE, b"x")],
    [("hard", tarfile.LNKTYPE, "../../../../etc/passwd")],
], ids=["parent", "absolute", "symlink-up", "symlink-root", "hard-link"])
def test_unpacking_stays_inside(private_store, members):
    """GAP-10"""
    archive = rootfs_tar(private_store.dir / "evil.tar", busybox_members() + members)
    private_store.compose("image", "import", archive, "evil:1", code=None)
    layers = private_store.dir / "state/images/layers"
    escaped = [path for path in private_store.dir.rglob("escaped") if layers not in path.parents]
    assert escaped == []

    assert not pathlib.Path("/escaped").exists() and not pathlib.Path("/dev/shm/escaped").exists()


def test_images_survive_the_record(project):
    """OBS-10"""
    project.file("services: {a: {image: busybox, init: true, command: sleep infinity}}")
    project.up()
    assert "busybox" in project.compose("images").stdout
    rows = json.loads(project.compose("images", "--format", "json").stdout)
    assert rows[0]["Repository"] == "busybox" and rows[0]["Tag"] == "latest"


def test_pull_of_what_is_there_already(private_store):
    """BLD-21, BLD-23"""
    private_store.file("services: {a: {image: alpine, pull_policy: missing}, b: {build: .}}")
    private_store.compose("pull", "a")
    again = private_store.compose("pull", "--policy", "missing", "a")
    assert "Skipped" in again.stderr and "already present locally" in again.stderr
    assert "Skipped" in private_store.compose("pull", "b").stderr


@pytest.mark.parametrize("policy, pulls", [("missing", False), ("if_not_present", False), ("never", False), ("build", False), ("always", True),
                                           ("daily", False), ("weekly", False), ("every_1h", False), ("every_1s", True)])
def test_pull_policies_of_an_image_that_is_there(private_store, policy, pulls):
    """UI-08, UI-09"""
    private_store.file("services: {a: {image: alpine, command: \"true\"}}")
    private_store.compose("pull")
    time.sleep(1.1 if policy == "every_1s" else 0)
    private_store.file(f"services: {{a: {{image: alpine, command: \"true\", pull_policy: {policy}}}}}")
    assert ("Pulled" in private_store.up().stderr) == pulls


def test_platform(private_store):
    """UI-11"""
    private_store.file("services: {a: {image: alpine, command: \"true\"}}")
    private_store.up()
    private_store.file("services: {a: {image: alpine, command: \"true\", platform: linux/s390x}}")
    assert "linux/s390x" in private_store.up(code=1).stderr
    private_store.file("services: {a: {image: alpine, command: \"true\", platform: linux/s390x, pull_policy: never}}")
    refused = private_store.up(code=1)
    assert "linux/s390x" in refused.stderr and "not for" in refused.stderr
    machine = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
    private_store.file(f"services: {{a: {{image: alpine, command: \"true\", platform: linux/{machine}}}}}")
    private_store.up()


@pytest.fixture
def imported(private_store):
    archive = rootfs_tar(private_store.dir / "root.tar", busybox_members())
    private_store.compose("image", "import", "-c", "CMD [\"echo\", \"hi\"]", "-c", "LABEL made=here", "-m", "by hand", archive, "mine:1")
    return private_store


def test_tag_and_inspect(imported):
    """Docker's shape, one object for each image."""
    imported.compose("image", "tag", "mine:1", "localhost:5000/team/mine:2")
    shown = json.loads(imported.compose("image", "inspect", "mine:1", "localhost:5000/team/mine:2").stdout)
    assert len(shown) == 2 and shown[0] == shown[1]
    assert shown[0]["RepoTags"] == ["localhost:5000/team/mine:2", "mine:1"]
    assert shown[0]["Config"]["Cmd"] == ["echo", "hi"] and shown[0]["Config"]["Labels"] == {"made": "here"}
    assert shown[0]["Os"] == "linux" and len(shown[0]["RootFS"]["Layers"]) == 1
    assert pathlib.Path(shown[0]["GraphDriver"]["Data"]["UpperDir"], "bin/busybox").exists()
    assert imported.compose("image", "ls", "-q").stdout.strip() == shown[0]["Id"].removeprefix("sha256:")[:12]
    assert "no such image: absent" in imported.compose("image", "inspect", "absent", code=1).stderr
    assert "a name with a digest" in imported.compose("image", "tag", "mine:1", "x@sha256:" + 64 * "0", code=1).stderr


def test_history(imported):
    """Newest first; the image's id belongs to the newest step, the size to the layer it made."""
    imported.write("Dockerfile", "FROM mine:1\nENV A=1\nRUN echo made > /file\n")
    imported.file("services: {a: {build: ., image: \"next:1\"}}")
    imported.compose("build")
    rows = [json.loads(line) for line in imported.compose("image", "history", "--no-trunc", "-H", "false", "--format", "json", "next:1").stdout.splitlines()]
    assert ["echo made" in rows[0]["CreatedBy"], "ENV A=1" in rows[1]["CreatedBy"], rows[2]["Comment"]] == [True, True, "by hand"]
    assert [row["Size"] for row in rows[:2]] == ["5", "0"] and int(rows[2]["Size"]) > 500000
    assert rows[0]["ID"].startswith("sha256:") and rows[1]["ID"] == "<missing>"
    assert "CREATED BY" in imported.compose("image", "history", "next:1").stdout


def test_prune(imported):
    """Images without a name go; with -a all that no container uses. It asks first."""
    rootfs_tar(imported.dir / "other.tar", busybox_members() + [("new", tarfile.REGTYPE, b"x")])
    imported.compose("image", "import", imported.dir / "other.tar", "mine:1")
    assert "nobody answered" in imported.compose("image", "prune", code=1).stderr
    assert "Deleted: sha256:" in imported.compose("image", "prune", "-f").stdout
    imported.file("services: {a: {image: \"mine:1\", command: \"true\"}}")
    imported.compose("create")
    kept = imported.compose("image", "prune", "-a", "-f").stdout
    assert "Deleted" not in kept and "Total reclaimed space: 0B" in kept
    imported.compose("down")
    freed = imported.compose("image", "prune", "-a", "-f").stdout
    assert "Untagged: mine:1" in freed and "Total reclaimed space: 0B" not in freed
    assert imported.compose("image", "ls", "-q").stdout == ""

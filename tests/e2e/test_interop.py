"""Images go to and come from skopeo, Podman and the Docker Engine: the same id, settings and files on both sides, of an
image that has whatever layers can hold."""
import json
import pathlib
import subprocess

import pytest

from harness import hard_image
from harness.peers import DockerEngine, Podman
from harness.tree import listing

pytestmark = pytest.mark.ours

SETTINGS = ("Cmd", "Entrypoint", "Env", "ExposedPorts", "Labels", "StopSignal", "User", "WorkingDir")


@pytest.fixture(scope="module", params=[Podman, DockerEngine], ids=["podman", "docker"])
def peer(world, request):
    made = request.param(world)
    yield made
    made.close()


@pytest.fixture(scope="module")
def podman(world):
    made = Podman(world)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def empty_store(request):
    """Each test finds none of the images of the one before."""
    yield
    for name in {"peer", "podman"} & set(request.fixturenames):
        request.getfixturevalue(name).remove_images()


def skopeo(*arguments):
    done = subprocess.run(["skopeo", "--insecure-policy", *map(str, arguments)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def ours(project):
    """An image that compose has built, under a name in the registry."""
    project.image = f"{project.world.registry}/{project.name}/ours:1"
    hard_image.write(project.dir, "busybox", "compose")
    project.file(f"services: {{app: {{build: ., image: \"{project.image}\"}}}}")
    project.compose("build")
    return project


@pytest.fixture
def elsewhere(make_project):
    """A project with a store in which nothing is."""
    project = make_project("-2")
    project.env |= {"COMPOSE_STATE_DIR": str(project.dir / "state"), "COMPOSE_RUN_DIR": str(project.dir / "run")}
    yield project
    project.compose("down", "-t", "0", code=None)


def saved(project, image):
    path = project.dir / "saved.tar"
    project.compose("image", "save", "-o", path, image)
    return path


def our_tree(project, image):
    project.file(f"services: {{app: {{image: \"{image}\", network_mode: none}}}}")
    project.compose("up", "-d")
    state = next(pathlib.Path(project.env["COMPOSE_STATE_DIR"]).glob(f"projects/{project.name}/containers/*/state.json"))
    tree = listing(f"/proc/{json.loads(state.read_text())['pid']}/root/hard")
    project.compose("down", "-t", "0")
    return tree


def their_tree(peer, image):
    with peer.container(image) as root:
        return listing(root / "hard")


def settings(inspected):
    """What is not set is absent, null or empty."""
    return {name: inspected["Config"][name] for name in SETTINGS if inspected["Config"].get(name)}


def our_image(project, image):
    return json.loads(project.compose("image", "inspect", image).stdout)[0]


def differences(one, other):
    """Only what differs, so that a failure can be read."""
    return {name: (one.get(name), other.get(name)) for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def same_image(peer, theirs, project, image):
    """Whether both mean the same by it; only their ids may be written differently."""
    inspected, our = peer.inspect(theirs), our_image(project, image)
    assert inspected["Id"].removeprefix("sha256:") == our["Id"].removeprefix("sha256:")
    assert settings(inspected) == settings(our)
    assert inspected["RootFS"]["Layers"] == our["RootFS"]["Layers"]


def test_the_image_is_what_its_dockerfile_says(ours):
    hard_image.check(our_tree(ours, ours.image))


def test_they_load_what_we_save(peer, ours):
    peer("load", "--input", saved(ours, ours.image))
    same_image(peer, ours.image, ours, ours.image)
    assert differences(their_tree(peer, ours.image), our_tree(ours, ours.image)) == {}


def test_they_pull_what_we_push(peer, ours):
    ours.compose("push")
    peer.pull(ours.image)
    same_image(peer, ours.image, ours, ours.image)
    assert differences(their_tree(peer, ours.image), our_tree(ours, ours.image)) == {}


def test_we_pull_what_they_push(peer, ours, elsewhere):
    """They pack the layers again, from the files that they unpacked."""
    peer("load", "--input", saved(ours, ours.image))
    back = ours.image.replace("ours", "back")
    peer("tag", ours.image, back)
    peer.push(back)
    tree = our_tree(elsewhere, back)
    same_image(peer, back, elsewhere, back)
    assert differences(tree, our_tree(ours, ours.image)) == {}


@pytest.mark.parametrize("peer, format", [(Podman, "docker-archive"), (Podman, "oci-archive"), (DockerEngine, "")],
                         indirect=["peer"], ids=["podman-docker", "podman-oci", "docker"])
def test_we_load_what_they_save(peer, format, ours, elsewhere):
    peer("load", "--input", saved(ours, ours.image))
    path = elsewhere.dir / "theirs.tar"
    peer("save", *(["--format", format] if format else []), "--output", path, ours.image)
    elsewhere.compose("image", "load", "-i", path)
    same_image(peer, ours.image, elsewhere, ours.image)
    assert differences(our_tree(elsewhere, ours.image), our_tree(ours, ours.image)) == {}


def build_there(peer, project, maker=""):
    """The image as they build it, among whose layers is an empty one. Returns its name."""
    image = f"{project.world.registry}/{project.name}/theirs:1"
    hard_image.write(project.dir, f"{project.world.registry}/library/busybox", maker or peer.name, user_xattrs=False)
    with open(project.dir / "Dockerfile", "a", encoding="utf-8") as dockerfile:
        dockerfile.write("RUN true\n")
    peer.build(project.dir, image)
    return image


def test_we_run_what_they_build_and_give_it_back(peer, project, elsewhere):
    image = build_there(peer, project)
    theirs = their_tree(peer, image)
    peer.push(image)
    tree = our_tree(elsewhere, image)
    same_image(peer, image, elsewhere, image)
    hard_image.check(tree)
    assert differences(theirs, tree) == {}
    peer.remove_images()
    peer("load", "--input", saved(elsewhere, image))
    same_image(peer, image, elsewhere, image)
    assert differences(their_tree(peer, image), theirs) == {}


@pytest.mark.parametrize("compression", ["zstd", "zstd:chunked"])
def test_we_pull_each_compression(podman, project, elsewhere, compression):
    """Of the base's layer Podman knows that it is in the registry already, and so leaves it as it is there."""
    image = build_there(podman, project, compression)
    podman.push(image, "--compression-format", compression)
    layers = json.loads(skopeo("inspect", "--raw", "--tls-verify=false", f"docker://{image}"))["layers"][1:]
    assert {layer["mediaType"].rpartition("+")[2] for layer in layers} == {"zstd"}
    assert ("chunked" in json.dumps(layers)) == ("chunked" in compression)
    assert differences(our_tree(elsewhere, image), their_tree(podman, image)) == {}


def test_skopeo_takes_what_we_push_and_save(ours):
    """It checks each digest and size on its way, and unpacks the layers for their diff ids where the target needs them."""
    ours.compose("push")
    archive = saved(ours, ours.image)
    our = our_image(ours, ours.image)
    sources = [f"docker://{ours.image}", f"oci-archive:{archive}", f"docker-archive:{archive}"]
    for number, source in enumerate(sources):
        registry = ["--tls-verify=false"] if source.startswith("docker://") else []
        shown = json.loads(skopeo("inspect", *registry, source))
        assert (shown["Labels"], shown["Env"]) == (our["Config"]["Labels"], our["Config"]["Env"])
        assert len(shown["Layers"]) == len(our["RootFS"]["Layers"])
        config = json.loads(skopeo("inspect", "--config", *registry, source))
        assert config["rootfs"]["diff_ids"] == our["RootFS"]["Layers"]
        for kind in ("dir", "oci", "docker-archive"):
            target = ours.dir / f"copy-{number}-{kind}"
            named = ":copied:1" if kind == "docker-archive" else ""
            skopeo("copy", *[f"--src-{flag[2:]}" for flag in registry], source, f"{kind}:{target}{named}")


@pytest.mark.parametrize("kind", ["oci-archive", "docker-archive"])
def test_we_load_what_skopeo_writes(ours, elsewhere, kind):
    ours.compose("push")
    path = elsewhere.dir / "copied.tar"
    skopeo("copy", "--src-tls-verify=false", f"docker://{ours.image}", f"{kind}:{path}:{ours.image}")
    elsewhere.compose("image", "load", "-i", path)
    assert our_image(elsewhere, ours.image)["Id"] == our_image(ours, ours.image)["Id"]
    assert differences(our_tree(elsewhere, ours.image), our_tree(ours, ours.image)) == {}


@pytest.fixture
def both(project):
    """An image for two platforms, with provenance."""
    project.image = f"{project.world.registry}/{project.name}/both:1"
    project.write("Dockerfile", "FROM scratch\nARG TARGETARCH\nCOPY Dockerfile /$TARGETARCH\nCMD [\"/x\"]\n")
    project.file(f"services: {{app: {{build: {{context: ., platforms: [linux/amd64, linux/arm64], provenance: true}}, image: \"{project.image}\"}}}}")
    project.compose("build")
    return project


def test_they_load_an_image_for_several_platforms(peer, both):
    peer("load", "--input", saved(both, both.image))
    same_image(peer, both.image, both, both.image)


def test_they_pull_an_image_for_several_platforms(peer, both):
    both.compose("push")
    peer.pull(both.image)
    same_image(peer, both.image, both, both.image)


def test_we_load_the_list_that_skopeo_wrote(both, elsewhere):
    """Every platform, and what is attested of them."""
    both.compose("push")
    archive = both.dir / "theirs.tar"
    skopeo("copy", "-q", "--all", "--src-tls-verify=false", f"docker://{both.image}", f"oci-archive:{archive}:{both.image}")
    elsewhere.compose("image", "load", "-i", archive)
    shown = our_image(elsewhere, both.image)
    assert [each["Kind"] for each in shown["Manifests"]] == ["image", "image", "attestation", "attestation"]
    # Of one id are what the tests before have pushed, too.
    pushed = both.image.rpartition(":")[0] + "@" + shown["Descriptor"]["digest"]
    assert pushed in our_image(both, both.image)["RepoDigests"]
    assert shown["Id"] == our_image(both, both.image)["Id"]

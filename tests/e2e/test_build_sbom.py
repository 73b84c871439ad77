"""build --sbom: what a scanner says of an image is pushed beside it; with skopeo as the witness."""
import json
import subprocess

import pytest

pytestmark = pytest.mark.ours

SCAN = r"""
set -e
echo "looking at $BUILDKIT_SCAN_SOURCE in $BUILDKIT_SCAN_MODE mode"
if touch "$BUILDKIT_SCAN_SOURCE/found.txt"; then exit 9; fi
touch /tmp/scratch
cd "$BUILDKIT_SCAN_SOURCE"
list=
for file in $(find . -type f); do list="$list${list:+,}{\"fileName\": \"$file\"}"; done
document="{\"spdxVersion\": \"SPDX-2.3\", \"SPDXID\": \"SPDXRef-DOCUMENT\", \"name\": \"sbom\", \"files\": [$list]}"
out=$BUILDKIT_SCAN_DESTINATION/sbom.spdx.json
case "$BUILDKIT_SCAN_MODE" in
fail) echo "the scanner is out of order"; exit 3 ;;
nothing) ;;
words) echo words > "$out" ;;
list) echo "[]" > "$out" ;;
link) ln -s /etc/hostname "$out" ;;
statement) echo "{\"_type\": \"https://in-toto.io/Statement/v0.1\", \"predicateType\": \"https://spdx.dev/Document\", \"predicate\": $document}" > "$out" ;;
*) echo "$document" > "$out" ;;
esac
"""


def raw(place):
    done = subprocess.run(["skopeo", "--insecure-policy", "inspect", "--raw", "--tls-verify=false", f"docker://{place}"],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def all_blobs(app):
    """The whole image as the registry has it."""
    place = app.dir / "all"
    done = subprocess.run(["skopeo", "--insecure-policy", "copy", "-q", "--all", "--src-tls-verify=false",
                           f"docker://{app.image}", f"dir:{place}"], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, done.stderr
    return place


def inspected(app):
    return json.loads(app.compose("image", "inspect", app.image).stdout)[0]


@pytest.fixture
def app(project):
    """An image with one file, and the scanner."""
    project.image = f"{project.world.registry}/{project.name}/app:1"
    project.scanner = f"{project.name}-scanner"
    project.write("found.txt", "x\n")
    project.write("scan", SCAN)
    project.write("Dockerfile", "FROM scratch\nCOPY found.txt /found.txt\n")
    project.write("scanner.Dockerfile", "FROM busybox\nCOPY scan /scan\nENTRYPOINT [\"sh\"]\nCMD [\"/scan\"]\n")
    services(project, "")
    project.compose("build", "scanner")
    return project


def services(project, more):
    project.file(f"""
        services:
          app: {{build: {{context: . {more}}}, image: "{project.image}", command: x}}
          scanner: {{build: {{context: ., dockerfile: scanner.Dockerfile}}, image: "{project.scanner}"}}
    """)


@pytest.mark.parametrize("mode", ["plain", "statement"])
def test_sbom_is_pushed(app, mode):
    told = app.compose("build", "--push", f"--sbom=generator={app.scanner},MODE={mode}", "--provenance=true", "app").stderr
    assert f"[app] generating sbom using {app.scanner}" in told
    assert f"looking at /run/src/core/sbom in {mode} mode" in told
    index = raw(app.image)
    assert len(index["manifests"]) == 2
    marks = index["manifests"][1]["annotations"]
    assert marks["vnd.docker.reference.type"] == "attestation-manifest"
    assert marks["vnd.docker.reference.digest"] == index["manifests"][0]["digest"]
    layers = raw(f"{app.image.rpartition(':')[0]}@{index['manifests'][1]['digest']}")["layers"]
    assert [each["annotations"]["in-toto.io/predicate-type"] for each in layers] == [
        "https://spdx.dev/Document", "https://slsa.dev/provenance/v1"]
    statement = json.loads((all_blobs(app) / layers[0]["digest"].split(":")[1]).read_text())
    assert statement["predicateType"] == "https://spdx.dev/Document"
    assert statement["subject"][0]["digest"]["sha256"] == index["manifests"][0]["digest"].split(":")[1]
    assert statement["predicate"] == {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "sbom",
                                      "files": [{"fileName": "./found.txt"}]}


def test_sbom_of_the_file(app):
    """Asked for in the file, also of `create`; the same scanner sees the same files once; the flag has the last word."""
    services(app, f", sbom: 'generator={app.scanner}'")
    assert "looking at" in app.compose("build", "app").stderr
    first = inspected(app)
    assert [each["Kind"] for each in first["Manifests"]] == ["image", "attestation"]
    assert "looking at" not in app.compose("build", "app").stderr
    assert inspected(app)["Id"] == first["Id"]
    assert "looking at" in app.compose("build", "--no-cache", "app").stderr
    app.write("found.txt", "another\n")
    assert "looking at" in app.compose("create", "--build", "app").stderr
    app.compose("down")
    app.compose("build", "--sbom=false", "app")
    assert "Manifests" not in inspected(app), "the same image, but for what is attested of it"
    app.compose("build", "app")
    assert "Manifests" in inspected(app)
    app.write("found.txt", "a third\n")
    assert "generating" not in app.compose("build", "--sbom=false", "app").stderr
    assert "Manifests" not in inspected(app)


@pytest.mark.parametrize("mode, said", [
    ("fail", "it ended with exit code 3"),
    ("nothing", "it wrote nothing to $BUILDKIT_SCAN_DESTINATION"),
    ("words", "its file sbom.spdx.json"),
    ("list", "its file sbom.spdx.json is no JSON object"),
    ("link", "its file sbom.spdx.json is not a regular file"),
])
def test_a_scanner_that_is_of_no_use(app, mode, said):
    told = app.compose("build", f"--sbom=generator={app.scanner},MODE={mode}", "app", code=1).stderr
    assert f"generating sbom using {app.scanner}:latest: {said}" in told or f"generating sbom using {app.scanner}: {said}" in told
    assert ("the scanner is out of order" in told) == (mode == "fail")
    app.compose("image", "inspect", app.image, code=1)


def test_sbom_of_nothing_and_by_nobody(app):
    """An image without files; an image that runs no program; what means nothing."""
    app.write("Dockerfile", "FROM scratch\nLABEL a=b\n")
    app.compose("build", f"--sbom=generator={app.scanner}", "app")
    assert [each["Kind"] for each in inspected(app)["Manifests"]] == ["image", "attestation"]
    app.write("scanner.Dockerfile", "FROM scratch\nCOPY scan /scan\n")
    app.compose("build", "scanner")
    told = app.compose("build", f"--sbom=generator={app.scanner}", "app", code=1).stderr
    assert "the image has neither an entrypoint nor a command" in told
    assert "means nothing" in app.compose("build", "--sbom=perhaps", "app", code=1).stderr

"""Images for several platforms: what is built, kept, pushed, saved and run; with skopeo as the witness."""
import json
import os
import struct
import subprocess

import pytest

pytestmark = pytest.mark.ours

HOST = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
OTHER = "arm64" if HOST == "amd64" else "amd64"
DOCKERFILE = """FROM --platform=$BUILDPLATFORM busybox AS maker
ARG TARGETPLATFORM
ARG BUILDPLATFORM
RUN echo "$BUILDPLATFORM makes $TARGETPLATFORM" > /made
FROM scratch
COPY --from=maker /made /made
"""


def skopeo(*arguments, code=0):
    done = subprocess.run(["skopeo", "--insecure-policy", *map(str, arguments)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


def raw(place, *arguments):
    return json.loads(skopeo("inspect", "--raw", *arguments, place))


def platforms(index):
    return [each["platform"]["os"] + "/" + each["platform"]["architecture"] for each in index["manifests"]]


def inspected(project, name):
    return json.loads(project.compose("image", "inspect", name).stdout)[0]


@pytest.fixture
def app(project):
    """Built for this machine and for one whose programs it may be unable to run."""
    project.image = f"{project.world.registry}/{project.name}/app:1"
    project.write("Dockerfile", DOCKERFILE)
    project.both = f"platforms: [linux/{OTHER}, linux/{HOST}]"
    project.file(f"services: {{app: {{build: {{context: ., {project.both}}}, command: x, image: \"{project.image}\"}}}}")
    return project


def test_every_platform_is_built(app):
    """BLD-18"""
    told = app.compose("build").stderr
    for arch in (HOST, OTHER):
        assert f"[app linux/{arch} maker 2/2] RUN echo" in told
    shown = inspected(app, app.image)
    assert shown["Architecture"] == HOST and len(shown["Manifests"]) == 2
    assert shown["Descriptor"]["mediaType"] == "application/vnd.oci.image.index.v1+json"
    assert app.image.rpartition(":")[0] in app.compose("image", "ls").stdout
    again = app.compose("build").stderr
    assert again.count("CACHED") >= 4 and inspected(app, app.image)["Descriptor"] == shown["Descriptor"]


def test_push(app):
    """The registry has every platform, and each is what was built for it."""
    app.compose("build", "--push")
    there = f"docker://{app.image}"
    index = raw(there, "--tls-verify=false")
    assert platforms(index) == [f"linux/{OTHER}", f"linux/{HOST}"]
    for arch in (HOST, OTHER):
        skopeo("copy", "-q", "--override-arch", arch, "--src-tls-verify=false", there, f"dir:{app.dir / arch}")
        manifest = json.loads((app.dir / arch / "manifest.json").read_text())
        layer = app.dir / arch / manifest["layers"][0]["digest"].split(":")[1]
        made = subprocess.run(["tar", "-xzOf", layer, "made"], capture_output=True, text=True, check=True).stdout
        assert made == f"linux/{HOST} makes linux/{arch}\n"
    skopeo("copy", "-q", "--all", "--src-tls-verify=false", there, f"oci:{app.dir / 'all'}:x")
    digest = skopeo("inspect", "--tls-verify=false", "--format", "{{.Digest}}", there).strip()
    assert app.image.rpartition(":")[0] + "@" + digest in inspected(app, app.image)["RepoDigests"]


def test_save_and_load(app, make_project):
    app.compose("build")
    archive = app.dir / "saved.tar"
    app.compose("image", "save", "-o", archive, app.image)
    assert len(raw(f"oci-archive:{archive}:{app.image}")["manifests"]) == 2
    assert json.loads(skopeo("inspect", f"docker-archive:{archive}"))["Architecture"] == HOST
    for arch in (HOST, OTHER):
        skopeo("copy", "-q", "--override-arch", arch, f"oci-archive:{archive}:{app.image}", f"dir:{app.dir / arch}")
    elsewhere = make_project("-2")
    elsewhere.env |= {"COMPOSE_STATE_DIR": str(elsewhere.dir / "state"), "COMPOSE_RUN_DIR": str(elsewhere.dir / "run")}
    elsewhere.compose("image", "load", "-i", archive)
    assert inspected(elsewhere, app.image)["Descriptor"] == inspected(app, app.image)["Descriptor"]
    elsewhere.compose("image", "rm", app.image)
    assert not list((elsewhere.dir / "state/images/blobs/sha256").iterdir())


def test_up_builds_what_it_runs(app):
    """Only the platform of the service, or this machine's where it is listed."""
    app.compose("up", "--no-start")
    shown = inspected(app, app.image)
    assert shown["Architecture"] == HOST and "Manifests" not in shown
    app.compose("down", "--rmi", "all")
    own = f"platform: linux/{OTHER}"
    app.file(f"services: {{app: {{build: {{context: ., {app.both}}}, {own}, image: \"{app.image}\", command: x}}}}")
    app.compose("up", "--no-start", code=None)
    assert inspected(app, app.image)["Architecture"] == OTHER
    app.compose("down", "--rmi", "all")
    app.file(f"services: {{app: {{build: {{context: ., platforms: [linux/s390x, linux/riscv64]}}, command: x, image: \"{app.image}\"}}}}")
    assert "none of build.platforms is for this machine" in app.compose("up", code=1).stderr
    refused = app.compose("build", env={"DOCKER_DEFAULT_PLATFORM": f"linux/{HOST}"}, code=1).stderr
    assert f"build.platforms lacks the platform linux/{HOST}" in refused


@pytest.mark.skipif(HOST != "amd64", reason="only amd64 runs programs of 386")
def test_the_variant_asked_for_is_run(project):
    """UI-12: of an image that is only here, for several platforms, without a pull."""
    project.write("hello.S", ".globl _start\n_start: mov $4,%eax; mov $1,%ebx; mov $msg,%ecx; mov $7,%edx; int $0x80\n"
                             "mov $1,%eax; xor %ebx,%ebx; int $0x80\nmsg: .ascii \"I am 32\"\n")
    subprocess.run(["gcc", "-m32", "-static", "-nostdlib", "-o", project.dir / "tool-386", project.dir / "hello.S"], check=True)
    project.write("tool-amd64", "#!/bin/sh\necho I am 64\n").chmod(0o755)
    project.write("Dockerfile", "FROM busybox AS base-amd64\nFROM scratch AS base-386\n"
                                "FROM base-$TARGETARCH\nARG TARGETARCH\nCOPY tool-$TARGETARCH /tool\nRUN [\"/tool\"]\nCMD [\"/tool\"]\n")
    build = "build: {context: ., platforms: [linux/amd64, linux/386]}, image: both"
    project.file(f"services: {{a: {{{build}}}, b: {{{build}, platform: linux/386}}}}")
    told = project.compose("build", "a").stderr
    assert "I am 32" in told and "I am 64" in told
    up = project.compose("up", "--no-build")
    assert "I am 64" in up.stdout and "I am 32" in up.stdout
    assert len(set(project.compose("images", "-q").stdout.split())) == 2
    project.compose("down")


def foreign_program():
    """An ELF file for a processor that nobody makes."""
    return b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack("<HHI", 2, 0xfefe, 1) + bytes(40)


def test_a_program_for_another_processor(app):
    """What is missing is said at the line."""
    (app.dir / "tool").write_bytes(foreign_program())
    (app.dir / "tool").chmod(0o755)
    app.write("Dockerfile", "FROM scratch\nCOPY tool /tool\nRUN [\"/tool\"]\n")
    app.file("services: {app: {build: {context: ., platforms: [linux/imaginary]}}}")
    told = app.compose("build", code=1).stderr
    assert "Dockerfile:3:1: error: this machine can't run programs for linux/imaginary" in told
    assert "apt install qemu-user-static binfmt-support" in told
    app.write("Dockerfile", "FROM scratch\nCOPY tool /tool\n")
    app.file("services: {app: {build: {context: ., platforms: [windows/amd64]}, command: x}}")
    app.compose("build")
    assert "is for windows/amd64, whose programs this machine can't run" in app.compose("up", code=1).stderr


def test_a_failing_platform_fails_the_image(app):
    app.write("Dockerfile", "FROM scratch\nARG TARGETARCH\nCOPY only-$TARGETARCH /x\n")
    app.write(f"only-{HOST}", "x")
    assert f"only-{OTHER}" in app.compose("build", code=1).stderr
    assert "no such image" in app.compose("image", "inspect", app.image, code=1).stderr


def test_one_cache_for_all_platforms(app):
    """cache_to has what every platform's steps gave, whichever was built last."""
    def file(cache):
        app.file(f"services: {{app: {{build: {{context: ., {app.both}, {cache}}}, image: \"{app.image}\"}}}}")

    file("cache_to: [\"type=local,dest=cache,mode=max\"]")
    app.compose("build")
    app.env |= {"COMPOSE_STATE_DIR": str(app.dir / "state"), "COMPOSE_RUN_DIR": str(app.dir / "run")}
    file("cache_from: [\"type=local,src=cache\"]")
    rows = [json.loads(line) for line in app.compose("--progress", "json", "build").stderr.splitlines()]
    ends = {(row["platform"], row["name"].partition("] ")[2][:3]): row["status"] for row in rows
            if row.get("status") in ("cached", "done") and "platform" in row}
    assert all(ends[f"linux/{arch}", "COP"] == "cached" for arch in (HOST, OTHER))
    assert all(ends.get((f"linux/{arch}", "RUN"), "cached") == "cached" for arch in (HOST, OTHER))


def statement_of(app, index, number):
    """The statement of an attestation, as skopeo finds it in the registry."""
    manifest = raw(f"docker://{app.image.rpartition(':')[0]}@{index['manifests'][number]['digest']}", "--tls-verify=false")
    assert manifest["layers"][0]["mediaType"] == "application/vnd.in-toto+json"
    skopeo("copy", "-q", "--all", "--src-tls-verify=false", f"docker://{app.image}", f"dir:{app.dir / 'all'}")
    return json.loads((app.dir / "all" / manifest["layers"][0]["digest"].split(":")[1]).read_text())


def test_provenance(app):
    """An attestation for each platform, which tells of the manifest that is in the registry."""
    app.compose("build", "--push", "--provenance", "mode=max", "--build-arg", "COLOUR=red")
    index = raw(f"docker://{app.image}", "--tls-verify=false")
    assert platforms(index) == [f"linux/{OTHER}", f"linux/{HOST}", "unknown/unknown", "unknown/unknown"]
    for i in (0, 1):
        marks = index["manifests"][2 + i]["annotations"]
        assert marks["vnd.docker.reference.type"] == "attestation-manifest"
        assert marks["vnd.docker.reference.digest"] == index["manifests"][i]["digest"]
        statement = statement_of(app, index, 2 + i)
        assert statement["subject"][0]["digest"]["sha256"] == index["manifests"][i]["digest"].split(":")[1]
        definition = statement["predicate"]["buildDefinition"]
        assert definition["externalParameters"]["request"]["args"]["build-arg:COLOUR"] == "red"
        assert definition["resolvedDependencies"][0]["uri"] == f"pkg:docker/busybox@latest?platform=linux%2F{HOST}"
    assert [each["Kind"] for each in inspected(app, app.image)["Manifests"]] == ["image", "image", "attestation", "attestation"]


def test_provenance_of_the_file(app):
    """With one platform it is a list, too, which runs as any image; the flag has the last word."""
    app.write("Dockerfile", "FROM busybox\n")
    app.file(f"services: {{app: {{build: {{context: ., provenance: mode=min}}, image: \"{app.image}\", command: echo it runs}}}}")
    assert "it runs" in app.compose("up", "--build").stdout
    assert [each["Kind"] for each in inspected(app, app.image)["Manifests"]] == ["image", "attestation"]
    app.compose("build", "--push")
    assert platforms(raw(f"docker://{app.image}", "--tls-verify=false")) == [f"linux/{HOST}", "unknown/unknown"]
    app.compose("image", "rm", "-f", app.image)
    for flags in ("--provenance=false", "--sbom=false"):
        app.compose("build", "--provenance=false", flags)
        assert "Manifests" not in inspected(app, app.image)
    app.compose("pull", code=None)
    assert "means nothing" in app.compose("build", "--provenance=mode=much", code=1).stderr
    app.compose("down")

"""Builds, pulls, pushes, prunes, commits, ups and downs at once on one store, and SIGKILL at any point: what containers,
pulls and builds use is never removed, what the store names is whole, and in the end nothing is left."""
import json
import os
import pathlib
import random
import re
import subprocess

import pytest

from harness.image_store import left_in, problems_of
from harness.storm import Storm

pytestmark = pytest.mark.ours

ROUNDS = int(os.environ.get("COMPOSE_TORTURE_ROUNDS", 8))
SEED = int(os.environ.get("COMPOSE_TORTURE_SEED", random.SystemRandom().randrange(1 << 32)))
PROJECTS = 3
COMMANDS = 7  # at once

# Each layer has a file that says its own name; the number of layers is known.
DOCKERFILE = """
    FROM {base}
    ARG VARIANT=0
    COPY copied /layers/copied
    RUN echo one{number} > /layers/one{number} && head -c 300000 /dev/urandom > /noise
    RUN echo variant$VARIANT > /layers/variant$VARIANT && rm /noise
    CMD ["sleep", "infinity"]
"""
FILE = """
    services:
      app:
        build: .
        image: "{registry}/{name}:1"
        init: true
        volumes: [data:/data]
      other: {{image: {other}, init: true, command: sleep infinity}}
    volumes: {{data: {{}}}}
"""
WHOLE = "cd /layers && for f in *; do grep -qx $f $f || exit 9; done; ls | sed s/[0-9]*$//; cat /bin/busybox /etc/passwd > /dev/null"

# What a command may say when another one was faster: sentences about the world as it is, not about the store's insides.
EXPECTED = re.compile("|".join([
    r"no such image", r"is not in the store", r"has no container", r"was removed",
    r"broken off by another command", r"is used by a container", r"has several names", r"is not running",
    r"is no longer in the store", r"was stopped while it had to stand still",
]))

EXPECTED_WITHOUT_SUPERVISOR = re.compile(EXPECTED.pattern + "|supervisor")


@pytest.fixture
def storm(world, make_project):
    """Projects that share one store, which nobody else uses."""
    projects = [make_project(f"-{number}") for number in range(PROJECTS)]
    made = Storm(random.Random(SEED), world.root / "torture/state", {project.name for project in projects})
    made.projects = projects
    for number, project in enumerate(made.projects):
        project.env |= {"COMPOSE_STATE_DIR": str(made.state), "COMPOSE_RUN_DIR": str(world.root / "torture/run")}
        project.image = f"{world.registry}/{project.name}:1"
        project.write("copied", "copied\n")
        project.write("Dockerfile", DOCKERFILE.format(number=number, base="busybox" if number else "alpine"))
        project.file(FILE.format(registry=world.registry, name=project.name, other="redis:7-alpine" if number else "alpine"))
    yield made
    made.close()


def command(storm):
    """A random command on a random project, as (arguments, project)."""
    choose = storm.random.choice
    project = choose(storm.projects)
    name = choose([project.image, "alpine", "busybox", "redis:7-alpine", "committed:1"])
    variant = ["--build-arg", f"VARIANT={storm.random.randrange(3)}"]
    return choose([
        ["build", *variant], ["build", *variant], ["build", "--no-cache", *variant], ["build", "--push", *variant],
        ["pull", "--ignore-buildable"], ["push"],
        ["up", "-d", "-t", "0"], ["up", "-d", "-t", "0"], ["up", "-d", "-t", "0", "--build"], ["up", "-d", "-t", "0", "--force-recreate"],
        ["down", "-t", "0"], ["down", "-t", "0", "--rmi", "all"],
        ["image", "rm", name], ["image", "rm", "-f", name],
        ["image", "prune", "-f"], ["image", "prune", "-a", "-f"], ["system", "prune", "-f"], ["system", "prune", "-a", "-f"],
        ["commit", "app", "committed:1"],
        ["image", "save", "-o", f"saved{storm.random.randrange(1000)}.tar", name], ["image", "load", "-i", str(storm.archive)],
    ]), project


def running_containers(project):
    return [row["Service"] for row in project.ps() if row["State"] == "running"]


def check(storm):
    """What must be true whenever nothing is under way."""
    assert problems_of(storm.state / "images") == []
    for project in storm.projects:
        assert "paused" not in project.states().values()
        for service in running_containers(project):
            script = WHOLE if service == "app" else "cat /bin/sh /etc/os-release > /dev/null"
            expected = ["copied", "one", "variant"] if service == "app" else []
            assert sorted(project.sh(service, script).split()) == expected
    rows = [json.loads(line) for line in storm.projects[0].compose("system", "df", "--format", "json").stdout.splitlines()]
    sizes = {row["Type"]: row["Size"] for row in rows}
    out = subprocess.run(["du", "-s", "--block-size=1", storm.state / "images"], capture_output=True, text=True, check=True).stdout
    assert sizes["Images"] + sizes["Build Cache"] == int(out.split()[0])


def works(storm):
    """Whatever was killed, the next commands do what they are for."""
    for project in storm.projects:
        project.compose("build")
        project.compose("pull", "--ignore-buildable")
        project.compose("up", "-d", "-t", "0")
        assert sorted(running_containers(project)) == ["app", "other"]


def cgroups(storm):
    names = storm.step_ids | {project.name for project in storm.projects}
    return [f"{top}/{name}" for top, folders, _ in os.walk("/sys/fs/cgroup") for name in folders if name in names]


def nothing_left(storm):
    for project in storm.projects:
        project.compose("down", "-v", "-t", "0")
    storm.projects[0].compose("system", "prune", "-a", "-f", "--volumes")
    assert [path for path in left_in(storm.state) if not path.startswith("lib/init-")] == []
    assert [path for path in left_in(storm.state.parent / "run") if not path.endswith(".lock")] == []
    assert json.loads((storm.state / "images/index.json").read_text())["manifests"] == []
    assert cgroups(storm) == []
    assert str(storm.state) not in pathlib.Path("/proc/self/mountinfo").read_text()


def test_everything_at_once_and_killed_at_any_point(storm):
    print(f"COMPOSE_TORTURE_SEED={SEED} COMPOSE_TORTURE_ROUNDS={ROUNDS}")  # shown when the test fails
    first = storm.projects[0]
    works(storm)
    storm.archive = first.dir / "archive.tar"
    first.compose("image", "save", "-o", storm.archive, "alpine", first.image)
    for number in range(ROUNDS):
        chosen = [command(storm) for _ in range(COMMANDS)]
        started = [([*project.world.binary, *arguments], project.dir, project.env) for arguments, project in chosen]
        before = storm.supervisors_killed
        done = storm.run(started, kills=storm.random.randrange(COMMANDS))
        expected = EXPECTED_WITHOUT_SUPERVISOR if storm.supervisors_killed > before else EXPECTED
        for one, output in done:
            print(f"round {number}: {'killed' if one.killed else one.process.returncode} {one.text}\n    {output[-400:]}")
        unexpected = [f"{one.text}\n{output}" for one, output in done
                      if not one.killed and one.process.returncode != 0 and not expected.search(output)]
        assert unexpected == []
        check(storm)
    works(storm)
    check(storm)
    nothing_left(storm)

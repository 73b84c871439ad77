"""compose push, to the real registry of the tests' world, and what other tools make of it."""
import json
import subprocess

import pytest

pytestmark = pytest.mark.ours


def skopeo(*arguments):
    done = subprocess.run(["skopeo", "--insecure-policy", *map(str, arguments)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def in_registry(world, name):
    return json.loads(skopeo("inspect", "--tls-verify=false", f"docker://{world.registry}/{name}"))


@pytest.fixture
def app(project):
    """A service that is built, to be pushed to a repository of its own; and one that is not built."""
    project.name_there = f"{project.name}/app"
    project.image = f"{project.world.registry}/{project.name_there}:1"
    project.write("Dockerfile", "FROM busybox\nRUN echo built > /built\nLABEL made=here\n")
    project.file(f"services: {{app: {{build: ., image: \"{project.image}\"}}, other: {{image: redis}}}}")
    project.compose("build")
    return project


def test_push_and_pull_back(app, make_project):
    """A service that is built is pushed under its name; one that is not is skipped."""
    pushed = app.compose("push")
    assert "Pushed" in pushed.stderr and "other  Skipped" in pushed.stderr
    assert in_registry(app.world, f"{app.name_there}:1")["Labels"]["made"] == "here"
    elsewhere = make_project("-2")
    elsewhere.env |= {"COMPOSE_STATE_DIR": str(elsewhere.dir / "state"), "COMPOSE_RUN_DIR": str(elsewhere.dir / "run")}
    elsewhere.file(f"services: {{app: {{image: \"{app.image}\", command: cat /built}}}}")
    assert "built" in elsewhere.compose("up", "--no-log-prefix").stdout
    elsewhere.compose("down")


def test_a_second_push_sends_nothing(app):
    """Layers that are there are not sent again, nor compressed to find that out."""
    def layers():
        rows = map(json.loads, app.compose("--progress", "json", "push").stderr.splitlines())
        return {row["text"] for row in rows if row.get("parent_id") and row.get("status") == "Done"}

    assert layers() <= {"Pushed", "Mounted from another repository"}
    assert layers() == {"Layer already exists"}


def test_tags_are_pushed_too(app):
    """BLD-04: every tag of the build section"""
    extra = f"{app.world.registry}/{app.name_there}:extra"
    app.file(f"services: {{app: {{build: {{context: ., tags: [\"{extra}\"]}}, image: \"{app.image}\"}}}}")
    app.compose("build")
    app.compose("push")
    assert in_registry(app.world, f"{app.name_there}:extra")["Digest"] == in_registry(app.world, f"{app.name_there}:1")["Digest"]


def test_an_image_without_a_name_is_skipped(project):
    """BLD-12"""
    project.write("Dockerfile", "FROM busybox\n")
    project.file("services: {app: {build: .}}")
    assert "Skipped" in project.compose("push").stderr


def test_only_the_services_named(app):
    """--include-deps adds what they depend on."""
    base = f"{app.world.registry}/{app.name}/base:1"
    app.file(f"services: {{app: {{build: ., image: \"{app.image}\", depends_on: [base]}}, base: {{build: ., image: \"{base}\"}}}}")
    app.compose("build")
    assert f"{app.name}/base" not in app.compose("push", "app").stderr
    assert f"{app.name}/base" in app.compose("push", "--include-deps", "app").stderr
    assert "no such service: nobody" in app.compose("push", "nobody", code=1).stderr


def test_an_image_that_was_not_built(app):
    """The error says how to get it."""
    app.file(f"services: {{app: {{build: ., image: \"{app.world.registry}/{app.name}/unbuilt:1\"}}}}")
    failed = app.compose("push", code=1)
    assert "unbuilt:1 is not in the store" in failed.stderr and "compose build app" in failed.stderr


def test_a_registry_that_does_not_answer(app):
    """Exit code 1 and what to do; with --ignore-push-failures the others are pushed."""
    app.file(f"services: {{app: {{build: ., image: \"{app.image}\"}}, bad: {{build: ., image: \"127.0.0.1:1/bad:1\"}}}}")
    app.compose("build")
    failed = app.compose("push", "bad", code=1)
    assert "cannot reach registry 127.0.0.1:1" in failed.stderr and "that the registry runs" in failed.stderr
    ignored = app.compose("push", "--ignore-push-failures")
    assert "Pushing bad:" in ignored.stderr
    assert in_registry(app.world, f"{app.name_there}:1")["Digest"]


def test_quiet_and_dry_run(app):
    """Neither says a word of progress; the latter sends nothing."""
    dry = app.compose("--dry-run", "push")
    assert f"push image {app.image}" in dry.stderr
    assert app.compose("push", "--quiet").stderr == ""


def test_build_and_push(app):
    """BLD-12: what is built is pushed; a service without a name for its image is skipped."""
    app.write("Dockerfile", "FROM busybox\nLABEL made=later\n")
    app.file(f"services: {{app: {{build: ., image: \"{app.image}\"}}, nameless: {{build: .}}}}")
    pushed = app.compose("build", "--push").stderr
    assert pushed.index("Built") < pushed.index("Pushed") and "nameless  Skipped" in pushed
    assert in_registry(app.world, f"{app.name_there}:1")["Labels"]["made"] == "later"
    quiet = app.compose("build", "--push", "--quiet")
    assert quiet.stdout == "" and quiet.stderr == ""

"""Completion in bash, as the shell itself runs it."""
import os
import shlex
import subprocess

import pytest

pytestmark = pytest.mark.ours

FILE = """
    services:
      web: {image: alpine}
      worker: {image: alpine, profiles: [extra]}
      db: {image: alpine}
"""


@pytest.fixture
def complete(project):
    """What bash offers for a line that ends where the cursor is."""
    (project.dir / "bin").mkdir()
    (project.dir / "bin/compose").symlink_to(project.world.binary[0])
    env = {**project.env, "PATH": f"{project.dir}/bin:{os.environ['PATH']}"}

    def offers(line, cwd=project.dir):
        words = shlex.split(line) + ([""] if line.endswith(" ") else [])
        script = ("source <(compose completion bash); "
                  f"COMP_WORDS=({' '.join(shlex.quote(word) for word in words)}); COMP_CWORD={len(words) - 1}; COMP_LINE={shlex.quote(line)}; "
                  "$(complete -p compose | sed 's/.*-F \\([^ ]*\\).*/\\1/') compose; printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "-c", script], cwd=cwd, env=env, capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 0 and done.stderr == "", done
        return set(done.stdout.split())

    project.file(FILE)
    return offers


def test_verbs(complete):
    offered = complete("compose ")
    assert {"up", "down", "ps", "logs", "exec", "run", "create", "start", "stop", "restart", "kill", "rm", "pull", "images", "config", "ls",
            "top", "port", "version", "pause", "unpause", "scale", "wait", "events", "stats", "attach", "cp", "completion"} <= offered
    assert complete("compose sc") == {"scale"}
    assert complete("compose lo") == {"logs"}


def test_flags(complete):
    assert complete("compose logs --t") == {"--tail", "--timestamps"}
    assert {"--detach", "-d", "--wait", "--scale"} <= complete("compose up -")
    assert {"--file", "--project-name"} <= complete("compose --")


def test_services_of_the_file(complete, project):
    assert {"web", "db"} <= complete("compose logs ")
    assert complete("compose stop w") >= {"web"} and "db" not in complete("compose stop w")
    project.write("other.yaml", "services: {elsewhere: {image: alpine}}")
    assert complete("compose -f other.yaml up ") == {"elsewhere"}
    assert complete("compose --file other.yaml up e") == {"elsewhere"}
    assert "worker" in complete("compose --profile extra up ")


def test_nested_verbs_and_shells(complete):
    assert {"load", "save", "ls", "rm", "import", "tag"} <= complete("compose image ")
    assert {"bash", "zsh", "fish"} <= complete("compose completion ")


def test_nothing_where_there_is_no_file(complete, project):
    (project.dir / "empty").mkdir()
    (project.dir / "compose.yaml").rename(project.dir / "hidden.txt")
    assert complete("compose logs ", cwd=project.dir / "empty") == set()


def test_missing_environment_file_does_not_matter(complete, project):
    """VOL-18"""
    project.file("services: {a: {image: alpine}, b: {image: alpine, env_file: nowhere.env}}")
    assert complete("compose logs ") == {"a", "b"}
    project.file("services: {a: {image: alpine}, b: {image: alpine}}")

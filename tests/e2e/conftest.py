"""Fixtures of the end-to-end tests. See harness/ for what they hand out."""
import os
import pathlib
import re
import shutil
import stat
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from harness import leaks  # noqa: E402
from harness.init import RESOLVER  # noqa: E402
from harness.project import Project  # noqa: E402
from harness.upstream import Upstream  # noqa: E402
from harness.web import Web  # noqa: E402
from harness.world import TOP, World  # noqa: E402

ARTEFACTS = TOP / "build/e2e-artefacts"


def pytest_configure(config):
    config.addinivalue_line("markers", "ours: about this program only; left out when another one is tested")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if outcome.get_result().failed:
        item.failed = True


@pytest.fixture(scope="session")
def world(request):
    shutil.rmtree(ARTEFACTS, ignore_errors=True)
    made = World()
    upstream = None if made.peer else Upstream(RESOLVER)
    before = None if made.peer else leaks.snapshot(made)
    yield made
    left = [] if made.peer else leaks.leaked(made, before, dangling=False)
    if upstream:
        upstream.close()
    made.close()
    assert request.session.testsfailed or not left, "the tests left behind:\n" + "\n".join(left)


def special_files(folder, names):
    """Those that cannot be copied: devices, pipes and sockets."""
    return [name for name in names if (mode := os.lstat(os.path.join(folder, name)).st_mode)
            and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode))]


def keep_artefacts(request, project):
    target = ARTEFACTS / request.node.name
    shutil.copytree(project.dir, target / "files", symlinks=True, dirs_exist_ok=True, ignore=special_files)
    for tree in (project.world.state / "projects" / project.name, project.world.run_dir / "projects" / project.name):
        for path in tree.rglob("*") if tree.exists() else ():
            if path.is_file() and "upper" not in path.parts and path.stat().st_size < 1 << 20:
                copy = target / tree.parent.parent.name / path.relative_to(tree)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, copy)


@pytest.fixture
def make_project(world, request):
    """Makes further projects; each is taken down, and checked for what it leaves, after the test."""
    before = None if world.peer else leaks.snapshot(world)
    made = []

    def make(suffix=""):
        short = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_").lower())[:40].strip("-")
        name = f"{world.prefix}-{short}{suffix}"
        folder = world.root / "projects" / name
        folder.mkdir(parents=True)
        made.append(Project(world, folder, name))
        return made[-1]

    yield make
    failed = getattr(request.node, "failed", False)
    for project in made:
        project.close()
        if failed and not world.peer:
            keep_artefacts(request, project)
        project.remove()
        shutil.rmtree(project.dir, ignore_errors=True)
    left = [] if world.peer else leaks.leaked(world, before, dangling=False)
    assert failed or not left, "left behind after down -v:\n" + "\n".join(left)


@pytest.fixture
def project(make_project):
    return make_project()


@pytest.fixture
def web(tmp_path):
    """A server of files and git repositories."""
    made = Web(tmp_path / "repositories")
    yield made
    made.close()

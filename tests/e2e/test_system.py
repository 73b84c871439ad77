"""compose system df and prune: what is on the disk, and what is freed."""
import json
import re
import subprocess

import pytest

pytestmark = pytest.mark.ours


def du(*paths):
    """What these paths take, in bytes; what is missing takes nothing."""
    there = [str(path) for path in paths if path.exists()]
    if not there:
        return 0
    out = subprocess.run(["du", "-sc", "--block-size=1", *there], capture_output=True, text=True, check=True).stdout
    return int(out.splitlines()[-1].split()[0])


def size_text(size):
    """As the program shows sizes: decimal units, three digits."""
    units = ["B", "kB", "MB", "GB"]
    value, unit = float(size), 0
    while value >= 1000 and unit < len(units) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.3g}{units[unit]}"


@pytest.fixture
def private(project):
    """The project with a store of its own, so that nothing is there yet."""
    project.state = project.dir / "state"
    project.env |= {"COMPOSE_STATE_DIR": str(project.state), "COMPOSE_RUN_DIR": str(project.dir / "run")}
    project.write("Dockerfile", "FROM busybox\nRUN dd if=/dev/zero of=/made bs=1000 count=300\n")
    project.file("""
        services:
          app:
            build: .
            image: built:1
            init: true
            command: sleep infinity
            volumes: [/data, named:/named]
        volumes: {named: {}}
    """)
    yield project
    project.compose("down", "-v", "-t", "0", "--remove-orphans", code=None)


def df(project):
    rows = [json.loads(line) for line in project.compose("system", "df", "--format", "json").stdout.splitlines()]
    return {row["Type"]: row for row in rows}


def test_df_is_what_du_says(private):
    private.up()
    private.exec("app", "sh", "-c", "dd if=/dev/zero of=/data/x bs=1000 count=500; dd if=/dev/zero of=/own bs=1000 count=200")
    rows = df(private)
    assert rows["Images"]["Size"] + rows["Build Cache"]["Size"] == du(private.state / "images")
    assert rows["Containers"]["Size"] == du(private.state / "projects")
    assert rows["Local Volumes"]["Size"] == du(private.state / "volumes")
    assert (rows["Containers"]["TotalCount"], rows["Containers"]["Active"], rows["Containers"]["Reclaimable"]) == (1, 1, 0)
    assert (rows["Local Volumes"]["TotalCount"], rows["Local Volumes"]["Active"]) == (2, 2)
    assert rows["Images"]["Active"] == 1
    private.compose("stop", "-t", "0")
    rows = df(private)
    assert rows["Containers"]["Active"] == 0 and rows["Containers"]["Reclaimable"] > 200000
    table = private.compose("system", "df").stdout
    assert re.search(r"^Build Cache +\d+ +0 ", table, re.M) and "RECLAIMABLE" in table
    details = private.compose("system", "df", "-v").stdout
    assert "built" in details and f"{private.name}-app-1" in details and f"{private.name}_named" in details
    assert len(json.loads(private.compose("system", "df", "-v", "--format", "json").stdout)["Volumes"]) == 2


def test_prune_leaves_what_runs(private):
    private.up()
    pruned = private.compose("system", "prune", "-a", "--volumes", "-f")
    assert "Deleted Containers" not in pruned.stdout and "Deleted Networks" not in pruned.stdout
    assert private.sh("app", "ls /made /data /named")
    assert private.container("app")["State"] == "running"
    private.compose("restart", "-t", "0")


def test_prune_of_a_dead_project(private):
    """Everything goes but named volumes, and the number of bytes that is told is what du misses."""
    private.up()
    private.exec("app", "sh", "-c", "dd if=/dev/zero of=/data/x bs=1000 count=500; dd if=/dev/zero of=/own bs=1000 count=200")
    private.compose("kill")
    containers = list((private.state / "projects" / private.name / "containers").iterdir())
    volumes = {path.name: path for path in (private.state / "volumes").iterdir()}
    anonymous = [path for name, path in volumes.items() if name != f"{private.name}_named"]
    assert len(containers) == 1 and len(anonymous) == 1
    removed = du(*containers) + du(*anonymous)
    images = du(private.state / "images")
    pruned = private.compose("system", "prune", "-a", "--volumes", "-f")
    assert re.search(rf"Deleted Containers:\n{private.name}-app-1\n", pruned.stdout)
    assert re.search(rf"Deleted Networks:\n{private.name}_default\n", pruned.stdout)
    assert "untagged: built:1" in pruned.stdout and "Deleted Volumes" in pruned.stdout
    assert [path for path in containers + anonymous if path.exists()] == []
    assert volumes[f"{private.name}_named"].exists()
    freed = removed + images - du(private.state / "images")
    assert f"Total reclaimed space: {size_text(freed)}\n" in pruned.stdout
    rows = df(private)
    assert rows["Images"]["TotalCount"] == 0 and rows["Build Cache"]["TotalCount"] == 0
    assert "Total reclaimed space: 0B" in private.compose("system", "prune", "-a", "--volumes", "-f").stdout


def test_prune_without_all_keeps_names(private):
    """Only images without a name go, and the volumes stay."""
    private.up()
    private.compose("down")
    private.write("Dockerfile", "FROM busybox\nRUN dd if=/dev/zero of=/other bs=1000 count=100\n")
    private.compose("build")
    pruned = private.compose("system", "prune", "-f")
    assert "deleted: sha256:" in pruned.stdout and "untagged" not in pruned.stdout
    assert "built" in private.compose("image", "ls").stdout


def test_prune_asks(private):
    """Without -f it says what would go, and goes on only when the answer is yes."""
    private.compose("build")
    nobody = private.compose("system", "prune", "-a", code=1)
    assert "build cache" in nobody.stderr and "give -f" in nobody.stderr
    assert private.compose("system", "prune", "-a", stdin="n\n", code=1).stdout == ""
    assert "built" in private.compose("image", "ls").stdout
    assert "untagged: built:1" in private.compose("system", "prune", "-a", stdin="y\n").stdout


def test_prune_filters(private):
    """Only what is old enough and has the label."""
    private.compose("build")
    assert "built:1" not in private.compose("system", "prune", "-a", "-f", "--filter", "until=24h").stdout
    assert "Untagged" not in private.compose("image", "prune", "-a", "-f", "--filter", "label=made").stdout
    assert "unknown filter" in private.compose("system", "prune", "-f", "--filter", "colour=blue", code=1).stderr
    assert "Untagged: built:1" in private.compose("image", "prune", "-a", "-f", "--filter", "label!=made").stdout

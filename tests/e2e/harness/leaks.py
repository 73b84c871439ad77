"""What exists on the machine that a test could leave behind, as a set of readable names."""
import os
import pathlib
import re
import subprocess
import time


def _processes():
    found = set()
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue
        if command:  # kernel threads and zombies have none
            found.add(f"process {entry.name}: {command}")
    return found


def _mounts():
    lines = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
    return {f"mount {line.split()[4]}" for line in lines}


def _output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _links():
    return {f"link {name}" for name in re.findall(r"^\d+: ([^:@]+)", _output("ip", "-o", "link"), re.M)}


def _tables():
    return {f"nft {line.strip()}" for line in _output("nft", "list", "tables").splitlines()}


def _cgroups(prefix):
    """Every cgroup below a folder that carries a test's project name."""
    found = set()
    for folder, folders, _ in os.walk("/sys/fs/cgroup"):
        found.update(f"cgroup {folder}/{name}" for name in folders if name.startswith(prefix))
    return found


def _files(folder):
    # os.walk and not rglob, which fails when a directory goes away while it looks.
    return {f"file {top}/{name}" for top, _, names in os.walk(folder) for name in names}


def snapshot(world):
    """Files that many projects share (locks, images, the names of projects) are no leak."""
    state = {f"volume {path.name}" for path in (world.state / "volumes").glob("*")}
    state |= {f"project {path.name}" for path in (world.state / "projects").glob("*")}
    run = {name for name in _files(world.run_dir) if not name.endswith(".lock")}
    return _processes() | _mounts() | _links() | _tables() | _cgroups(world.prefix) | state | run


def leaked(world, before, settle=3, dangling=True):
    """What is there now and was not before. The kernel takes network namespaces and their links apart a little
    later than the last process ends, hence the settling time. `dangling` counts anonymous volumes: `down` without -v
    and the renewal of anonymous volumes leave them behind, as Docker Compose does."""
    deadline = time.monotonic() + settle
    while (left := _counted(world, before, dangling)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return sorted(left)


def _counted(world, before, dangling):
    return {name for name in snapshot(world) - before if dangling or not re.fullmatch("volume [0-9a-f]{64}", name)}

"""The processes that hold a project: its keeper and its supervisor."""
import os
import pathlib

from harness.process import wait_for


def machinery(project):
    """The pids of (keeper, supervisor): our own processes that carry the project's name or its store."""
    keeper = supervisor = None
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            arguments = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            target = os.readlink(entry / "exe")
        except OSError:
            continue
        if project.name not in " ".join(arguments):
            continue
        if "memfd:" in target:
            keeper = int(entry.name)
        elif "supervisor" in arguments:
            supervisor = int(entry.name)
    return keeper, supervisor


def running_machinery(project):
    return wait_for(lambda: all(found := machinery(project)) and found, "keeper and supervisor are running")

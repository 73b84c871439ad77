"""Podman and the Docker Engine of Debian, each with a store of its own, to see what they make of our images and we of
theirs. Both run containers with runc, for crun refuses hosts with cgroup v1 beside v2."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess

from harness.process import wait_for

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"  # what Debian installs, not what else may be on the machine
STOP_SECONDS = 60

CONTAINERS_CONF = """
[containers]
apparmor_profile = "unconfined"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
lock_type = "file"
static_dir = "{folder}/libpod"
tmp_dir = "{folder}/tmp"
volume_path = "{folder}/volumes"
"""
STORAGE_CONF = """
[storage]
driver = "overlay"
graphroot = "{folder}/storage"
runroot = "{folder}/run"
"""


def remove_cgroups(name):
    """A tool's parent groups, which not every tool removes. Returns whether all are gone: a process that has just
    ended keeps its group for a moment."""
    gone = True
    for top, folders, _ in os.walk("/sys/fs/cgroup", topdown=False):
        for folder in folders:
            if name in pathlib.Path(top, folder).parts:
                try:
                    os.rmdir(os.path.join(top, folder))
                except OSError:
                    gone = False
    return gone


class MountNamespace:
    """Where a tool mounts what it wants and keeps what belongs to no store: all of it goes when this is closed."""

    SCRIPT = """
        mount -t tmpfs tmpfs /run && mkdir -p /var/lib/containers && mount -t tmpfs tmpfs /var/lib/containers && echo ready
        read -r end
    """

    def __init__(self):
        self._holder = subprocess.Popen(["unshare", "--mount", "--propagation", "private", "sh", "-c", self.SCRIPT],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._holder.stdout.readline() == b"ready\n"

    @property
    def prefix(self):
        return ["nsenter", "--mount", "--target", str(self._holder.pid)]

    def close(self):
        self._holder.stdin.close()
        self._holder.wait()
        self._holder.stdout.close()


class Peer:
    """A tool with Docker's commands. `command` is how it is called."""

    def __init__(self, name, command, folder, env):
        assert shutil.which(command[0], path=PATH), f"{command[0]} is not installed; run scripts/setup first"
        self.name = name
        self.mounts = MountNamespace()
        self.command = [*self.mounts.prefix, *command]
        self.folder = folder
        self.env = {"PATH": PATH, "HOME": str(folder), **env}
        folder.mkdir()

    def __call__(self, *arguments):
        """What the command prints; it must succeed."""
        done = subprocess.run([*self.command, *map(str, arguments)], env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace", check=False)
        assert done.returncode == 0, f"{self.name} {' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}"
        return done.stdout

    @contextlib.contextmanager
    def container(self, image):
        """The root directory of a running container of the image."""
        name = f"{self.folder.parent.name}-container"
        self("run", "--detach", "--network", "none", "--cgroup-parent", self.cgroup, "--name", name, image)
        try:
            yield pathlib.Path("/proc", self("inspect", "--format", "{{.State.Pid}}", name).strip(), "root")
        finally:
            self("kill", name)
            self("rm", "--force", name)

    def inspect(self, image):
        return json.loads(self("image", "inspect", image))[0]

    def remove_images(self):
        self("image", "prune", "--all", "--force")

    @property
    def cgroup(self):
        return "/" + self.cgroup_name

    @property
    def cgroup_name(self):
        return f"{self.folder.parent.name}-{self.name}"

    def close(self):
        self.mounts.close()
        wait_for(lambda: remove_cgroups(self.cgroup_name), f"{self.name}'s cgroups are gone")
        shutil.rmtree(self.folder)


class Podman(Peer):
    def __init__(self, world):
        folder = world.root / "podman"
        files = {"CONTAINERS_CONF": CONTAINERS_CONF, "CONTAINERS_STORAGE_CONF": STORAGE_CONF}
        super().__init__("podman", ["podman"], folder, {name: str(folder / name) for name in files})
        for name, text in files.items():
            (folder / name).write_text(text.format(folder=folder), encoding="utf-8")

    def push(self, name, *arguments):
        self("push", "--tls-verify=false", *arguments, name)

    def pull(self, name):
        self("pull", "--tls-verify=false", name)

    def build(self, context, name):
        """--layers: each step is a layer of its own, as with the others; else the image would have one more only."""
        self("build", "--layers", "--tls-verify=false", "--network", "none", "--cgroup-parent", self.cgroup + "/build",
             "--tag", name, context)


class DockerEngine(Peer):
    """A daemon without any network of its own, which the tests' world need not have."""

    def __init__(self, world):
        folder = world.root / "docker"
        socket = f"unix://{folder}/socket"
        super().__init__("docker", ["docker", "--host", socket], folder, {"DOCKER_BUILDKIT": "0"})
        (folder / "config").write_text("{}")
        self._log = open(folder / "log", "w", encoding="utf-8")
        self._daemon = subprocess.Popen(
            [*self.mounts.prefix, "dockerd", "--host", socket, "--data-root", folder / "data", "--exec-root", folder / "exec",
             "--pidfile", folder / "pid", "--config-file", folder / "config", "--cgroup-parent", self.cgroup,
             "--bridge", "none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"],
            env=self.env, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, start_new_session=True)
        wait_for(self._answers, "dockerd answers")

    def _answers(self):
        assert self._daemon.poll() is None, f"dockerd did not start:\n{(self.folder / 'log').read_text()}"
        return subprocess.run([*self.command, "info"], env=self.env, capture_output=True, check=False).returncode == 0

    def push(self, name):
        self("push", name)

    def pull(self, name):
        self("pull", name)

    def build(self, context, name):
        self("build", "--network", "none", "--cgroup-parent", self.cgroup + "/build", "--tag", name, context)

    def close(self):
        self._daemon.terminate()
        self._daemon.wait(STOP_SECONDS)
        self._log.close()
        super().close()

"""Podman as it builds and pulls by itself: for the workloads that need no Compose file. Its store is its own, so that
the user's is not touched and it lies where those of the other tools do."""
import shutil
import subprocess

from tool import Tool

IMAGE = "bench-built"
SETTINGS = """[engine]
runtime = "{runtime}"
cgroup_manager = "cgroupfs"
events_logger = "none"
lock_type = "file"
static_dir = "{store}/libpod"
tmp_dir = "{store}/tmp"
"""


class Podman(Tool):
    """The steps of its builds are in the host's network, which costs it less than one of their own."""

    def __init__(self, name, folder, archives):
        self.store = folder / f"{name}-store"
        self.store.mkdir()
        settings = self.store / "containers.conf"
        # crun, its first choice, refuses hosts with cgroup v1 beside v2.
        runtime = "runc" if shutil.which("runc") else "crun"
        settings.write_text(SETTINGS.format(store=self.store, runtime=runtime))
        command = ["podman", "--root", str(self.store / "storage"), "--runroot", str(self.store / "run"),
                   "--storage-driver", "overlay"]
        super().__init__(name, command, folder, {"CONTAINERS_CONF": str(settings)})
        for archive in archives:
            self.run("load", "--input", archive)

    def can(self, workload):
        return workload.images_only

    def build(self, folder, *flags):
        return self.run("build", "--network", "host", "--tag", IMAGE, *flags, folder)

    def remove_built(self):
        self.run("rmi", IMAGE)
        self.run("image", "prune", "--force")

    def pull(self, image):
        return self.run("pull", "--tls-verify=false", image)

    def remove_pulled(self, image):
        self.run("rmi", image)

    def clean(self):
        pass

    def close(self):
        """It leaves a mount on its store."""
        subprocess.run(["umount", self.store / "storage/overlay"], stderr=subprocess.DEVNULL, check=False)

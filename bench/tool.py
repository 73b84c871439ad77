"""One implementation under measurement: how it is called, and what its machinery weighs."""
import os
import pathlib
import re
import select
import signal
import subprocess
import tempfile
import time

TIMEOUT = 300

# The processes that serve containers, by the name the kernel shows; the containers themselves do not count.
MACHINERY = {
    "compose": re.compile(r"^(compose|keeper|compose-.*|memfd:.*)$"),
    "docker": re.compile(r"^(dockerd|docker-proxy|containerd.*)$"),
    "podman-compose": re.compile(r"^(conmon|podman|netavark|aardvark-dns|rootlessport.*|pasta.*|slirp4netns)$"),
}


class ToolError(Exception):
    pass


def call(command, *, stdout=subprocess.DEVNULL, **options):
    """Runs a command in a session of its own, which ends with it whatever happens to us. Returns (code, stderr).
    It is waited for by descriptor: Popen.wait(timeout) sleeps between its looks, half of what a small command takes."""
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=errors,
                                   start_new_session=True, **options)
        try:
            wait_for_end(process)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        errors.seek(0)
        return process.returncode, errors.read()


def wait_for_end(process):
    fd = os.pidfd_open(process.pid)
    try:
        if not select.select([fd], [], [], TIMEOUT)[0]:
            raise subprocess.TimeoutExpired(process.args, TIMEOUT)
    finally:
        os.close(fd)
    process.wait()


class Tool:
    def __init__(self, name, command, folder, env):
        self.name = name
        self.command = command
        self.dir = folder / name
        self.dir.mkdir()
        self.project = f"bench-{os.getpid()}-{name}"
        self.env = {**os.environ, **env, "COMPOSE_PROJECT_NAME": self.project}
        self.failures = {}

    def failed(self, workload):
        return workload in self.failures

    def fail(self, workload, error):
        self.failures[workload] = str(error)

    def file(self, text):
        (self.dir / "compose.yaml").write_text(text)

    def run(self, *arguments, stdout=subprocess.DEVNULL):
        """Runs the tool in its folder. Returns the seconds it took."""
        started = time.perf_counter()
        code, errors = call([*self.command, *arguments], cwd=self.dir, env=self.env, stdout=stdout)
        seconds = time.perf_counter() - started
        if code:
            raise ToolError(f"{' '.join(arguments)} ended with {code}: {errors.strip()[-300:]}")
        return seconds

    def can(self, workload):
        """Whether it has what the workload needs."""
        return True

    def build(self, folder, *flags):
        """Builds the image of a context, a folder below its own. Returns the seconds it took."""
        self.file(f"services: {{app: {{build: ./{folder}}}}}\n")
        return self.run("build", *flags)

    def remove_built(self):
        self.run("down", "--rmi", "local")

    def pull(self, image):
        self.file(f"services: {{a: {{image: '{image}'}}}}\n")
        return self.run("pull")

    def remove_pulled(self, image):
        self.file(f"services: {{a: {{image: '{image}'}}}}\n")
        self.run("down", "--rmi", "all")

    def close(self):
        """After the last workload."""

    def clean(self):
        if (self.dir / "compose.yaml").exists():
            call([*self.command, "down", "-v", "-t", "0"], cwd=self.dir, env=self.env)

    def machinery_mib(self):
        """PSS of its processes, which shares shared pages fairly."""
        total = 0
        pattern = MACHINERY.get(self.name, MACHINERY["docker"])
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if not pattern.match((entry / "comm").read_text().strip()):
                    continue
                if self.name == "compose" and not self._is_ours(entry):
                    continue
                rollup = (entry / "smaps_rollup").read_text()
                total += int(re.search(r"^Pss: +(\d+) kB", rollup, re.M).group(1))
            except (OSError, AttributeError):
                continue
        return total / 1024

    def _is_ours(self, entry):
        return self.project.encode() in (entry / "cmdline").read_bytes()

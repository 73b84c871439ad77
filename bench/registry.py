"""A registry on loopback with one large image in it, made and pushed by the first tool that is measured."""
import atexit
import pathlib
import random
import shutil
import socket
import subprocess
import tempfile
import time

from tool import call

LAYERS = 6
LAYER_BYTES = 50_000_000


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write_layers(folder):
    """Hexadecimal digits of random bytes: about as much smaller by gzip as programs are."""
    for number in range(LAYERS):
        data = random.Random(number).randbytes(LAYER_BYTES // 2).hex()
        for part in range(10):
            path = folder / f"layer{number}/file{part}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(data[part * LAYER_BYTES // 10:(part + 1) * LAYER_BYTES // 10])
    (folder / "Dockerfile").write_text(
        "FROM scratch\n" + "".join(f"COPY layer{number} /layer{number}\n" for number in range(LAYERS)))


class Registry:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="compose-bench-registry-", dir="/dev/shm"))
        atexit.register(self.close)
        self.port = free_port()
        config = self.folder / "config.yml"
        config.write_text(f"version: 0.1\nlog: {{level: error}}\nhttp: {{addr: '127.0.0.1:{self.port}'}}\n"
                          f"storage: {{filesystem: {{rootdirectory: {self.folder / 'data'}}}}}\n")
        self.process = subprocess.Popen(["docker-registry", "serve", config], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    break
            if self.process.poll() is not None:
                raise RuntimeError("docker-registry ended")
            time.sleep(0.05)

    @property
    def image(self):
        return f"127.0.0.1:{self.port}/large:1"

    def fill(self, tool):
        """With a store of its own, so that what is pulled is not there before."""
        folder = self.folder / "context"
        write_layers(folder)
        (folder / "compose.yaml").write_text(f"services: {{large: {{build: ., image: '{self.image}'}}}}\n")
        env = {**tool.env, "COMPOSE_STATE_DIR": str(self.folder / "state")}
        for verb in ("build", "push"):
            code, errors = call([*tool.command, verb], cwd=folder, env=env)
            if code:
                raise RuntimeError(f"{verb}: {errors.strip()[-300:]}")
        shutil.rmtree(self.folder / "state")
        shutil.rmtree(folder)

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

"""The machine as the tests see it: the program, its store, and a registry that stands for docker.io."""
import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[3]
BINARY = pathlib.Path(os.environ.get("COMPOSE_PROGRAM", TOP / "build/release/compose"))
REGISTRY = TOP / "scripts/images/registry"
KEPT = ("PATH", "LANG", "ASAN_OPTIONS", "UBSAN_OPTIONS")


class World:
    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="compose-e2e-", dir="/dev/shm"))
        self.prefix = "t" + self.root.name[-6:].lower().replace("_", "x")
        self.state, self.run_dir = self.root / "state", self.root / "run"
        self.peer = bool(os.environ.get("COMPOSE_BINARY"))
        self.binary = shlex.split(os.environ["COMPOSE_BINARY"]) if self.peer else [str(BINARY)]
        (self.root / "home").mkdir()
        self.env = {key: os.environ[key] for key in KEPT if key in os.environ}
        self.env["HOME"] = str(self.root / "home")
        if not self.peer:
            self._check()
            registry = subprocess.run([REGISTRY, "start", self.root / "registry"], capture_output=True, text=True)
            assert registry.returncode == 0, registry.stderr
            self.registries_config = pathlib.Path(registry.stdout.strip())
            self.env |= {"COMPOSE_STATE_DIR": str(self.state), "COMPOSE_RUN_DIR": str(self.run_dir),
                         "COMPOSE_REGISTRIES_CONFIG": str(self.registries_config)}

    def _check(self):
        assert os.environ.get("COMPOSE_E2E_WORLD"), "run these tests with tests/e2e/run, which gives them a world of their own"
        assert BINARY.exists(), f"{BINARY} is missing; run 'make' first"

    @property
    def registry(self):
        """HOST:PORT of the registry."""
        text = self.registries_config.read_text()
        return text.split("http://")[1].split('"')[0]

    def close(self):
        if not self.peer:
            subprocess.run([REGISTRY, "stop", self.root / "registry"], check=True)
        shutil.rmtree(self.root, ignore_errors=True)

"""Mistakes and broken worlds: each is answered with a sentence that names the thing, and nothing is half-made."""
import hashlib
import http.server
import json
import os
import re
import subprocess
import threading

import pytest

pytestmark = pytest.mark.ours

SERVICE = "services: {a: {image: alpine, init: true, command: sleep infinity}}"
TRACE = re.compile(r"terminate called|core dumped|std::|Traceback|AddressSanitizer|\.cpp:\d+")


def refused(project, *arguments, says, code=1, **options):
    """The command fails with `code`, says each of `says`, and shows no trace of the program's inside."""
    result = project.compose(*arguments, code=None, **options)
    assert result.code == code, result
    for text in says:
        assert text in result.stderr, f"missing: {text!r}\n{result}"
    assert not TRACE.search(result.output), result
    return result


def nothing_is_left(project):
    project.write("ok.yaml", SERVICE)
    assert project.compose("-f", "ok.yaml", "ps", "-aq").stdout == ""


@pytest.mark.parametrize("text, says", [
    ("services:\n  a:\n    imgae: alpine\n", ["compose.yaml:3:5", "imgae", "image"]),
    ("services:\n  a:\n    image: [alpine]\n", ["compose.yaml:3:", "image"]),
    ("services:\n  a:\n    image: alpine\n    ports: [\"99999:80\"]\n", ["compose.yaml:4:", "99999"]),
    ("services:\n  a:\n    image: alpine\n    depends_on: [b]\n", ["depends_on", "b"]),
    ("services:\n  a: {image: alpine, depends_on: [b]}\n  b: {image: alpine, depends_on: [a]}\n", ["a", "b", "cycle"]),
    ("services:\n  a:\n    image: alpine\n    volumes: [\"data:/data\"]\n", ["compose.yaml:4:", "data"]),
    ("services:\n  a:\n    image: alpine\n    networks: [gone]\n", ["compose.yaml:4:", "gone"]),
    ("services:\n  a:\n    command: [x]\n", ["a", "image"]),
    ("services: {a: {image: \"${X:?tell me}\"}}\n", ["X", "tell me"]),
    ("services:\n  a: {image: alpine\n", ["compose.yaml:"]),
    ("- just\n- a list\n", ["compose.yaml:1:1"]),
    ("services:\n  a:\n    image: alpine\n    mem_limit: lots\n", ["compose.yaml:4:", "lots"]),
    ("services:\n  a:\n    image: alpine\n    healthcheck: {test: x, interval: soon}\n", ["compose.yaml:4:", "soon"]),
    ("services:\n  a:\n    image: alpine\n    image: other\n", ["compose.yaml:4:5", "image"]),
    ("services:\n  a:\n    image: alpine\nsecrets: [token]\n", ["compose.yaml:4:", "secrets", "mapping"]),
    ("services:\n  a:\n    image: alpine\n    secrets: {token: {file: x}}\n", ["compose.yaml:4:", "secrets"]),
], ids=["unknown-key", "wrong-type", "port", "missing-dependency", "cycle", "undeclared-volume", "undeclared-network",
        "no-image", "required-variable", "yaml", "not-a-mapping", "size", "duration", "duplicate-key", "secrets-list", "secrets-mapping"])
def test_wrong_file(project, text, says):
    """GAP-01, GAP-14, CFG-08, CFG-17, VOL-15"""
    (project.dir / "compose.yaml").write_text(text)
    refused(project, "up", "-d", says=says)
    nothing_is_left(project)


def test_every_error_at_once_with_a_caret(project):
    """GAP-01, GAP-14"""
    (project.dir / "compose.yaml").write_text(
        "services:\n  a:\n    imgae: alpine\n    ports: [\"x:80\"]\n  b:\n    image: alpine\n    restart: sometimes\n")
    result = refused(project, "config", says=["compose.yaml:3:5", "compose.yaml:4:", "compose.yaml:7:"])
    assert "    imgae: alpine" in result.stderr and "^" in result.stderr


def test_file_that_does_not_exist(project):
    """CFG-14"""
    refused(project, "-f", "gone.yaml", "up", "-d", says=["gone.yaml"])


def test_no_file(project):
    """CFG-14"""
    refused(project, "up", "-d", says=["no configuration file provided"])


def test_unknown_flag_verb_and_service(project):
    """OBS-06"""
    project.file(SERVICE)
    refused(project, "up", "--no-such-flag", says=["--no-such-flag"])
    refused(project, "no-such-verb", says=["no-such-verb"])
    refused(project, "up", "-d", "aa", says=["no such service: aa"])
    refused(project, "-p", "Not Valid", "up", says=["Not Valid"])
    nothing_is_left(project)


def test_unknown_image(project):
    """BLD-24"""
    project.file("services: {a: {image: \"no-such-image:9\"}, b: {image: alpine}}")
    refused(project, "up", "-d", says=["no-such-image:9"])
    nothing_is_left(project)


def test_dead_registry(project):
    """GAP-10"""
    project.write("registries.json", json.dumps({"insecure": ["127.0.0.1:9"]}))
    project.file("services: {a: {image: \"127.0.0.1:9/some/image:1\"}}")
    refused(project, "up", "-d", says=["127.0.0.1:9"], timeout=60,
            env={"COMPOSE_REGISTRIES_CONFIG": str(project.dir / "registries.json")})
    nothing_is_left(project)


def test_broken_registries_configuration(project):
    """GAP-10"""
    project.write("registries.json", "{not json")
    project.file("services: {a: {image: \"never-pulled:1\"}}")
    refused(project, "pull", says=["registries.json"],
            env={"COMPOSE_REGISTRIES_CONFIG": str(project.dir / "registries.json")})


class LyingRegistry(http.server.BaseHTTPRequestHandler):
    """Serves a manifest whose layer is not what its digest says."""

    protocol_version = "HTTP/1.1"

    @staticmethod
    def blobs():
        layer = b"this is not the layer that was promised"
        config = json.dumps({"architecture": os.uname().machine.replace("x86_64", "amd64"), "os": "linux", "config": {},
                             "rootfs": {"type": "layers", "diff_ids": ["sha256:" + "0" * 64]}}).encode()
        manifest = json.dumps({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "size": len(config),
                       "digest": "sha256:" + hashlib.sha256(config).hexdigest()},
            "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "size": len(layer),
                        "digest": "sha256:" + "1" * 64}]}).encode()
        return manifest, config, layer

    def do_GET(self):
        manifest, config, layer = self.blobs()
        kind = "application/octet-stream"
        if "/manifests/" in self.path:
            body, kind = manifest, "application/vnd.oci.image.manifest.v1+json"
        elif self.path.endswith("1" * 64):
            body = layer
        else:
            body = config if "/blobs/" in self.path else b"{}"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if "/manifests/" in self.path:
            self.send_header("Docker-Content-Digest", "sha256:" + hashlib.sha256(manifest).hexdigest())
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, format, *args):
        pass


def test_wrong_digest(project):
    """GAP-10"""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), LyingRegistry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"127.0.0.1:{server.server_port}"
        project.write("registries.json", json.dumps({"insecure": [address]}))
        project.file(f"services: {{a: {{image: \"{address}/lying/image:1\"}}}}")
        refused(project, "up", "-d", says=["digest", "lying/image"],
                env={"COMPOSE_REGISTRIES_CONFIG": str(project.dir / "registries.json")})
    finally:
        server.shutdown()
        server.server_close()
    nothing_is_left(project)


@pytest.fixture
def tiny_disk(project):
    """A store on a file system of 512 KiB."""
    disk = project.dir / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk], check=True)
    yield {"COMPOSE_STATE_DIR": str(disk / "state"), "COMPOSE_RUN_DIR": str(project.dir / "run")}
    subprocess.run(["umount", disk], check=True)


def test_full_disk(project, tiny_disk):
    """GAP-11"""
    project.file(SERVICE)
    refused(project, "up", "-d", says=["No space left"], env=tiny_disk)


def test_state_folder_that_cannot_be_written(project):
    """GAP-11"""
    project.file(SERVICE)
    refused(project, "up", "-d", says=["/proc/nowhere"],
            env={"COMPOSE_STATE_DIR": "/proc/nowhere", "COMPOSE_RUN_DIR": str(project.dir / "run")})


def test_busy_port(project):
    """GAP-07"""
    server = http.server.HTTPServer(("127.0.0.1", 0), LyingRegistry)
    try:
        project.file(f"""
            services:
              db: {{image: alpine, init: true, command: sleep infinity}}
              a: {{image: alpine, init: true, command: sleep infinity, ports: ["{server.server_port}:80"]}}
        """)
        refused(project, "up", "-d", says=[str(server.server_port)])
    finally:
        server.server_close()
    nothing_is_left(project)


def test_missing_bind_source(project):
    """VOL-04"""
    project.file("""
        services:
          a:
            image: alpine
            volumes: [{type: bind, source: ./gone, target: /x, bind: {create_host_path: false}}]
    """)
    refused(project, "up", "-d", says=["gone", "does not exist"])


def test_missing_secret_and_environment_file(project):
    """VOL-14, VOL-18"""
    project.file("services: {a: {image: alpine, secrets: [s]}}\nsecrets: {s: {file: ./gone.txt}}")
    refused(project, "up", "-d", says=["gone.txt"])
    project.file("services: {a: {image: alpine, env_file: gone.env}}")
    refused(project, "up", "-d", says=["gone.env"])
    nothing_is_left(project)


@pytest.mark.parametrize("command, code", [("no-such-command", 127), ("/etc/passwd", 126)])
def test_command_that_cannot_run(project, command, code):
    """RUN-14"""
    project.file(f"services: {{a: {{image: alpine, command: {command}}}}}")
    result = refused(project, "up", "-d", says=[command])
    assert "a" in result.stderr
    refused(project, "run", "--rm", "a", says=[command], code=code)
    project.compose("down", "-t", "0")


def test_unknown_user(project):
    """RUN-14"""
    project.file("services: {a: {image: alpine, user: nobody-there, command: \"true\"}}")
    refused(project, "up", "-d", says=["nobody-there"])


def test_without_permission(project):
    """GAP-11"""
    project.file(SERVICE)
    project.dir.chmod(0o755)
    for folder in (project.world.root, project.world.root / "projects"):
        folder.chmod(0o755)
    binary = project.world.binary[0]
    result = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", binary, "up", "-d"], cwd=project.dir,
        env={**project.env, "HOME": "/nonexistent"}, capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode == 1, result
    assert re.search("ermission|root", result.stderr) and not TRACE.search(result.stderr)


def test_unsupported_attribute_is_refused_at_its_line(project):
    """GAP-01"""
    project.file("""
        services:
          a:
            image: alpine
            cpu_rt_period: 1000
    """)
    refused(project, "up", "-d", says=["compose.yaml:4:", "cpu_rt_period"])


def test_subnet_that_is_taken(project, make_project):
    """GAP-08"""
    other = make_project("-holder")
    text = SERVICE + "\nnetworks: {default: {ipam: {config: [{subnet: 172.31.66.0/24}]}}}\n"
    other.file(text)
    other.up()
    project.file(text)
    refused(project, "up", "-d", says=["172.31.66.0/24"])

"""An ssh server on loopback that lets one key in, and a client's configuration that knows it as the host `forge`."""
import os
import pathlib
import re
import shutil
import socket
import subprocess

from harness.process import Background


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_key(path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", path.name, "-f", path], check=True)
    return path


class Sshd:
    SEPARATION = pathlib.Path("/run/sshd") # the server asks for it

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.port = free_port()
        self.key, host = make_key(self.folder / "key"), make_key(self.folder / "host")
        (self.folder / "known").write_text(f"[127.0.0.1]:{self.port} {host.with_suffix('.pub').read_text()}")
        (self.folder / "config").write_text(f"""
            Host forge
              HostName 127.0.0.1
              Port {self.port}
              User root
              IdentityFile {self.key}
              IdentitiesOnly yes
              UserKnownHostsFile {self.folder / "known"}
        """)
        (self.folder / "server").write_text(f"""
            ListenAddress 127.0.0.1
            Port {self.port}
            HostKey {host}
            AuthorizedKeysFile {self.key}.pub
            PidFile none
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            PermitRootLogin yes
            UseDNS no
        """)
        self.made = not self.SEPARATION.exists()
        self.SEPARATION.mkdir(mode=0o755, exist_ok=True)
        program = shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin")
        self.process = Background([program, "-D", "-e", "-f", self.folder / "server"], cwd=self.folder, env=dict(os.environ))
        self.process.wait_for("Server listening", "stderr")
        # For git: as a user's own ~/.ssh/config, which ssh looks for in the password file's home.
        self.env = {"GIT_SSH_COMMAND": f"ssh -F {self.folder / 'config'}"}

    @property
    def logins(self):
        return len(re.findall("Accepted publickey", self.process.stderr))

    def close(self):
        self.process.close()
        if self.made:
            self.SEPARATION.rmdir()

"""PID 1 of the tests' namespaces: readies the network, runs the given command, reaps orphans, passes its code on."""
import os
import subprocess
import sys
import tempfile

RESOLVER = "127.0.0.54"  # where harness.upstream answers


def ready_network():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.NamedTemporaryFile("w", prefix="compose-e2e-resolv.", dir="/dev/shm", delete=False) as file:
        file.write(f"nameserver {RESOLVER}\n")
    subprocess.run(["mount", "--bind", file.name, "/etc/resolv.conf"], check=True)
    os.unlink(file.name)


def main():
    ready_network()
    child = subprocess.Popen(sys.argv[1:], env={**os.environ, "COMPOSE_E2E_WORLD": "1"})
    while True:
        pid, status = os.wait()
        if pid == child.pid:
            return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    code = main()
    os._exit(code if code >= 0 else 128 - code)

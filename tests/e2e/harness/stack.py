"""One project with many services, each of which shows one thing: quick, for they start together."""
import json
import pathlib

UNIFIED = pathlib.Path("/sys/fs/cgroup/cgroup.controllers").exists()


def up_all(project, services, extra="", **options):
    """services: name to its attributes in flow style; all sleep."""
    lines = [f"  {name}: {{image: alpine, init: true, command: sleep infinity{', ' + text if text else ''}}}"
             for name, text in services.items()]
    project.file("services:\n" + "\n".join(lines) + "\n" + extra)
    return project.up(**options)


def limit(v1, v2=None):
    """A script that prints a limit as the container's own cgroup has it. v2 is None where there is no such limit."""
    if not UNIFIED:
        return f"cat /sys/fs/cgroup/{v1}"
    return f"cat /sys/fs/cgroup/{v2}"


def differences(project, expected):
    """What is not as expected, of (service, script) to output."""
    found = {}
    for (service, script), output in expected.items():
        done = project.compose("exec", "-T", service, "sh", "-c", script, code=None)
        text = (done.stdout + (done.stderr if done.code else "")).strip()
        if text != output:
            found[service, script] = text
    return found


def record(project, service, name="container.json"):
    """A container's record on disk."""
    folder = project.world.state / "projects" / project.name / "containers"
    path, = folder.glob(project.id(service) + "*")
    return json.loads((path / name).read_text())

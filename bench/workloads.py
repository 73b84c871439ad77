"""What is measured. A workload gets a tool, makes the situation, and returns one number."""
import time

from registry import Registry
from tool import ToolError

SLEEP = "{image: alpine, init: true, command: sleep infinity%s}"
LINES = 1_000_000
LINE = "x" * 99


class Workload:
    """`images_only`: it builds or pulls and runs nothing, so that tools without Compose files can do it too."""

    def __init__(self, name, run, unit="s", rounds=99, images_only=False):
        self.images_only = images_only
        self.name = name
        self.run = run
        self.unit = unit
        self.rounds = rounds


def services(count, extra=lambda number: ""):
    return "services:\n" + "".join(f"  s{n}: {SLEEP % extra(n)}\n" for n in range(count))


def up(count):
    def run(tool):
        tool.file(services(count))
        return tool.run("up", "-d")
    return run


def down(count):
    def run(tool):
        tool.file(services(count))
        tool.run("up", "-d")
        return tool.run("down")
    return run


def chain(tool):
    tool.file(services(20, lambda n: f", depends_on: [s{n - 1}]" if n else ""))
    return tool.run("up", "-d")


def healthy_levels(tool):
    """Three levels: four services, three that wait for the first level, three that wait for the second."""
    def extra(number):
        check = ', healthcheck: {test: "true", interval: 1s}'
        level = 0 if number < 4 else 1 if number < 7 else 2
        before = {0: [], 1: range(4), 2: range(4, 7)}[level]
        gates = ", ".join(f"s{n}: {{condition: service_healthy}}" for n in before)
        return check + (f", depends_on: {{{gates}}}" if gates else "")
    tool.file(services(10, extra))
    return tool.run("up", "-d", "--wait")


def on_ten(*arguments, repeat=5):
    """The mean of several calls on a project of ten running services."""
    def run(tool):
        tool.file(services(10))
        tool.run("up", "-d")
        return sum(tool.run(*arguments) for _ in range(repeat)) / repeat
    return run


def config(count):
    """The mean of several calls; a service as large files have them."""
    def extra(number):
        return (f", environment: {{NUMBER: \"{number}\", URL: \"http://${{HOST:-localhost}}:{8000 + number}/\"}}"
                f", ports: [\"{8000 + number}:80\"], volumes: [\"data{number}:/data\", \"./src:/src:ro\"]"
                ", healthcheck: {test: [CMD, \"true\"], interval: 10s}, restart: unless-stopped"
                + (f", depends_on: [s{number - 1}]" if number else ""))

    def run(tool):
        tool.file(services(count, extra) + "volumes:\n" + "".join(f"  data{n}:\n" for n in range(count)))
        return sum(tool.run("config") for _ in range(5)) / 5
    return run


def memory(count):
    def run(tool):
        tool.file(services(count))
        tool.run("up", "-d")
        return tool.machinery_mib()
    return run


def write_logs(tool):
    """Seconds from `up` until the container has written everything; it says so with a file on the host."""
    out = tool.dir / "out"
    out.mkdir(exist_ok=True)
    (out / "done").unlink(missing_ok=True)
    script = f"yes {LINE} | head -n {LINES}; touch /out/done; exec sleep infinity"
    tool.file(f"services:\n  writer:\n    image: alpine\n    init: true\n    command: sh -c '{script}'\n"
              "    volumes: [\"./out:/out\"]\n")
    started = time.perf_counter()
    tool.run("up", "-d")
    while not (out / "done").exists():
        if time.perf_counter() - started > 120:
            raise ToolError("the lines were not written within two minutes")
        time.sleep(0.002)
    return time.perf_counter() - started


def read_logs(tool):
    write_logs(tool)
    path = tool.dir / "read"
    with open(path, "wb") as out:
        seconds = tool.run("logs", "--no-log-prefix", stdout=out)
    if path.stat().st_size < LINES * 100:
        raise ToolError("lines are missing from the logs")
    path.unlink()
    return seconds


DOCKERFILE = """FROM python:3.11-slim
RUN echo one > /one
RUN mkdir /srv/app && echo two > /srv/app/two
RUN cp -r /usr/lib/python3.11 /srv/library
COPY . /srv/app
CMD ["sleep", "infinity"]
"""


def write_context(folder, files, size):
    """That many files of that many bytes, once; what is in them makes no difference to anybody."""
    for number in range(files):
        path = folder / f"dir{number // 100}/file{number}"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"%d\n" % number * (size // len(b"%d\n" % number)))
    (folder / "Dockerfile").write_text(DOCKERFILE)


def build(*flags, before=lambda folder, number: None, repeat=5, files=200, size=2000, name="context"):
    """The mean of several builds of a service that has been built once; `before` each of them something changes."""
    def run(tool):
        folder = tool.dir / name
        write_context(folder, files, size)
        tool.build(name)
        total = 0
        for number in range(repeat):
            before(folder, number)
            total += tool.build(name, *flags)
        tool.remove_built()
        return total / repeat
    return run


def change_a_file(folder, number):
    (folder / "dir0/file0").write_text(f"{time.time_ns()} {number}\n")


class Pull:
    """An image of 300 MB in six layers. The first tool, which is compose, fills the registry."""

    def __init__(self):
        self.registry = None

    def __call__(self, tool):
        if self.registry is None:
            self.registry = Registry()
            self.registry.fill(tool)
        seconds = tool.pull(self.registry.image)
        tool.remove_pulled(self.registry.image)
        return seconds


WORKLOADS = [
    *(Workload(f"up -d, {n} services", up(n)) for n in (1, 10, 50)),
    *(Workload(f"down, {n} services", down(n)) for n in (1, 10, 50)),
    Workload("up -d, chain of 20 depends_on", chain),
    Workload("up, 10 services, 3 healthy levels", healthy_levels),
    Workload("ps", on_ten("ps")),
    Workload("exec true", on_ten("exec", "-T", "s0", "true")),
    Workload("config, 1 service", config(1)),
    Workload("config, 200 services", config(200)),
    Workload("up -d, nothing to do", on_ten("up", "-d")),
    Workload("build, nothing to do", build(), images_only=True),
    Workload("build, a changed file of COPY", build(before=change_a_file), images_only=True),
    Workload("build --no-cache", build("--no-cache", repeat=1), images_only=True),
    Workload("build, nothing to do, 1 GB context", build(files=10_000, size=100_000, name="large"), rounds=1, images_only=True),
    Workload("pull, 300 MB in 6 layers", Pull(), images_only=True),
    Workload("logs written, 1e6 x 100 bytes", write_logs, rounds=1),
    Workload("logs read back", read_logs, rounds=1),
    Workload("machinery, 10 containers", memory(10), "MiB", rounds=1),
    Workload("machinery, 50 containers", memory(50), "MiB", rounds=1),
]

"""compose build, and what `up` and `run` build: with the real kernel, from the images of the registry."""
import json
import os
import pathlib
import re
import signal
import subprocess

import pytest

from harness.process import wait_for

pytestmark = pytest.mark.ours


def images(project):
    """Id by name of the images in the store."""
    out = project.compose("image", "ls", "--format", "json").stdout
    rows = [json.loads(line) for line in out.splitlines()]
    return {f"{row['Repository']}:{row['Tag']}": row["ID"] for row in rows}


def build_cgroups():
    # os.walk and not rglob, which fails when a group goes away while it looks.
    return [pathlib.Path(top) / name for top, folders, _ in os.walk("/sys/fs/cgroup") if top.endswith("/.build")
            for name in folders]


def has_processes(cgroup):
    try:
        return (cgroup / "cgroup.procs").read_text().strip() != ""
    except OSError:  # it has just gone away
        return False


def build_processes():
    return [path for path in build_cgroups() if has_processes(path)]


def wait_for_cgroups_to_go():
    """Steps of builds in other worlds on this machine have some, too, and end; what is left behind stays."""
    found = build_cgroups()
    wait_for(lambda: not any(path.exists() for path in found), f"these are gone: {found}")


def left_by_builds(project):
    """What builds must not leave: the leak check of every test sees processes, mounts, links and tables."""
    kept = project.world.state / "images/build"
    state = [str(path) for name in ("running", "steps") if (kept / name).exists() for path in (kept / name).iterdir()]
    layers = project.world.state / "images/layers"
    wait_for_cgroups_to_go()
    return state + [str(path) for path in layers.glob(".*")]


@pytest.fixture
def app(project):
    """A service built from a directory: one step that copies, one that runs."""
    project.write("Dockerfile", """
        FROM busybox
        WORKDIR /srv
        COPY . .
        RUN echo building && wc -c < text > size
        CMD ["sleep", "infinity"]
    """)
    project.write("text", "12345\n")
    project.file("services: {app: {build: ., init: true}}")
    yield project
    assert left_by_builds(project) == []


def test_build_and_run(app):
    """BLD-01, UI-01"""
    built = app.compose("build")
    assert has_run(built) and "RUN echo building" in built.stderr
    assert f"Image {app.name}-app  Built" in built.stderr
    assert f"{app.name}-app:latest" in images(app)
    app.up()
    assert app.sh("app", "cat size").strip() == "6"


def has_run(result):
    """Whether the step wrote "building", besides being named."""
    return re.search(r"^#\d+ [\d.]+ building$", result.stderr, re.MULTILINE) is not None


def test_nothing_is_run_twice(app):
    """UI-02, UI-03"""
    app.up()
    first = app.ids()
    assert not has_run(app.up())
    again = app.up("--build")
    assert "CACHED" in again.stderr and not has_run(again)
    assert app.ids() == first
    assert has_run(app.compose("build", "--no-cache"))


def test_a_changed_file_recreates_only_its_service(app):
    """UI-04"""
    app.file("services: {app: {build: ., init: true}, db: {image: busybox, init: true, command: sleep infinity}}")
    app.up()
    before = app.ids()
    app.write("text", "123\n")
    assert has_run(app.up("--build"))
    assert app.ids()["db-1"] == before["db-1"] and app.ids()["app-1"] != before["app-1"]
    assert app.sh("app", "cat size").strip() == "4"


def test_a_touched_file_changes_nothing_and_its_mode_does(app):
    """What counts is what BuildKit's cache counts."""
    app.compose("build")
    before = images(app)
    os.utime(app.dir / "text", (1, 1))
    app.compose("build")
    assert images(app) == before
    (app.dir / "text").chmod(0o600)
    app.compose("build")
    assert images(app) != before


def test_a_failing_command(app):
    """BLD-13"""
    app.write("Dockerfile", "FROM busybox\nRUN echo before && \\\n    exit 3\n")
    failed = app.compose("build", code=1)
    assert "before" in failed.stderr and "exit code 3" in failed.stderr
    assert "Dockerfile:2:1" in failed.stderr and "RUN echo before" in failed.stderr
    assert failed.stderr.count("before") >= 2, "the output is shown again at the end"
    app.write("Dockerfile", "FROM busybox\nRUN no-such-command\n")
    assert "exit code 127" in app.compose("build", code=1).stderr
    assert "Dockerfile:2:1" in app.up(code=1).stderr
    assert app.ids() == {}


def test_a_wrong_dockerfile(app):
    """Every error at once, with its place."""
    app.write("Dockerfile", "FROM busybox\nCOPPY a b\nEXPOSE eighty\n")
    failed = app.compose("build", code=1)
    assert "Dockerfile:2:1" in failed.stderr and "COPY" in failed.stderr
    assert "Dockerfile:2:1" in app.compose("build", "--check", code=1).stderr


def test_checks(app):
    """What a variable comes to is known from the base image, of the store or of a registry, without its layers."""
    base = f"{app.world.registry}/{app.name}-base:1"
    app.write("Dockerfile", "FROM busybox\nENV THEIRS=1\n")
    app.file(f"services: {{app: {{build: ., image: \"{base}\"}}}}")
    app.compose("build", "--push")
    app.write("Dockerfile", f"FROM {base}\nENV A=$THEIRS/$PATH B=$THIERS\nWORKDIR x\n")
    app.file("services: {app: {build: .}}")
    in_store = app.compose("build", "--check")
    assert "Dockerfile:2:23" in in_store.stderr and "(UndefinedVar)" in in_store.stderr and "THEIRS" in in_store.stderr
    assert in_store.stderr.count("(UndefinedVar)") == 1 and "(WorkdirRelativePath)" in in_store.stderr
    app.compose("image", "rm", base)
    assert app.compose("build", "--check").stderr == in_store.stderr
    assert base not in images(app)
    app.write("Dockerfile", "FROM 127.0.0.1:1/none\nENV A=$THEIRS\n")
    assert "(UndefinedVar)" not in (unknown := app.compose("build", "--check").stderr)
    assert "Dockerfile:1:6" in unknown and "variables of this stage are not checked" in unknown


def test_a_missing_dockerfile(app):
    """BLD-14"""
    (app.dir / "Dockerfile").unlink()
    assert str(app.dir / "Dockerfile") in app.compose("build", code=1).stderr
    app.file("services: {app: {build: {context: ., dockerfile: other/File}}}")
    assert str(app.dir / "other/File") in app.compose("build", code=1).stderr
    app.file("services: {app: {build: {context: ./nowhere}}}")
    assert str(app.dir / "nowhere") in app.compose("build", code=1).stderr


def test_images_that_are_not_there(project):
    """All base images are fetched at once; one that can't be had is told at the FROM that names it."""
    project.file("""
        services:
          app:
            build:
              dockerfile_inline: |
                FROM busybox AS one
                FROM alpine AS two
                FROM library/none-such AS three
                FROM busybox
                COPY --from=one /bin/busybox /1
                COPY --from=two /bin/busybox /2
                COPY --from=three /x /3
    """)
    own = {"COMPOSE_STATE_DIR": str(project.dir / "state")}
    failed = project.compose("build", code=1, env=own).stderr
    assert "dockerfile_inline:3:6: error:" in failed and "none-such" in failed
    pulls = dict(re.findall(r"^#(\d+) \[app internal\] pull (\S+):latest$", failed, re.MULTILINE))
    ends = dict(re.findall(r"^#(\d+) (DONE|ERROR)", failed, re.MULTILINE))
    assert {name: ends[number] for number, name in pulls.items()} == {
        "busybox": "DONE", "alpine": "DONE", "none-such": "ERROR"}, failed


def test_what_dockerignore_leaves_out(app):
    app.write(".dockerignore", "*\n!text\n")
    app.write("secret", "not for the image")
    app.compose("build")
    app.up()
    assert app.sh("app", "ls -A").split() == ["size", "text"]
    app.write("secret", "changed")
    assert not has_run(app.compose("build"))


def test_stages(project):
    project.file("services: {app: {build: {dockerfile_inline: \"FROM busybox AS tool\\nRUN echo t > /t\\nFROM busybox AS"
                 " broken\\nRUN false\\nFROM busybox\\nCOPY --from=tool /t /from/t\\nCMD cat /from/t\\n\"}}}")
    assert "t\n" in project.compose("up", "--no-log-prefix").stdout
    assert left_by_builds(project) == []


def test_target_args_labels_and_tags(project):
    """BLD-02, BLD-03, BLD-04"""
    project.write("Dockerfile", """
        FROM busybox AS one
        ARG A=default
        ARG B
        ENV A=$A B=$B
        CMD echo a=$A b=$B
        FROM busybox
        RUN false
    """)
    project.file(f"""
        services:
          app:
            build:
              context: .
              target: one
              args: {{A: file}}
              labels: ["l=1"]
              tags: ["{project.name}/other:7"]
    """)
    project.compose("build", "--build-arg", "B", env={"B": "environment"})
    assert "a=file b=environment" in project.compose("up", "--no-log-prefix").stdout
    project.compose("build", "--build-arg", "A=flag")
    assert "a=flag b=" in project.compose("up", "--no-log-prefix").stdout
    labels = json.loads(project.compose("image", "inspect", f"{project.name}-app").stdout)[0]["Config"]["Labels"]
    assert labels == {"l": "1", "com.docker.compose.project": project.name, "com.docker.compose.service": "app"}
    named = images(project)
    assert named[f"{project.name}/other:7"] == named[f"{project.name}-app:latest"]


def test_secrets(project):
    """BLD-05"""
    project.write("file_secret", "kept in a file")
    project.write("Dockerfile", """
        FROM busybox
        RUN --mount=type=secret,id=one cat /run/secrets/one > /seen
        RUN --mount=type=secret,id=two,env=TWO echo "$TWO" >> /seen
        CMD cat /seen
    """)
    project.file("""
        services: {app: {build: {context: ., secrets: [one, {source: second, target: two}]}}}
        secrets: {one: {file: ./file_secret}, second: {environment: SECOND}}
    """)
    project.compose("build", env={"SECOND": " and a variable"})
    out = project.compose("up", "--no-log-prefix", env={"SECOND": "changed"}).stdout
    assert "kept in a file and a variable" in out
    layers = project.world.state / "images/layers"
    found = subprocess.run(["grep", "-rl", "--exclude=seen", "kept in a file", layers], capture_output=True, text=True)
    assert found.stdout == "" and found.returncode == 1, found  # 2 would be a search that failed


ASK_AGENT = """
import os, socket, stat, struct
path = os.environ["SSH_AUTH_SOCK"]
status = os.stat(path)
agent = socket.socket(socket.AF_UNIX)
agent.connect(path)
agent.sendall(struct.pack("!IB", 1, 11))
size, kind, count = struct.unpack("!IBI", agent.recv(9, socket.MSG_WAITALL))
print("path", path, "kind", kind, "keys", count, "uid", status.st_uid, "mode", oct(stat.S_IMODE(status.st_mode)))
print("comment", agent.recv(size - 5, socket.MSG_WAITALL).rsplit(b"\\0", 1)[1][1:].decode())
"""


def test_ssh(project):
    """BLD-07: the agent that the caller has, a key file, the flag; as another user; never in the image."""
    key = project.dir / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "of the key", "-f", key], check=True)
    project.write("ask.py", ASK_AGENT)
    project.write("Dockerfile", """
        FROM python:3.11-slim
        COPY ask.py /
        RUN --mount=type=ssh,required python3 /ask.py
        USER nobody
        RUN --mount=type=ssh,id=default,uid=65534,mode=0620,target=/tmp/agent python3 /ask.py
        RUN --mount=type=ssh,id=absent test -z "$SSH_AUTH_SOCK"
    """)
    project.file("services: {app: {build: {context: ., ssh: [default=./key]}}}")
    told = project.compose("build").stderr
    assert "path /run/buildkit/ssh_agent.0 kind 12 keys 1 uid 0 mode 0o600" in told and "comment of the key" in told
    assert "path /tmp/agent kind 12 keys 1 uid 65534 mode 0o620" in told
    assert left_by_builds(project) == []

    project.file("services: {app: {build: {context: ., ssh: [default]}}}")
    assert "there is none" in project.compose("build", env={"SSH_AUTH_SOCK": ""}, code=1).stderr
    with subprocess.Popen(["ssh-agent", "-a", project.dir / "agent", "sh", "-c", "ssh-add -q key; echo $SSH_AGENT_PID; cat"],
                          cwd=project.dir, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as agent:
        itself = int(agent.stdout.readline())
        mine = {"SSH_AUTH_SOCK": str(project.dir / "agent")}
        assert "comment of the key" in project.compose("build", "--no-cache", env=mine).stderr
        os.kill(itself, signal.SIGTERM)
        agent.stdin.close()
    project.file("services: {app: {build: .}}")
    assert "is required" in project.compose("build", "--no-cache", code=1).stderr
    assert "comment of the key" in project.compose("build", "--no-cache", "--ssh", f"default={key}").stderr
    assert "there is no" in project.compose("build", "--no-cache", "--ssh", "default=/none", code=1).stderr


def test_additional_contexts(project):
    """BLD-08, BLD-09"""
    project.write("assets/logo", "logo")
    project.write("Dockerfile", "FROM base\nCOPY --from=assets logo /logo\nCMD cat /logo /from-base\n")
    project.file("""
        services:
          app:
            build:
              context: .
              additional_contexts: {assets: ./assets, base: "service:base"}
          base:
            build: {dockerfile_inline: "FROM busybox\\nRUN echo base > /from-base\\n"}
            command: "true"
    """)
    built = project.compose("build", "app").stderr
    assert built.index(f"Image {project.name}-base  Built") < built.index(f"Image {project.name}-app  Built")
    assert "logobase" in project.compose("up", "--no-log-prefix", "app").stdout


def test_one_build_for_services_that_share_an_image(project):
    """UI-06"""
    project.write("Dockerfile", "FROM busybox\nRUN echo once\nCMD true\n")
    project.file(f"""
        services:
          a: {{build: ., image: {project.name}/shared}}
          b: {{build: ., image: {project.name}/shared}}
    """)
    assert project.compose("build").stderr.count("] RUN echo once") == 1
    project.file(f"""
        services:
          a: {{build: {{context: ., ulimits: {{nproc: 1000}}}}, image: {project.name}/shared}}
          b: {{build: ., image: {project.name}/shared}}
    """)
    assert project.compose("build").stderr.count("] RUN echo once") == 2, "sections differ, so they are two builds"


def test_services_are_built_at_the_same_time(project):
    """Each step waits until the other one runs."""
    for name, other in (("a", "b"), ("b", "a")):
        project.write(f"{name}/Dockerfile", f"""
            FROM busybox
            RUN --mount=type=cache,id={project.name},target=/met \\
                touch /met/{name} && until [ -e /met/{other} ]; do sleep 0.05; done
        """)
    project.file("services: {a: {build: a}, b: {build: b}}")
    built = project.compose("build").stderr
    numbers = re.findall(r"^#(\d+) \[", built, re.M)
    assert len(numbers) == len(set(numbers)) and f"Image {project.name}-b  Built" in built
    assert left_by_builds(project) == []


def test_a_step_of_two_builds_runs_once(project):
    for name in ("a", "b"):
        project.write(f"{name}/Dockerfile", f"""
            FROM busybox
            RUN --mount=type=cache,id={project.name},target=/count echo ran >> /count/times && sleep 0.5
            RUN --mount=type=cache,id={project.name},target=/count wc -l < /count/times > /times-{name}
            CMD cat /times-{name}
        """)
    project.file("services: {a: {build: a}, b: {build: b}}")
    project.compose("build")
    assert [project.compose("run", "--rm", name).stdout for name in ("a", "b")] == ["1\n", "1\n"]
    assert left_by_builds(project) == []


def test_a_build_that_fails_ends_the_others(project):
    project.write("fails/Dockerfile", "FROM busybox\nRUN echo reason && exit 3\n")
    project.write("lasts/Dockerfile", "FROM busybox\nRUN sleep 1000\n")
    project.file("services: {fails: {build: fails}, lasts: {build: lasts}}")
    failed = project.compose("build", code=1).stderr
    assert f"Image {project.name}-lasts  Cancelled" in failed and f"Image {project.name}-fails  Error" in failed
    assert failed.count("reason") >= 2 and "fails/Dockerfile:2:1" in failed
    assert build_processes() == [] and left_by_builds(project) == []


def test_build_subset_and_dependencies(app):
    """BLD-10"""
    app.file("services: {app: {build: ., depends_on: [db]}, db: {build: {dockerfile_inline: \"FROM busybox\"}}}")
    app.compose("build", "app")
    assert f"{app.name}-db:latest" not in images(app)
    app.compose("build", "--with-dependencies", "app")
    assert f"{app.name}-db:latest" in images(app)


def test_quiet_and_json(app):
    """BLD-12"""
    quiet = app.compose("build", "--quiet")
    assert quiet.stdout == "" and quiet.stderr == ""
    lines = app.compose("--progress", "json", "build").stderr.splitlines()
    assert {json.loads(line).get("status") for line in lines} >= {"started", "cached"}


def test_what_does_nothing_says_so(app):
    """Flags that Docker Compose takes without effect, and attributes that have none here."""
    for flag in ("--compress", "--force-rm", "--no-rm", "--parallel"):
        assert f"build {flag} has no effect" in app.compose("build", flag).stderr
    app.file("services: {app: {build: {context: ., cache_from: ['type=gha'], sbom: false, provenance: false}}}")
    told = app.compose("build").stderr
    assert "cache_from type=gha: a cache of type gha is not supported, and left out" in told
    assert "sbom has" not in told and "provenance has" not in told
    app.file("services: {app: {build: {context: ., isolation: hyperv}}}")
    assert "compose.yaml:1:38: error: isolation is not supported" in app.compose("build", code=1).stderr


def test_memory_of_steps(app):
    app.write("Dockerfile", "FROM busybox\nRUN dd if=/dev/zero of=/dev/null bs=64M count=1 && echo enough\n")
    assert "Dockerfile:2:1" in app.compose("build", "-m", "16m", code=1).stderr
    assert " enough\n" in app.compose("build", "-m", "0").stderr
    assert "no size" in app.compose("build", "-m", "much", code=1).stderr


def test_no_build(app):
    refused = app.up("--no-build", code=1)
    assert "compose build app" in refused.stderr
    assert app.ids() == {}


def test_run_builds(app):
    """RUN-10"""
    out = app.compose("run", "--rm", "app", "cat", "size")
    assert out.stdout.strip() == "6"
    app.write("text", "1\n")
    assert app.compose("run", "--rm", "--build", "app", "cat", "size").stdout.strip() == "2"


def test_the_network_of_steps(project):
    """A bridge with the host's resolvers behind it, and nothing of it afterwards."""
    project.file("""
        services:
          app:
            build:
              dockerfile_inline: |
                FROM busybox
                RUN ip -4 addr show eth0 | grep inet && cat /etc/resolv.conf && nslookup www.example.test
                RUN --network=none ! ip addr show eth0
    """)
    built = project.compose("build").stderr
    assert "127.0.0.11" in built and "192.0.2.80" in built
    assert not (project.world.state / "networks/compose-build.json").exists()
    assert left_by_builds(project) == []


def test_a_named_network_of_steps(project):
    """Steps reach the services of a network by their names; one that is not there is told."""
    file = """
        services:
          server:
            image: busybox
            init: true
            networks: [inner]
            command: sh -c 'mkdir /www && echo served > /www/page && httpd -f -p 80 -h /www'
            healthcheck: {test: "wget -q -O- http://127.0.0.1/page", interval: 1s, start_interval: 100ms, start_period: 20s}
          app:
            profiles: [later]
            build:
              network: NETWORK
              dockerfile_inline: |
                FROM busybox
                RUN wget -q -O- http://server/page
                RUN --network=none ! wget -q -O- http://server/page
        networks: {inner: }
    """
    project.file(file.replace("NETWORK", "inner"))
    refused = project.compose("build", "app", code=1).stderr
    assert f"there is no network {project.name}_inner" in refused and "dockerfile_inline:2:1" in refused
    project.up("--wait", "server")
    assert " served" in project.compose("build", "app").stderr
    project.file(file.replace("NETWORK", f"{project.name}_inner"))
    assert project.compose("build", "app").stderr.count("CACHED") == 3, "it is the same network"
    assert left_by_builds(project) == []


def test_hosts_of_steps(project):
    """NET-16: names of the file, and of this machine on the step's network."""
    project.file("""
        services:
          app:
            build:
              extra_hosts: ["there:192.0.2.1", "host:host-gateway"]
              dockerfile_inline: |
                FROM busybox
                RUN ip route | awk '/default/ {print $3}' > /gateway && grep -E "$(cat /gateway).host$" /etc/hosts
                RUN grep -E '192.0.2.1.there$' /etc/hosts
                RUN --network=none grep -E '127.0.0.1.host$' /etc/hosts
    """)
    project.compose("build")


def test_reproducible(project, world):
    """SOURCE_DATE_EPOCH: the same image from two stores."""
    project.write("Dockerfile", "FROM busybox\nCOPY text /text\nRUN echo 1 > /file\n")
    project.write("text", "1")
    project.file("services: {app: {build: .}}")
    ids = set()
    for store in ("one", "two"):
        own = {"COMPOSE_STATE_DIR": str(project.dir / store), "SOURCE_DATE_EPOCH": "1700000000"}
        project.compose("build", env=own)
        project.env["COMPOSE_STATE_DIR"] = own["COMPOSE_STATE_DIR"]
        ids.add(images(project)[f"{project.name}-app:latest"])
    project.env["COMPOSE_STATE_DIR"] = str(world.state)
    assert len(ids) == 1


def other_machine(project, name):
    """What the next commands do is done with an empty store."""
    project.env["COMPOSE_STATE_DIR"] = str(project.dir / name)


@pytest.mark.parametrize("place", ["registry", "directory", "image"])
def test_cache_for_other_machines(project, world, place):
    """cache_to and cache_from: another machine takes what one has built."""
    to, source = {
        "registry": (f"type=registry,mode=max,ref={world.registry}/cache", f"{world.registry}/cache"),
        "directory": ("type=local,dest=../kept", "type=local,src=../kept"),
        "image": ("type=inline", f"{world.registry}/{project.name}/cached"),
    }[place]
    project.write("app/Dockerfile", """
        FROM busybox AS make
        COPY text /text
        RUN echo making && wc -c < text > /size
        FROM busybox
        COPY --from=make /size /size
        CMD ["sleep", "infinity"]
    """)
    project.write("app/text", "12345\n")
    project.write("app/compose.yaml", f"""
        services:
          app:
            image: {world.registry}/{project.name}/cached
            init: true
            build: {{context: ., cache_to: ['{to}'], cache_from: ['{source}']}}
    """)
    flags = ("-f", "app/compose.yaml")
    first = project.compose(*flags, "build", "--push", "--no-cache")
    assert re.search(r"^#\d+ [\d.]+ making$", first.stderr, re.MULTILINE)
    other_machine(project, "other")
    second = project.compose(*flags, "build")
    assert not re.search(r"^#\d+ [\d.]+ making$", second.stderr, re.MULTILINE)
    assert "importing cache" in second.stderr and "warning" not in second.stderr.lower()
    assert project.compose(*flags, "run", "--rm", "app", "cat", "/size").stdout.strip() == "6"
    project.compose(*flags, "down")
    other_machine(project, world.state)


def test_cache_that_is_not_there(app, world):
    """A warning for reading; for writing an error that leaves the image."""
    build = "services: {app: {build: {context: ., %s}}}"
    app.file(build % f"cache_from: [{world.registry}/none]")
    told = app.compose("build")
    assert has_run(told) and f"{world.registry}/none" in told.stderr and "the steps are made here" in told.stderr
    app.file(build % "cache_to: ['type=local,dest=Dockerfile/x']")
    failed = app.compose("build", code=1)
    assert "the image is built, but its cache was not written" in failed.stderr
    app.file(build % "cache_to: ['type=tape']")
    assert 'cache_to "type=tape": there is no type "tape"' in app.compose("build", code=1).stderr


def test_interrupt(app):
    """BLD-15"""
    app.write("Dockerfile", "FROM busybox\nRUN echo begun && sleep 1000\n")
    build = app.background("build")
    build.wait_for(r"\d begun", "stderr")
    build.signal(signal.SIGINT)
    assert build.wait(10).code == 130
    wait_for_cgroups_to_go()


def test_killed_in_the_middle(app):
    """What a killed build leaves is not running, and the next one sweeps it."""
    app.write("Dockerfile", "FROM busybox\nRUN echo begun && sleep 1000\n")
    build = app.background("build")
    build.wait_for(r"\d begun", "stderr")
    build.signal(signal.SIGKILL)
    build.wait(10)
    running = build_processes()
    wait_for(lambda: not any(map(has_processes, running)), "the step's processes are gone")
    app.write("Dockerfile", "FROM busybox\nRUN echo again\n")
    assert "again" in app.compose("build").stderr


def test_builders(app):
    """There is one. Whose shell has another for Docker is told so, and not stopped."""
    for flags, env in ([], {"BUILDX_BUILDER": ""}), ([], {"BUILDX_BUILDER": "default"}), (["--builder", ""], {}), \
            (["--builder=default"], {"BUILDX_BUILDER": "remote"}):
        assert "BUILDX_BUILDER" not in app.compose("build", *flags, env=env).stderr
    assert app.compose("build", env={"BUILDX_BUILDER": "remote"}).stderr.count("BUILDX_BUILDER=remote has no effect") == 1
    refused = app.compose("build", "--builder", "remote", code=1).stderr
    assert 'there is no builder "remote"' in refused and "leave --builder out" in refused


def test_print(project):
    """The bake file, and nothing is built."""
    project.write("token", "t")
    project.file("""
        services:
          all.of-it:
            image: registry.example/all:1
            build:
              context: ./sub
              dockerfile: other.Dockerfile
              args: {A: "1", ASKED: "${HOME}-$${x}"}
              additional_contexts: {lib: service:base, data: ./data, base: docker-image://busybox}
              target: final
              labels: {l: v}
              tags: [registry.example/all:2]
              platforms: [linux/amd64]
              cache_from: ["type=registry,ref=registry.example/cache"]
              no_cache_filter: [deps]
              network: host
              secrets: [token, {source: variable, target: other}]
              ssh: [default, key=/root/id]
              shm_size: 64m
              ulimits: {nofile: {soft: 5, hard: 6}, nproc: 7}
              extra_hosts: ["a:10.0.0.1"]
              entitlements: [network.host]
              privileged: true
              pull: true
          base: {build: {context: ., dockerfile_inline: "FROM busybox\\nRUN echo $${HOME} 50%{"}}
          other: {image: busybox}
        secrets: {token: {file: token}, variable: {environment: TOKEN}}
    """)
    def whose(service):
        return {"com.docker.compose.project": project.name, "com.docker.compose.service": service}

    flags = ["--build-arg", "ASKED=flag", "--no-cache", "--ssh", "key=/root/other"]
    shown = project.compose("build", "--print", "--push", *flags, "all.of-it", env={"TOKEN": "x", "HOME": "/h"})
    assert json.loads(shown.stdout) == {
        "group": {"default": {"targets": ["all_of-it"]}},
        "target": {
            "all_of-it": {
                "context": f"{project.dir}/sub", "dockerfile": f"{project.dir}/sub/other.Dockerfile",
                "contexts": {"lib": "target:base", "data": f"{project.dir}/data", "base": "docker-image://busybox"},
                "args": {"A": "1", "ASKED": "flag"}, "labels": {"l": "v", **whose("all.of-it")},
                "tags": ["registry.example/all:2", "registry.example/all:1"],
                "cache-from": ["type=registry,ref=registry.example/cache"], "target": "final",
                "secret": [f"id=token,type=file,src={project.dir}/token", "id=other,type=env,env=TOKEN"],
                "ssh": ["default", "key=/root/other"], "platforms": ["linux/amd64"], "pull": True, "no-cache": True,
                "network": "host", "no-cache-filter": ["deps"], "shm-size": "67108864",
                "ulimits": ["nofile=5:6", "nproc=7"], "entitlements": ["network.host", "security.insecure"],
                "extra-hosts": {"a": "10.0.0.1"}, "output": ["type=registry"],
            },
            "base": {
                "context": str(project.dir), "dockerfile-inline": "FROM busybox\nRUN echo $${HOME} 50%%{",
                "args": {"ASKED": "flag"}, "labels": whose("base"), "tags": [f"{project.name}-base"], "no-cache": True,
                "ssh": ["key=/root/other"], "output": ["type=docker"],
            },
        },
    }
    assert json.loads(project.compose("build", "--print").stdout)["group"]["default"]["targets"] == ["all_of-it", "base"]
    shown = project.compose("build", "--print", "--provenance=false", "--sbom=generator=x", "base")
    assert json.loads(shown.stdout)["target"]["base"]["attest"] == ["type=provenance,disabled=true", "type=sbom,generator=x"]
    assert f"{project.name}-base:latest" not in images(project)


def test_refusals(app):
    app.compose("build")
    app.file("services: {app: {build: \"oci-layout://somewhere\"}}")
    assert "of no known kind" in app.compose("build", code=1).stderr

"""--format with Go templates, of every verb that lists something; filters and columns of `image ls`."""
import json
import re

import pytest

pytestmark = pytest.mark.ours


@pytest.fixture
def running(project):
    project.file("""
        services:
          web:
            image: busybox
            init: true
            command: sleep infinity
            labels: {com.example.the-team: blue}
            ports: ["127.0.0.1::80"]
            volumes: [data:/data]
          done: {image: busybox, command: "true"}
        volumes: {data: {}}
    """)
    project.up()
    project.wait_state("done", "exited")
    return project


def test_ps(running):
    shown = lambda template, *flags: running.compose("ps", "--format", template, *flags).stdout
    assert shown("{{.Name}}\\t{{.Service}} {{.State}}") == f"{running.name}-web-1\tweb running\n"
    assert shown("{{.Label \"com.example.the-team\"}} {{.ExitCode}} {{.Mounts}} {{.LocalVolumes}} {{.ID | len}}") \
        == f"blue 0 {running.name}_data 1 12\n"
    assert len(shown("{{.ID}}", "--no-trunc")) == 65
    assert shown("{{range .Publishers}}{{.TargetPort}}/{{.Protocol}}{{end}}") == "80/tcp\n"
    assert json.loads(shown("{{json .}}")) == json.loads(shown("json"))
    assert shown("{{if eq .State \"exited\"}}{{upper .Service}} {{end}}", "-a") == "DONE \n\n"
    heading, done, web = (line.split() for line in shown("table {{.Service}}\t{{.State}}\t{{.Label \"com.example.the-team\"}}", "-a").splitlines())
    assert heading == ["SERVICE", "STATE", "the", "team"] and done == ["done", "exited"] and web == ["web", "running", "blue"]
    assert shown("table {{.Service}}\\t{{.ExitCode}}", "-a").splitlines()[0] == "SERVICE   EXIT CODE"


def test_mistakes(running):
    wrong = running.compose("ps", "--format", "{{.Nam}}", code=1).stderr
    assert "template, line 1, column 3: there is no field .Nam" in wrong and "Name" in wrong
    assert "column 11: there is no function" in running.compose("ps", "--format", "{{.Name | uper}}", code=1).stderr
    assert "use table, json, or a template" in running.compose("ps", "--format", "tabel", code=1).stderr
    # The heading of no rows asks for no field that is not there.
    assert "no field" in running.compose("ps", "--status", "paused", "--format", "table {{.Nam}}", code=1).stderr


def test_stats(running):
    shown = running.compose("stats", "--no-stream", "--format", "table {{.Name}}\t{{.CPUPerc}}\t{{.PIDs}}").stdout
    heading, row = shown.splitlines()
    assert heading.split() == ["NAME", "CPU", "%", "PIDS"] and re.match(rf"{running.name}-web-1 +[\d.]+% +2$", row)
    assert re.match(r"[\d.]+%\n$", running.compose("stats", "--no-stream", "--format", "{{.MemPerc}}").stdout)


def test_ls_and_images(running):
    assert running.compose("ls", "--format", "{{.Name}}: {{.Status}}", "--filter", f"name={running.name}").stdout \
        == f"{running.name}: exited(1), running(1)\n"
    rows = running.compose("images", "--format", "{{.ContainerName}} {{.Repository}}:{{.Tag}} {{len .ID}}").stdout.splitlines()
    assert rows == [f"{running.name}-{service}-1 busybox:latest 12" for service in ("done", "web")]


def test_image_inspect_and_history(running):
    shown = running.compose("image", "inspect", "--format", "{{.Id}} {{index .RepoTags 0}} {{.Config.User}}|{{.Config.Labels.x}}|{{json .Config.Cmd}}", "busybox").stdout
    [whole] = json.loads(running.compose("image", "inspect", "busybox").stdout)
    assert shown == f"{whole['Id']} {whole['RepoTags'][0]} |<no value>|{json.dumps(whole['Config']['Cmd'])}\n"
    assert json.loads(running.compose("image", "inspect", "-f", "json", "busybox").stdout) == [whole]
    twice = running.compose("image", "inspect", "-f", "{{.Os}}/{{.Architecture}}{{range .RootFS.Layers}} {{slice . 0 6}}{{end}}", "busybox", "busybox").stdout
    assert len(lines := twice.splitlines()) == 2 and lines[0] == lines[1] and " sha256" in lines[0]
    history = running.compose("image", "history", "--format", "{{.ID}}", "--no-trunc", "busybox").stdout
    assert history.splitlines()[0] == whole["Id"]
    assert running.compose("image", "history", "--format", "table {{.Size}}\t{{.CreatedAt}}", "busybox").stdout.startswith("SIZE      CREATED AT\n")


def test_system_df(running):
    rows = running.compose("system", "df", "--format", "{{.Type}}={{.TotalCount}}").stdout.splitlines()
    assert rows[0].startswith("Images=") and rows[2].startswith("Local Volumes=") and len(rows) == 4
    assert "no template" in running.compose("system", "df", "-v", "--format", "{{.Type}}", code=1).stderr


@pytest.fixture
def store(project):
    """Three images made one after the other: one of them with two names, and one that has lost its name."""
    project.write("Dockerfile", "FROM busybox\nARG N\nLABEL number=$N kind=test\nRUN echo $N > /number\n")
    project.file("services: {}")
    project.names = [f"{project.name}/{name}:1" for name in ("one", "two", "lost")]
    project.image_ids = {}
    for number, name in enumerate(project.names, 1):
        project.file(f"services: {{app: {{image: \"{name}\", build: {{context: ., args: {{N: {number}}}}}}}}}")
        project.compose("build", env={"SOURCE_DATE_EPOCH": str(1_000_000_000 + number)})
        project.image_ids[name] = json.loads(project.compose("image", "inspect", name).stdout)[0]["Id"]
    project.compose("image", "tag", project.names[1], f"{project.name}/again/two:x")
    # The name goes to another image.
    project.compose("image", "tag", project.names[0], project.names[2])
    project.compose("image", "tag", project.names[0], f"{project.name}/one:2")
    project.compose("image", "rm", project.names[2])
    yield project
    project.compose("image", "prune", "-f", "--filter", "label=kind=test")


def listed(store, *filters, template="{{.Repository}}:{{.Tag}}"):
    flags = [flag for each in filters for flag in ("--filter", each)]
    return store.compose("image", "ls", "--format", template, "--filter", "label=kind=test", *flags).stdout.splitlines()


def test_image_ls_filters(store):
    one, two, again, second = (f"{store.name}/{name}" for name in ("one:1", "two:1", "again/two:x", "one:2"))
    assert set(listed(store)) == {one, second, two, again, "<none>:<none>"}
    assert listed(store, "dangling=true") == ["<none>:<none>"]
    assert set(listed(store, "dangling=false")) == {one, second, two, again}
    assert set(listed(store, "label=number=2")) == {two, again}
    assert set(listed(store, f"reference={store.name}/*")) == {one, second, two}
    assert listed(store, f"reference={store.name}/*:2") == [second]
    assert set(listed(store, f"reference={two}", f"reference={one}")) == {one, two}
    assert set(listed(store, f"before={two}")) == {one, second}
    assert set(listed(store, f"since={one}")) == {two, again, "<none>:<none>"}
    assert listed(store, f"since={one}", f"before={store.image_ids[store.names[2]]}", f"reference={two}") == [two]
    assert set(listed(store, "until=2001-09-09T01:46:42Z")) == {one, second}
    by_name = store.compose("image", "ls", f"{store.name}/one", "-q").stdout.split()
    assert by_name == [store.image_ids[store.names[0]][7:19]]
    assert store.compose("image", "ls", f"{store.name}/one", "-q", "--no-trunc").stdout.split() == [store.image_ids[store.names[0]]]
    for wrong, said in (("size=1", "unknown filter"), ("dangling=maybe", "neither true nor false"),
                        ("before=", "has no value"), (f"since={store.name}/nothing", "nothing")):
        assert said in store.compose("image", "ls", "--filter", wrong, code=1).stderr


def test_image_ls_columns(store):
    registry = f"{store.world.registry}/{store.name}:1"
    store.compose("image", "tag", store.names[0], registry)
    store.file(f"services: {{app: {{image: \"{registry}\", build: .}}}}")
    store.compose("push", "app")
    heading, row = store.compose("image", "ls", "--digests", "--no-trunc", registry).stdout.splitlines()
    assert heading.split() == ["REPOSITORY", "TAG", "DIGEST", "IMAGE", "ID", "CREATED", "SIZE"]
    digest = json.loads(store.compose("image", "inspect", registry).stdout)[0]["RepoDigests"][0].partition("@")[2]
    assert row.split()[:4] == [registry.removesuffix(":1"), "1", digest, store.image_ids[store.names[0]]]
    assert store.compose("image", "ls", "--format", "{{.Digest}} {{.CreatedAt}}", registry).stdout == f"{digest} 2001-09-09T01:46:41.000000000Z\n"
    assert listed(store, "dangling=true", template="{{.Digest}}") == ["<none>"]

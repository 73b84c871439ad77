"""`down`: what it removes, what it keeps."""
import pytest

STACK = """
    services:
      db: {image: alpine, init: true, command: sleep infinity, volumes: ["data:/data"]}
      app: {image: alpine, init: true, command: sleep infinity, depends_on: [db]}
      other: {image: alpine, init: true, command: sleep infinity}
    volumes:
      data:
"""


def test_down_keeps_volumes_and_images(project):
    """DN-01"""
    project.file(STACK)
    project.up()
    project.sh("db", "echo kept > /data/file")
    project.compose("down", "-t", "1")
    assert project.ids() == {}
    project.up("db")
    assert project.sh("db", "cat /data/file") == "kept\n"


def test_down_with_volumes(project):
    """DN-02"""
    project.file(STACK)
    project.up("db")
    project.sh("db", "echo lost > /data/file")
    done = project.compose("down", "-v", "-t", "1")
    assert f"Volume {project.name}_data" in done.stderr
    project.up("db")
    assert project.sh("db", "ls /data") == ""


def test_file_with_fewer_services(project):
    """DN-03"""
    project.file(STACK)
    project.up()
    project.write("fewer.yaml", "services: {app: {image: alpine, init: true, command: sleep infinity}}")
    project.compose("-f", "fewer.yaml", "down", "-v", "-t", "1", code=None)
    assert {"db-1", "other-1"} <= set(project.ids())
    project.compose("-f", "fewer.yaml", "down", "-v", "-t", "1", "--remove-orphans")
    assert project.ids() == {}


def test_down_of_one_service_takes_its_dependents(project):
    """DN-05"""
    project.file(STACK)
    project.up()
    project.compose("down", "-t", "1", "app", code=None)
    assert set(project.ids()) == {"db-1", "other-1"}
    project.up()
    project.compose("down", "-t", "1", "db", code=None)
    assert "db-1" not in project.ids() and "other-1" in project.ids()


def test_down_by_name_alone(project):
    """DN-07"""
    project.file(STACK)
    project.up("other")
    elsewhere = project.dir / "empty"
    elsewhere.mkdir()
    done = project.compose("-p", project.name, "down", "-t", "1", cwd=elsewhere, env={"COMPOSE_PROJECT_NAME": None})
    assert "Removed" in done.stderr
    assert project.ids() == {}


def test_one_offs_go_with_remove_orphans(project):
    """DN-08"""
    project.file(STACK)
    project.compose("run", "-d", "--no-deps", "other", "sleep", "infinity")
    assert len(project.ps()) == 1
    project.compose("down", "-t", "0", "--remove-orphans")
    assert project.ps() == []


def test_down_of_nothing(project):
    """DN-01"""
    project.file(STACK)
    project.compose("down")


def test_stops_in_reverse_order(project):
    """DN-01"""
    project.file("""
        services:
          db:
            image: alpine
            volumes: ["./out:/out"]
            command: "sh -c \\"trap 'echo db >> /out/order; exit 0' TERM; echo up; while :; do sleep 0.05; done\\""
          app:
            image: alpine
            depends_on: [db]
            volumes: ["./out:/out"]
            command: "sh -c \\"trap 'echo app >> /out/order; exit 0' TERM; echo up; while :; do sleep 0.05; done\\""
    """)
    (project.dir / "out").mkdir()
    following = project.background("up")
    following.wait_for(r"\| up", count=2)
    project.compose("down")
    assert (project.dir / "out/order").read_text() == "app\ndb\n"


def test_grace_period_then_kill(project):
    """GAP-09"""
    project.file("""
        services:
          stubborn:
            image: alpine
            stop_grace_period: 500ms
            volumes: ["./out:/out"]
            command: "sh -c \\"trap 'sleep 8; touch /out/late' TERM; echo up; while :; do sleep 1; done\\""
    """)
    (project.dir / "out").mkdir()
    following = project.background("up")
    following.wait_for(r"\| up")
    project.compose("stop")
    assert project.container("stubborn")["ExitCode"] == 137
    assert not (project.dir / "out/late").exists(), "the grace period was that of the default"


@pytest.mark.ours
def test_orphans_stay_when_a_service_is_named(project):
    """DN-06"""
    project.file(STACK)
    project.up()
    project.file("services: {app: {image: alpine, init: true, command: sleep infinity}, other: {image: alpine, init: true, command: sleep infinity}}")
    project.compose("down", "-t", "0", "--remove-orphans", "other")
    assert set(project.ids()) == {"app-1", "db-1"}
    project.file(STACK)


@pytest.mark.ours
def test_images_go_with_rmi(project):
    """DN-04"""
    project.file("services: {a: {image: alpine}}")
    project.compose("pull")
    project.file(f"""
        services:
          a: {{image: "{project.name}-a:latest", init: true, command: sleep infinity}}
          b: {{image: "{project.name}-other:latest", init: true, command: sleep infinity}}
    """)
    project.compose("image", "tag", "alpine", f"{project.name}-a:latest")
    project.compose("image", "tag", "alpine", f"{project.name}-other:latest")
    project.up()
    project.compose("down", "-t", "0", "--rmi", "bogus", code=1)
    project.compose("down", "-t", "0", "--rmi", "all")
    names = project.compose("image", "ls").stdout
    assert f"{project.name}-a" not in names and f"{project.name}-other" not in names and "alpine" in names


def test_images_go_with_rmi_when_no_container_is_left(project):
    project.file("services: {a: {image: alpine}}")
    project.compose("pull")
    project.file(f"""
        services:
          a: {{image: "{project.name}-a:latest"}}
          b: {{image: "{project.name}-none:latest"}}
    """)
    project.compose("image", "tag", "alpine", f"{project.name}-a:latest")
    project.compose("down", "--rmi", "local")
    assert f"{project.name}-a" in project.compose("image", "ls").stdout
    project.compose("down", "--rmi", "all")
    assert f"{project.name}-a" not in project.compose("image", "ls").stdout


@pytest.mark.ours
@pytest.mark.parametrize("env", [{"COMPOSE_PROJECT_NAME": None}, {}], ids=["named-by-file", "named-outside"])
def test_what_runs_can_be_seen_and_stopped_when_the_file_has_become_wrong(project, env):
    """GAP-01"""
    project.file("services: {a: {image: alpine, init: true, command: sleep infinity}}")
    project.up()
    (project.dir / "compose.yaml").write_text(f"name: {project.name}\nservices:\n  a:\n    imgae: alpine\n")
    shown = project.compose("ps", "--services", env=env)
    assert shown.stdout == "a\n"
    assert "compose.yaml:4:5: error" in shown.stderr
    assert f"the name of the project, \"{project.name}\"" in shown.stderr
    project.compose("logs", env=env)
    project.exec("a", "true", env=env)
    project.compose("stop", "-t", "0", env=env)
    project.compose("down", env=env)
    assert project.compose("ps", "-aq", env=env).stdout == ""
    refused = project.compose("up", "-d", env=env, code=1)
    assert "compose.yaml:4:5: error" in refused.stderr


@pytest.mark.ours
def test_down_when_the_file_is_no_yaml(project):
    unnamed = {"COMPOSE_PROJECT_NAME": None}
    project.file(f"name: {project.name}\n" + "services: {other: {image: alpine, init: true, command: sleep infinity}}\n")
    project.up(env=unnamed)
    broken = f"name: {project.name}\n" + "services: {other: {image: alpine\n"
    project.file(broken.replace("name: ", "name: $EMPTY"))
    refused = project.compose("down", "-t", "1", code=1, env=unnamed)
    assert 'a "}" is missing' in refused.stderr
    assert set(project.ids()) == {"other-1"}
    done = project.compose("-f", "-", "down", "-t", "1", env=unnamed, stdin=broken)
    assert f'what runs is found by the name of the project, "{project.name}"' in done.stderr
    assert project.ids() == {}

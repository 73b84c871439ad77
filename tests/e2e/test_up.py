"""`up -d`: what it creates, how it names it, and what it leaves alone the second time."""
import os
import stat

import pytest

from harness.project import http

TWO = """
    services:
      db: {image: alpine, init: true, command: sleep infinity}
      app:
        image: alpine
        init: true
        command: sleep infinity
        environment: {SETTING: "${SETTING:-one}"}
        depends_on: [db]
"""


def labels(row):
    return dict(pair.split("=", 1) for pair in row["Labels"].split(",") if "=" in pair)


def test_three_services_start_and_answer(project):
    """UP-01"""
    project.file("""
        services:
          web:
            image: alpine
            init: true
            command: sh -c 'mkdir /www && echo hello > /www/index.html && exec httpd -f -p 80 -h /www'
            ports: ["127.0.0.1:0:80"]
            labels: {my-label: test}
            healthcheck: {test: "true", interval: 1s}
          db: {image: alpine, init: true, command: sleep infinity}
          cache: {image: alpine, init: true, command: sleep infinity}
    """)
    project.up()
    assert project.states() == {"web-1": "running", "db-1": "running", "cache-1": "running"}
    host, port = project.port("web", 80)
    assert http(f"http://{host}:{port}/") == "hello\n"


def test_containers_carry_docker_composes_labels(project):
    """UP-02"""
    project.file("""
        services:
          web: {image: alpine, init: true, command: sleep infinity, labels: {my-label: kept}}
    """)
    project.up()
    found = labels(project.container("web"))
    prefix = "com.docker.compose."
    assert found["my-label"] == "kept"
    assert found[prefix + "project"] == project.name
    assert found[prefix + "service"] == "web"
    assert found[prefix + "container-number"] == "1"
    assert found[prefix + "oneoff"] == "False"
    assert found[prefix + "project.config_files"].endswith("compose.yaml")
    assert found[prefix + "project.working_dir"].endswith(str(project.dir))
    assert len(found[prefix + "config-hash"]) >= 32
    assert found[prefix + "version"]


def test_default_names(project):
    """UP-03"""
    project.file(TWO)
    project.up()
    assert [row["Name"] for row in project.ps()] == [f"{project.name}-app-1", f"{project.name}-db-1"]
    assert {row["Networks"] for row in project.ps()} == {f"{project.name}_default"}


def test_second_up_changes_nothing(project):
    """UP-04"""
    project.file(TWO)
    project.up()
    before = project.ids()
    again = project.up()
    assert project.ids() == before
    assert "Recreat" not in again.output


def test_changed_service_alone_is_recreated(project):
    """UP-05"""
    project.file(TWO)
    project.up()
    before = project.ids()
    project.up(env={"SETTING": "two"})
    after = project.ids()
    assert after["app-1"] != before["app-1"]
    assert after["db-1"] == before["db-1"]
    assert project.sh("app", "echo $SETTING") == "two\n"


def test_force_recreate_touches_only_the_named(project):
    """UP-07"""
    project.file(TWO)
    project.up()
    first = project.ids()
    project.up("--force-recreate", "app")
    second = project.ids()
    assert second["db-1"] == first["db-1"] and second["app-1"] != first["app-1"]
    project.up("--force-recreate")
    third = project.ids()
    assert third["db-1"] != second["db-1"] and third["app-1"] != second["app-1"]


def test_no_recreate_keeps_what_differs(project):
    """UP-08"""
    project.file(TWO)
    project.up()
    before = project.ids()
    project.up("--no-recreate", env={"SETTING": "two"})
    assert project.ids() == before


def test_no_deps_starts_only_the_target(project):
    """UP-09"""
    project.file(TWO)
    project.up("--no-deps", "app")
    assert project.states() == {"app-1": "running"}


def test_named_service_brings_its_dependencies(project):
    """UP-09"""
    project.file(TWO + "      other: {image: alpine, init: true, command: sleep infinity}\n")
    project.up("app")
    assert project.states() == {"app-1": "running", "db-1": "running"}


def test_force_recreate_no_deps_leaves_a_healthy_dependency(project):
    """UP-11"""
    project.file("""
        services:
          dep:
            image: alpine
            init: true
            command: sleep infinity
            healthcheck: {test: "true", interval: 1s}
          app:
            image: alpine
            init: true
            command: sleep infinity
            depends_on: {dep: {condition: service_healthy}}
    """)
    project.up()
    before = project.ids()
    project.up("--force-recreate", "--no-deps", "app")
    after = project.ids()
    assert after["app-1"] != before["app-1"] and after["dep-1"] == before["dep-1"]


@pytest.mark.parametrize("declared, arguments, count", [
    ("scale: 2", [], 2), ("deploy: {replicas: 3}", [], 3), ("scale: 2", ["--scale", "simple=4"], 4)],
    ids=["scale", "replicas", "flag"])
def test_scale(project, declared, arguments, count):
    """UP-38, LC-16"""
    project.file(f"""
        services:
          simple:
            image: alpine
            init: true
            command: sleep infinity
            {declared}
    """)
    project.up(*arguments)
    assert len(project.compose("ps", "-q").stdout.split()) == count


def test_scaling_keeps_the_lowest_numbers(project):
    """UP-39, LC-16, LC-18"""
    project.file("services: {simple: {image: alpine, init: true, command: sleep infinity}}")
    project.up()
    first = project.ids()
    scaled = project.up("--scale", "simple=3")
    assert "Recreated" not in scaled.output
    assert sorted(project.ids()) == ["simple-1", "simple-2", "simple-3"]
    assert project.ids()["simple-1"] == first["simple-1"]
    project.up("--scale", "simple=1", "-t", "0")
    assert project.ids() == first
    project.up("--scale", "simple=0", "-t", "0")
    assert project.ids() == {}


def test_replicas_share_a_port_range(project):
    """UP-40"""
    project.file("""
        services:
          a:
            image: alpine
            init: true
            command: sleep infinity
            scale: 5
            ports: ["6005-6015:80"]
          b: {image: alpine, init: true, command: sleep infinity, ports: ["80"]}
    """)
    project.up()
    published = [project.port("a", 80, "--index", index)[1] for index in range(1, 6)]
    assert len(set(published)) == 5 and all(6005 <= port <= 6015 for port in published)
    assert project.port("b", 80)[1] > 1023


def test_same_container_name_twice(project):
    """UP-41"""
    name = f"{project.name}-only"
    project.file(f"""
        services:
          a: {{image: alpine, init: true, command: sleep infinity, container_name: {name}}}
          b: {{image: alpine, init: true, command: sleep infinity, container_name: {name}}}
    """)
    failed = project.up(code=1)
    assert name in failed.stderr and "already in use" in failed.stderr
    project.file(f"services: {{a: {{image: alpine, init: true, command: sleep infinity, container_name: {name}}}}}")
    assert project.compose("ps", "-aq").stdout == ""
    project.up("a")


@pytest.mark.parametrize("flag", [["--remove-orphans"], []], ids=["flag", "warned"])
def test_orphans_are_removed_when_asked(project, flag):
    """UP-47"""
    project.file(TWO)
    project.up()
    project.file("services: {db: {image: alpine, init: true, command: sleep infinity}}")
    done = project.up("-t", "0", *flag)
    if flag:
        assert list(project.ids()) == ["db-1"]
    else:
        assert "orphan" in done.stderr and "app-1" in project.ids()


@pytest.mark.ours
def test_orphans_variable_in_dotenv(project):
    """UP-47"""
    project.file(TWO)
    project.up()
    project.write(".env", "COMPOSE_REMOVE_ORPHANS=true\n")
    project.file("services: {db: {image: alpine, init: true, command: sleep infinity}}")
    project.up("-t", "0")
    assert list(project.ids()) == ["db-1"]


def test_up_restarts_what_has_exited(project):
    """UP-49"""
    project.file("services: {once: {image: alpine, command: echo hello}}")
    project.up()
    project.wait_state("once", "exited")
    project.up()
    project.wait_state("once", "exited")
    assert project.compose("logs", "--no-log-prefix").stdout.count("hello") == 2


def test_progress_on_standard_output(project):
    project.file(TWO)
    told = project.up(env={"COMPOSE_STATUS_STDOUT": "true"})
    assert "app-1" in told.stdout and "app-1" not in told.stderr


@pytest.mark.ours
def test_dry_run_prints_the_plan_and_does_nothing(project):
    """UP-46"""
    project.file(TWO)
    planned = project.compose("--dry-run", "up", "-d")
    assert "app" in planned.output and "db" in planned.output
    assert project.ids() == {}


def test_resources_and_settings_reach_the_container(project):
    """UP-53"""
    project.file("""
        services:
          a:
            image: alpine
            init: true
            command: sleep infinity
            hostname: here
            user: "1000:1000"
            working_dir: /tmp
            read_only: true
            ulimits: {nofile: {soft: 512, hard: 1024}, nproc: 600}
            mem_limit: 64m
            pids_limit: 50
            shm_size: 4m
            sysctls: {net.core.somaxconn: "77"}
            extra_hosts: ["elsewhere:192.0.2.9"]
            cap_drop: [ALL]
            tmpfs: /scratch
    """)
    project.up()
    assert project.sh("a", "hostname; id -u; pwd; ulimit -Sn; ulimit -Hn") == "here\n1000\n/tmp\n512\n1024\n"
    assert project.sh("a", "cat /proc/sys/net/core/somaxconn") == "77\n"
    assert "192.0.2.9" in project.sh("a", "cat /etc/hosts")
    assert "CapEff:\t0000000000000000" in project.sh("a", "cat /proc/self/status")
    assert project.sh("a", "touch /x 2>/dev/null || echo refused; touch /scratch/x && echo written") == "refused\nwritten\n"
    assert "4096" in project.sh("a", "df -k /dev/shm")


@pytest.mark.parametrize("edited, argument, recreated", [
    ("app", [], {"app"}), ("app", ["db"], set()), ("db", [], {"db"}), ("db", ["db"], {"db"}), ("app", ["app"], {"app"})])
def test_what_an_edit_recreates(project, edited, argument, recreated):
    """UP-06"""
    text = """
        services:
          db: {image: alpine, init: true, command: sleep infinity, environment: {V: "%s"}}
          app: {image: alpine, init: true, command: sleep infinity, depends_on: [db], environment: {V: "%s"}}
    """
    project.file(text % (1, 1))
    project.up()
    before = project.ids()
    project.file(text % ((2, 1) if edited == "db" else (1, 2)))
    project.up("-t", "0", *argument)
    after = project.ids()
    assert {name.removesuffix("-1") for name in after if after[name] != before[name]} == recreated


@pytest.mark.ours
def test_shared_namespace_without_its_owner(project):
    """UP-10"""
    project.file("""
        services:
          db: {image: alpine, init: true, command: sleep infinity}
          app: {image: alpine, init: true, command: sleep infinity, network_mode: "service:db"}
    """)
    project.up()
    before = project.ids()
    project.up("--no-deps", "app")
    assert project.ids() == before
    project.compose("rm", "-sf", "db")
    failed = project.up("--no-deps", "--force-recreate", "-t", "0", "app", code=1)
    assert "db" in failed.stderr and "not running" in failed.stderr


def test_start_interval_without_start_period(project):
    """UP-23"""
    project.file("""
        services:
          a: {image: alpine, init: true, command: sleep infinity, healthcheck: {test: "true", interval: 200ms, start_interval: 100ms}}
    """)
    project.up("--wait", code=None if project.world.peer else 0)


@pytest.mark.ours
def test_resources_without_services(project):
    """UP-43, UP-44"""
    project.file("volumes: {data: {}}\nnetworks: {net: {}}\nservices: {}\n")
    assert "no service selected" in project.up(code=1).stderr
    project.compose("--all-resources", "up", "-d")
    assert (project.world.state / "volumes" / f"{project.name}_data").exists()
    assert (project.world.state / "networks" / f"{project.name}_net.json").exists()
    project.compose("--all-resources", "down", "-v")


@pytest.mark.parametrize("text", ["services: {}\n", "services:\n", "name: x\n"])
def test_no_services(project, text):
    """UP-44"""
    project.file(text)
    done = project.up(code=None)
    assert "what()" not in done.output and "terminate" not in done.output
    assert done.code in (0, 1) and done.output
    project.file("services: {a: {image: alpine}}")


@pytest.mark.ours
def test_image_by_its_id(project):
    """UP-45"""
    project.file("services: {a: {image: alpine}}")
    project.compose("pull")
    image = project.compose("image", "ls", "-q").stdout.split()
    ids = [line for line in image if line]
    assert ids
    project.file("services: {a: {image: \"${ID:?}\", command: \"true\"}}")
    failed = project.up(code=1)
    assert "ID" in failed.stderr
    project.up(env={"ID": ids[0]})
    project.compose("down", "-t", "0", env={"ID": ids[0]})


def test_up_of_one_service_after_another(project):
    """UP-48"""
    project.file("services: {a: {image: alpine, command: echo from-a}, b: {image: alpine, command: echo from-b}}")
    project.up("a")
    project.up("b")
    for name in "ab":
        project.wait_state(name, "exited")
    shown = project.compose("logs").stdout
    assert shown.count("from-a") == 1 and shown.count("from-b") == 1


def test_names_with_underscores(project):
    """UP-50"""
    project.file("services: {simple: {image: alpine, init: true, command: sleep infinity}}")
    project.compose("--compatibility", "up", "-d")
    assert [row["Name"] for row in project.ps()] == [f"{project.name}_simple_1"]
    project.compose("--compatibility", "down", "-t", "0")


def test_exposed_range(project):
    """UP-52"""
    project.file("services: {a: {image: alpine, init: true, command: sleep infinity, expose: [\"9091-9092\"]}}")
    project.up()


@pytest.mark.ours
def test_retagged_image_recreates_its_service(project):
    """UI-05"""
    name = f"{project.name}-image:latest"
    project.file(f"services: {{app: {{image: \"{name}\", init: true, command: sleep infinity}}, db: {{image: alpine, init: true, command: sleep infinity}}}}")
    project.compose("pull", "db")
    project.compose("image", "tag", "alpine", name)
    project.up()
    before = project.ids()
    project.file(f"services: {{app: {{image: \"{name}\", init: true, command: sleep infinity}}, db: {{image: alpine, init: true, command: sleep infinity}}, busy: {{image: busybox, command: \"true\"}}}}")
    project.compose("pull", "busy")
    project.compose("image", "tag", "busybox", name)
    project.up("-t", "0", "app", "db")
    after = project.ids()
    assert after["db-1"] == before["db-1"] and after["app-1"] != before["app-1"]
    project.compose("down", "-t", "0")
    project.compose("image", "rm", name)


@pytest.mark.ours
def test_same_folder_name_in_two_places(project, make_project):
    """GAP-13"""
    text = "services: {a: {image: alpine, init: true, command: sleep infinity}}"
    project.file(text)
    project.up()
    for place in ("one", "two"):
        project.write(f"{place}/app/compose.yaml", text)
    env = {"COMPOSE_PROJECT_NAME": None}
    first = project.compose("config", "--format", "json", cwd=project.dir / "one/app", env=env).stdout
    second = project.compose("config", "--format", "json", cwd=project.dir / "two/app", env=env).stdout
    assert '"name": "app"' in first and '"name": "app"' in second


@pytest.mark.ours
def test_a_directory_of_devices(project):
    """UP-53"""
    nodes = project.dir / "nodes"
    nodes.mkdir()
    os.mknod(nodes / "nothing", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    project.file(f"""
        services:
          a: {{image: alpine, init: true, command: sleep infinity, devices: ["{nodes}:/dev/nodes:rw"]}}
    """)
    project.up()
    assert project.sh("a", "cat /dev/nodes/nothing && echo read") == "read\n"

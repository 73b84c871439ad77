"""`config` and how a project is found and read."""
import json

import pytest

ONE = "services: {a: {image: \"alpine:${TAG:-latest}\", ports: [\"8080:80\"]}}"


def as_json(project, *arguments, **options):
    return json.loads(project.compose(*arguments, "config", "--format", "json", **options).stdout)


def test_canonical_form(project):
    """CFG-01"""
    project.file(ONE)
    text = project.compose("config").stdout
    assert text.startswith(f"name: {project.name}\n")
    model = as_json(project)
    assert model["name"] == project.name
    assert model["services"]["a"]["ports"] == [{"mode": "ingress", "target": 80, "published": "8080", "protocol": "tcp"}]
    assert model["networks"]["default"]["name"] == f"{project.name}_default"
    assert model["services"]["a"]["image"] == "alpine:latest"


def test_canonical_form_is_a_fixed_point(project):
    """CFG-01"""
    project.file("""
        services:
          a:
            image: alpine
            command: echo $$HOME "two words"
            environment: [A=1, B]
            volumes: ["data:/data:ro", "./x:/x"]
            depends_on: [b]
            healthcheck: {test: "true", interval: 90s}
            deploy: {resources: {limits: {memory: 64m, cpus: "0.5"}}}
          b: {image: alpine}
        volumes: {data: {}}
    """)
    text = project.compose("config").stdout
    project.write("canonical.yaml", text)
    assert project.compose("-f", "canonical.yaml", "config").stdout == text


def test_no_interpolate(project):
    """CFG-02"""
    project.file(ONE)
    assert "${TAG:-latest}" in project.compose("config", "--no-interpolate").stdout


@pytest.mark.ours
def test_hash_equals_the_label(project):
    """CFG-05"""
    project.write("web.env", "FOO=bar\n")
    project.file("services: {a: {image: alpine, init: true, command: sleep infinity, env_file: web.env}, b: {image: alpine}}")
    name, digest = project.compose("config", "--hash", "a").stdout.split()
    assert name == "a"
    project.up("a")
    assert f"com.docker.compose.config-hash={digest}" in project.container("a")["Labels"]
    assert [line.split()[0] for line in project.compose("config", "--hash", "*").stdout.splitlines()] == ["a", "b"]


def test_quiet(project):
    """CFG-06"""
    project.file(ONE)
    assert project.compose("config", "--quiet").output == ""


def test_version_is_dropped_with_a_warning(project):
    """CFG-07"""
    project.file("version: '3'\n" + ONE)
    done = project.compose("config")
    assert "obsolete" in done.stderr and "\nversion:" not in done.stdout


def test_yaml_error(project):
    """CFG-08"""
    project.file("services:\n  a:\n    image: alpine\n   ports: [\n")
    failed = project.compose("config", code=None)
    assert failed.code in (1, 15) and failed.stdout == "" and "yaml" in failed.stderr.lower()


def test_lists(project):
    """CFG-01"""
    project.file("""
        services:
          a: {image: one, profiles: [extra]}
          b: {image: two, volumes: ["data:/data"]}
        volumes: {data: {}}
    """)
    assert project.compose("config", "--services").stdout.split() == ["b"]
    assert project.compose("config", "--volumes").stdout.split() == ["data"]
    assert project.compose("config", "--images").stdout.split() == ["two"]
    assert project.compose("config", "--profiles").stdout.split() == ["extra"]


def test_file_from_dotenv(project):
    """CFG-09"""
    project.write(".env", "COMPOSE_FILE=other.yaml\nCOMPOSE_PROFILES=p\n")
    project.write("other.yaml", "services: {o: {image: alpine}, q: {image: alpine, profiles: [p]}}")
    assert set(project.compose("config", "--services").stdout.split()) == {"o", "q"}


def test_precedence_of_files(project):
    """CFG-12"""
    for name in ("flag", "environment", "dotenv"):
        project.write(f"{name}.yaml", f"services: {{{name}: {{image: alpine}}}}")
    project.write(".env", "COMPOSE_FILE=dotenv.yaml\n")
    variable = {"COMPOSE_FILE": "environment.yaml"}
    assert project.compose("config", "--services").stdout.split() == ["dotenv"]
    assert project.compose("config", "--services", env=variable).stdout.split() == ["environment"]
    assert project.compose("-f", "flag.yaml", "config", "--services", env=variable).stdout.split() == ["flag"]
    assert "missing.env" in project.compose("--env-file", "missing.env", "config", code=None).stderr


def test_found_in_a_parent_folder(project):
    """CFG-14"""
    project.file(ONE)
    deep = project.dir / "one/two/three"
    deep.mkdir(parents=True)
    assert project.compose("config", "--services", cwd=deep).stdout.split() == ["a"]


def test_no_file_at_all(project):
    """CFG-14"""
    failed = project.compose("config", code=None)
    assert failed.code in (1, 14) and "no configuration file provided" in failed.stderr


def test_override_file(project):
    """CFG-15"""
    project.file("services: {a: {image: one}}")
    project.write("compose.override.yaml", "services: {a: {image: two}}")
    assert as_json(project)["services"]["a"]["image"] == "two"


@pytest.mark.parametrize("expression, value", [
    ("$V", "set"), ("${V}", "set"), ("${V:-x}", "set"), ("${NONE:-x}", "x"), ("${EMPTY:-x}", "x"), ("${EMPTY-x}", ""),
    ("${NONE-x}", "x"), ("${V:+y}", "y"), ("${NONE:+y}", ""), ("${NONE:-${V}}", "set"), ("$$V", "$$V"), ("${NONE}", "")])
def test_interpolation(project, expression, value):
    """CFG-16"""
    project.write(".env", "V=set\nEMPTY=\n")
    project.file(f"services: {{a: {{image: alpine, labels: {{l: \"{expression}\"}}}}}}")
    assert as_json(project)["services"]["a"]["labels"]["l"] == value


@pytest.mark.parametrize("expression", ["${V:?say so}", "${V?say so}"])
def test_required_variable(project, expression):
    """CFG-17"""
    project.file(f"services: {{a: {{image: \"{expression}\"}}}}")
    failed = project.up(code=None)
    assert failed.code in (1, 15) and "required variable V is missing a value: say so" in failed.stderr


def test_shell_beats_dotenv(project):
    """CFG-18"""
    project.write(".env", "TAG=dotenv\nOTHER=${TAG}-x\n")
    project.file("services: {a: {image: \"alpine:${TAG}\", labels: {l: \"${OTHER}\"}}}")
    assert as_json(project)["services"]["a"]["image"] == "alpine:dotenv"
    assert as_json(project, env={"TAG": "shell"})["services"]["a"]["image"] == "alpine:shell"


def test_project_name_is_a_variable(project):
    """CFG-19"""
    project.file("services: {a: {image: alpine, labels: {l: \"${COMPOSE_PROJECT_NAME}\"}}}")
    assert as_json(project)["services"]["a"]["labels"]["l"] == project.name


def test_two_files(project):
    """CFG-20"""
    project.write("d1/compose.yaml", "services: {a: {image: one, env_file: a.env, volumes: [\"./x:/x\"]}}")
    project.write("d1/a.env", "A=1\n")
    project.write("d2/compose.yaml", "services: {a: {image: two}, b: {image: alpine}}")
    model = as_json(project, "-f", "d1/compose.yaml", "-f", "d2/compose.yaml")
    assert model["services"]["a"]["image"] == "two"
    assert model["services"]["a"]["volumes"][0]["source"].endswith("d1/x")
    assert model["services"]["a"]["environment"] == {"A": "1"}


def test_volumes_merge_by_target(project):
    """CFG-21"""
    project.write("1.yaml", "services: {a: {image: alpine, volumes: [\"./one:/x\", \"./kept:/y\"]}}")
    project.write("2.yaml", "services: {a: {volumes: [\"./two:/x:ro\"]}}")
    volumes = as_json(project, "-f", "1.yaml", "-f", "2.yaml")["services"]["a"]["volumes"]
    by_target = {volume["target"]: volume for volume in volumes}
    assert by_target["/x"]["source"].endswith("/two") and by_target["/x"]["read_only"] is True
    assert by_target["/y"]["source"].endswith("/kept")


@pytest.mark.parametrize("flags, variable, expected", [
    ([], "", {"a"}), (["--profile", "p"], "", {"a", "b"}), ([], "p, q", {"a", "b", "c"}),
    pytest.param(["--profile", "p"], "q", {"a", "b", "c"}, marks=pytest.mark.ours), ([], ",", {"a"}), (["--profile", "*"], "", {"a", "b", "c"})])
def test_profiles(project, flags, variable, expected):
    """CFG-26"""
    project.file("""
        services:
          a: {image: alpine}
          b: {image: alpine, profiles: [p]}
          c: {image: alpine, profiles: [q]}
    """)
    listed = project.compose(*flags, "config", "--services", env={"COMPOSE_PROFILES": variable})
    assert set(listed.stdout.split()) == expected


def test_profiled_service_stays_out(project):
    """CFG-27"""
    project.file("""
        services:
          a: {image: alpine, init: true, command: sleep infinity}
          b: {image: alpine, init: true, command: sleep infinity, profiles: [p]}
    """)
    project.up()
    project.compose("restart", "-t", "1")
    project.compose("stop", "-t", "1")
    project.compose("start")
    assert project.states() == {"a-1": "running"}


def test_naming_a_profiled_service_activates_it(project):
    """CFG-28"""
    project.file("""
        services:
          a: {image: alpine, init: true, command: sleep infinity}
          b: {image: alpine, init: true, command: sleep infinity, profiles: [p], depends_on: [c]}
          c: {image: alpine, init: true, command: sleep infinity}
    """)
    project.up("b")
    assert project.states() == {"b-1": "running", "c-1": "running"}


def test_standard_input_as_file(project):
    """CFG-20"""
    assert project.compose("-f", "-", "config", "--services", stdin="services: {a: {image: alpine}}").stdout == "a\n"


def test_empty_dotenv_and_disabled(project):
    """CFG-18"""
    project.write(".env", "TAG=dotenv\n")
    project.file(ONE)
    disabled = as_json(project, env={"COMPOSE_DISABLE_ENV_FILE": "1"})
    assert disabled["services"]["a"]["image"] == "alpine:latest"


def test_dotenv_of_the_project_directory(project):
    """CFG-10"""
    project.write("d/.env", "COMPOSE_FILE=other.yaml\n")
    project.write("d/other.yaml", "services: {from-other: {image: alpine}}")
    project.write("other.yaml", "services: {from-cwd: {image: alpine}}")
    done = project.compose("--project-directory", "d", "config", "--services", code=None)
    assert done.stdout.split() == ["from-other"] or done.stdout.split() == ["from-cwd"], done


def test_env_file_chooses_files_and_profiles(project):
    """CFG-11"""
    project.write("my.env", "COMPOSE_FILE=other.yaml\nCOMPOSE_PROFILES=extra\n")
    project.write("other.yaml", "services: {plain: {image: alpine}, more: {image: alpine, profiles: [extra]}}")
    project.file("services: {unused: {image: alpine}}")
    assert set(project.compose("--env-file", "my.env", "config", "--services").stdout.split()) == {"plain", "more"}


def test_nested_dotenv(project):
    """CFG-13"""
    project.file("services: {a: {image: \"x:${ROOT_ONLY-}-${BOTH-}-${SUB_ONLY-}\"}}")
    project.write(".env", "ROOT_ONLY=root\nBOTH=root\n")
    project.write("sub/.env", "SUB_ONLY=sub\nBOTH=sub\n")
    assert project.compose("config", "--images").stdout == "x:root-root-\n"
    assert project.compose("config", "--images", cwd=project.dir / "sub").stdout == "x:root-sub-sub\n"


def test_only_profiled_services(project):
    """CFG-29"""
    project.file("services: {a: {image: alpine, profiles: [p]}}")
    done = project.compose("up", "-d", code=1)
    assert "no service selected" in done.stderr and project.ps() == []
    assert project.compose("create").stderr == ""


def test_a_file_without_services(project):
    project.file("services: {}")
    assert "no service selected" in project.compose("up", "-d", code=1).stderr
    for verb in ("create", "start", "stop", "logs", "ps", "pull", "down"):
        project.compose(verb)


def test_symlinked_file(project):
    """CFG-30"""
    project.write("real/compose.yaml", "services: {a: {image: alpine, env_file: ./here.env}}")
    project.write("linked/here.env", "FROM=link\n")
    (project.dir / "linked/compose.yaml").symlink_to("../real/compose.yaml")
    shown = project.compose("config", cwd=project.dir / "linked").stdout
    assert "FROM: link" in shown


@pytest.mark.ours
def test_explain_one_value(project):
    """CFG-31"""
    project.file("""
        services:
          a:
            image: alpine:3
    """)
    project.write("compose.override.yaml", "services:\n  a:\n    image: alpine:${TAG}\n")
    project.write(".env", "TAG=4\n")
    assert project.compose("config", "--explain", "services.a.image").stdout == """\
services.a.image: alpine:4
compose.override.yaml:3:12: given here
   3 |     image: alpine:${TAG}
     |            ^
.env:1:1: with TAG=4
   1 | TAG=4
     | ^
compose.yaml:3:12: instead of what stands here
   3 |     image: alpine:3
     |            ^
"""


@pytest.mark.ours
def test_images_are_pinned_to_what_the_registry_serves(project):
    """CFG-32"""
    project.file("""
        services:
          a: {image: "alpine:latest", command: "true", volumes: [{type: image, source: alpine, target: /image}]}
          b: {build: .}
    """)
    model = json.loads(project.compose("config", "--resolve-image-digests", "--format", "json").stdout)
    pinned = model["services"]["a"]["image"]
    assert pinned.startswith("alpine:latest@sha256:")
    digest = pinned.removeprefix("alpine:latest")
    assert model["services"]["a"]["volumes"][0]["source"].endswith(digest)
    assert "image" not in model["services"]["b"]
    override = json.loads(project.compose("config", "--lock-image-digests", "--format", "json").stdout)
    assert override["services"]["a"]["image"] == pinned
    assert [mount["target"] for mount in override["services"]["a"]["volumes"]] == ["/image"]
    assert {key for key, value in override["services"]["a"].items() if value is not None} == {"image", "volumes"}


@pytest.mark.ours
def test_output_into_a_directory_that_is_not_there(project):
    """CFG-33"""
    project.file(ONE)
    failed = project.compose("config", "-o", "gone/model.yaml", code=1).stderr
    assert failed.startswith("error: cannot write gone/model.yaml: there is no directory gone")
    project.compose("config", "-o", "model.yaml")
    assert (project.dir / "model.yaml").read_text() == project.compose("config").stdout


@pytest.mark.ours
def test_explain_many_values(project):
    """CFG-31"""
    project.file("services: {a: {image: alpine, ports: [\"1:2\"]}}")
    lines = project.compose("config", "--explain", "services").stdout.splitlines()
    assert lines[0].split() == ["PATH", "VALUE", "GIVEN", "AT", "INSTEAD", "OF"]
    assert ["services.a.image", "alpine", "compose.yaml:1:23"] in [line.split() for line in lines]
    assert ["services.a.networks.default", "null", "(default)"] in [line.split() for line in lines]


@pytest.mark.ours
def test_explain_of_what_is_not_there(project):
    """CFG-31"""
    project.file("services: {a: {image: alpine}}")
    failed = project.compose("config", "--explain", "services.a.imag", code=1)
    assert 'services.a has no "imag"' in failed.stderr and 'did you mean "image"?' in failed.stderr


@pytest.mark.ours
def test_unsupported_attributes_are_shown_and_refused_only_by_up(project):
    """CFG-30"""
    project.file("services: {a: {image: alpine, runtime: other}}")
    shown = project.compose("config")
    assert "runtime: other" in shown.stdout and "runtime is not supported yet" in shown.stderr
    assert "runtime is not supported yet" in project.up(code=1).stderr


def test_variables_of_dotenv_stand_for_flags(project):
    project.file("services: {a: {image: alpine, init: true, command: sleep infinity}}")
    project.write(".env", "COMPOSE_COMPATIBILITY=yes\nCOMPOSE_PROGRESS=quiet\n")
    assert project.up().stderr == ""
    assert [row["Name"] for row in project.ps()] == [f"{project.name}_a_1"]
    project.file("services: {b: {image: alpine, init: true, command: sleep infinity}}")
    project.write(".env", "COMPOSE_REMOVE_ORPHANS=True\n")
    project.compose("down", "-t", "1")
    assert project.ps() == []


def test_parallel_limit_that_is_no_number(project):
    project.file("services: {a: {image: alpine}}")
    done = project.compose("config", env={"COMPOSE_PARALLEL_LIMIT": "many"}, code=None)
    assert done.code != 0 and 'COMPOSE_PARALLEL_LIMIT must be an integer (found: "many")' in done.stderr


@pytest.mark.ours
def test_default_platform(project):
    project.file("services: {a: {image: alpine, command: 'true'}, b: {image: alpine, platform: linux/amd64, command: 'true'}}")
    done = project.up("--pull", "never", code=1, env={"DOCKER_DEFAULT_PLATFORM": "linux/s390x"})
    assert "linux/s390x" in done.stderr
    assert project.ps() == []
    assert "platform: linux/s390x" not in project.compose("config", env={"DOCKER_DEFAULT_PLATFORM": "linux/s390x"}).stdout

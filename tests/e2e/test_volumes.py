"""Volumes, bind mounts, configs, secrets and environment files."""
import pytest


def test_anonymous_volume_is_inherited(project):
    """VOL-01"""
    project.file("services: {a: {image: alpine, init: true, command: sleep infinity, volumes: [/data]}}")
    project.up()
    project.sh("a", "echo kept > /data/file")
    project.up("--force-recreate", "-t", "0")
    assert project.sh("a", "cat /data/file") == "kept\n"
    project.up("--renew-anon-volumes", "--force-recreate", "-t", "0")
    assert project.sh("a", "ls /data") == ""


def test_named_renamed_readonly_and_bind(project):
    """VOL-02"""
    project.write("bind/file", "from-host\n")
    project.file(f"""
        services:
          a:
            image: alpine
            init: true
            command: sleep infinity
            volumes:
              - data:/data
              - renamed:/renamed:ro
              - ./bind:/bind:ro
              - {{type: tmpfs, target: /scratch, tmpfs: {{size: 1m}}}}
        volumes:
          data:
          renamed: {{name: {project.name}_other}}
    """)
    project.up()
    assert project.sh("a", "cat /bind/file; touch /bind/x 2>/dev/null || echo refused") == "from-host\nrefused\n"
    assert project.sh("a", "touch /renamed/x 2>/dev/null || echo refused") == "refused\n"
    assert project.sh("a", "touch /data/x && df -k /scratch | tail -1 | awk '{print $2}'") == "1024\n"


def test_volumes_copy_the_images_content_when_new(project):
    """VOL-02"""
    project.file("""
        services:
          a: {image: alpine, init: true, command: sleep infinity, volumes: ["home:/home"]}
        volumes: {home: {}}
    """)
    project.up()
    assert project.sh("a", "ls /home; stat -c %u /home/app") == "app\n1000\n"


def test_two_services_share_a_volume(project):
    """VOL-02"""
    project.file("""
        services:
          a: {image: alpine, init: true, command: sleep infinity, volumes: ["data:/one"]}
          b: {image: alpine, init: true, command: sleep infinity, volumes: ["data:/two"]}
        volumes: {data: {}}
    """)
    project.up()
    project.sh("a", "echo shared > /one/file")
    assert project.sh("b", "cat /two/file") == "shared\n"


def test_short_bind_makes_the_folder(project):
    """VOL-03"""
    project.file("services: {a: {image: alpine, init: true, command: sleep infinity, volumes: [\"./made/here:/x\"]}}")
    project.up()
    assert (project.dir / "made/here").is_dir()


@pytest.mark.parametrize("option, made", [pytest.param("", True, marks=pytest.mark.ours), ("bind: {create_host_path: true}", True),
                                          ("bind: {create_host_path: false}", False)],
                         ids=["default", "true", "false"])
def test_long_bind(project, option, made):
    """VOL-04"""
    project.file(f"""
        services:
          a:
            image: alpine
            init: true
            command: sleep infinity
            volumes:
              - type: bind
                source: ./missing
                target: /x
                {option}
    """)
    done = project.up(code=0 if made else 1)
    if not made:
        assert "does not exist" in done.stderr and "missing" in done.stderr
    assert (project.dir / "missing").exists() == made


def test_bind_of_the_project_is_no_change(project):
    """VOL-08"""
    project.file("services: {a: {image: alpine, init: true, command: sleep infinity, volumes: [\".:/x\"]}}")
    project.up()
    before = project.ids()
    project.write("new-file", "x")
    assert "Recreat" not in project.up().output
    assert project.ids() == before


def test_configs(project):
    """VOL-11"""
    project.write("my.conf", "from-file\n")
    project.file("""
        services:
          a:
            image: alpine
            init: true
            command: sleep infinity
            configs:
              - from_file
              - {source: from_environment, target: /etc/elsewhere}
              - from_content
        configs:
          from_file: {file: ./my.conf}
          from_environment: {environment: MY_CONF}
          from_content: {content: "value=${MY_CONF}"}
    """)
    project.up(env={"MY_CONF": "secret-sauce"})
    assert project.sh("a", "cat /from_file /etc/elsewhere; echo; cat /from_content") == "from-file\nsecret-sauce\nvalue=secret-sauce"


def test_secret_from_the_environment_with_owner_and_mode(project):
    """VOL-12, VOL-14"""
    project.write("pw.txt", "hunter2")
    project.file("""
        services:
          a:
            image: alpine
            init: true
            command: sleep infinity
            secrets:
              - plain
              - {source: from_environment, uid: "1005", gid: "1005", mode: 0440}
        secrets:
          plain: {file: ./pw.txt}
          from_environment: {environment: SECRET}
    """)
    project.up(env={"SECRET": "BAR"})
    assert project.sh("a", "cat /run/secrets/plain; echo; cat /run/secrets/from_environment") == "hunter2\nBAR"
    assert project.sh("a", "stat -c '%u %g %a' /run/secrets/from_environment") == "1005 1005 440\n"


@pytest.mark.ours
def test_grants_belong_to_the_user_of_the_container(project):
    project.write("pw.txt", "hunter2")
    project.file("""
        services:
          a: {image: alpine, init: true, command: sleep infinity, user: "1005:1006", secrets: [pw], configs: [conf]}
        secrets:
          pw: {file: ./pw.txt}
        configs:
          conf: {content: x}
    """)
    project.up()
    assert project.sh("a", "stat -c '%u %g' /run/secrets/pw; cat /run/secrets/pw") == "1005 1006\nhunter2"


@pytest.mark.ours
@pytest.mark.parametrize("changed", ["pw.txt", "app.conf"])
def test_a_container_is_made_anew_when_the_content_of_a_grant_changed(project, changed):
    project.write("pw.txt", "hunter2")
    project.write("app.conf", "old")
    project.file("""
        services:
          a: {image: alpine, init: true, command: sleep infinity, secrets: [pw], configs: [conf]}
          b: {image: alpine, init: true, command: sleep infinity}
        secrets:
          pw: {file: ./pw.txt}
        configs:
          conf: {file: ./app.conf}
    """)
    project.up()
    before = project.ids()
    project.up()
    assert project.ids() == before
    project.write(changed, "new")
    project.up("-t", "0")
    after = project.ids()
    assert after["a-1"] != before["a-1"] and after["b-1"] == before["b-1"]
    assert "new" in project.sh("a", "cat /run/secrets/pw /conf")


def test_environment_files(project):
    """VOL-16, VOL-17"""
    project.write("1.env", "A=1\nB=1\nC=1\n# comment\nQUOTED=\"two words # kept\"\n")
    project.write("2.env", "B=2\nC=2\n")
    project.file("""
        services:
          a:
            image: alpine
            init: true
            command: sleep infinity
            env_file: [1.env, 2.env, {path: absent.env, required: false}]
            environment: {C: inline}
    """)
    project.up()
    assert project.sh("a", "echo $A $B $C; echo \"$QUOTED\"") == "1 2 inline\ntwo words # kept\n"


@pytest.mark.ours
def test_missing_environment_file(project):
    """VOL-18"""
    project.file("""
        services:
          a: {image: alpine, init: true, command: sleep infinity}
          b: {image: alpine, env_file: nowhere.env}
    """)
    failed = project.up("b", code=1)
    assert "nowhere.env" in failed.stderr and "not found" in failed.stderr


@pytest.mark.ours
def test_missing_environment_file_only_matters_when_selected(project):
    """VOL-18"""
    project.file("""
        services:
          a: {image: alpine, init: true, command: sleep infinity}
          b: {image: alpine, env_file: nowhere.env}
    """)
    project.up("a")
    project.compose("logs", "a")
    project.compose("exec", "-T", "a", "true")
    project.compose("ps")
    project.compose("down", "-t", "0")


def test_pass_through_variable(project):
    """VOL-22"""
    project.file("""
        services:
          a:
            image: alpine
            environment: [EMPTY]
            command: sh -c 'echo $${EMPTY-unset}'
    """)
    assert project.compose("run", "--rm", "a", env={"EMPTY": "hello"}).stdout == "hello\n"
    assert project.compose("run", "--rm", "a").stdout == "unset\n"

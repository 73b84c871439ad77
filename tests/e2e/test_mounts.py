"""What is mounted, and how: options of binds, volumes and tmpfs, seen inside."""
import contextlib
import subprocess

import pytest

from harness.stack import differences, up_all


def mount_options(target):
    return f"awk '$5 == \"{target}\" {{print $6}}' /proc/self/mountinfo | tr , '\\n'"


@contextlib.contextmanager
def mounted(*mounts):
    """(arguments of mount, folder) each; gone again afterwards, what a container mounted there too."""
    done = []
    try:
        for arguments, folder in mounts:
            folder.mkdir(exist_ok=True, parents=True)
            subprocess.run(["mount", *arguments, str(folder)], check=True)
            done.append(folder)
        yield
    finally:
        for folder in reversed(done):
            subprocess.run(["umount", "-R", str(folder)], check=True)


def test_tmpfs_options(project):
    """VOL-02"""
    long = "volumes: [{type: tmpfs, target: /x, tmpfs: {size: %s, mode: %s}}]"
    up_all(project, {
        "long": long % ("2m", "0711"),
        "quoted": long % ("2097152", "'0o711'"),
        "plain": "volumes: [{type: tmpfs, target: /x}]",
        "short": "tmpfs: ['/x:size=3m,mode=1770,uid=1000,gid=100,exec']",
        "read-only": "tmpfs: ['/x:ro']",
        "image-mode": "tmpfs: /root",
    })
    size = "df -k /x | tail -1 | awk '{print $2}'"
    attributes = "stat -c '%a %u %g' /x"
    assert differences(project, {
        ("long", size): "2048", ("long", attributes): "711 0 0",
        ("quoted", size): "2048", ("quoted", attributes): "711 0 0",
        ("plain", attributes): "1777 0 0",
        ("short", size): "3072", ("short", attributes): "1770 1000 100",
        ("short", mount_options("/x") + " | grep -c noexec; true"): "0",
        ("plain", mount_options("/x") + " | grep -cE 'noexec|nosuid|nodev'"): "3",
        ("read-only", "touch /x/y 2>/dev/null || echo refused"): "refused",
        ("image-mode", "stat -c %a /root"): "700",
    }) == {}


def test_volume_options(project):
    """VOL-02"""
    volume = "volumes: [{type: volume, source: data, target: %s, volume: {%s}}]"
    project.file("""
        services:
          a: {image: alpine, command: "sh -c 'mkdir -p /data/sub/deep && echo found > /data/sub/deep/file'", volumes: ["data:/data"]}
        volumes: {data: {}, home: {}, bare: {}, short: {}}
    """)
    project.compose("up")
    up_all(project, {
        "a": "volumes: ['data:/data']",
        "sub": volume % ("/x", "subpath: sub/deep"),
        "copied": "volumes: ['home:/home']",
        "bare": "volumes: [{type: volume, source: bare, target: /home, volume: {nocopy: true}}]",
        "short": "volumes: ['short:/home:nocopy']",
        "read-only": "volumes: [{type: volume, source: data, target: /x, read_only: true}]",
    }, extra="volumes: {data: {}, home: {}, bare: {}, short: {}}")
    assert differences(project, {
        ("sub", "cat /x/file"): "found",
        ("copied", "ls /home"): "app",
        ("bare", "ls /home"): "",
        ("short", "ls /home"): "",
        ("read-only", "touch /x/y 2>/dev/null || cat /x/sub/deep/file"): "found",
    }) == {}


@pytest.mark.ours
def test_subpath_stays_inside_its_volume(project):
    """VOL-02"""
    project.file("""
        services:
          a: {image: alpine, command: ln -s /etc /data/link, volumes: ["data:/data"]}
        volumes: {data: {}}
    """)
    project.compose("up")
    for path in ("missing", "link", "../../.."):
        project.file(f"""
            services:
              a:
                image: alpine
                command: ls /x
                volumes: [{{type: volume, source: data, target: /x, volume: {{subpath: {path}}}}}]
            volumes: {{data: {{}}}}
        """)
        failed = project.up(code=None)
        if failed.code == 0:
            project.wait_state("a", "exited")
            assert "passwd" not in project.compose("logs").stdout
        else:
            assert path in failed.stderr


@pytest.mark.ours
def test_mounts_below_a_bind(project):
    """VOL-04"""
    top = project.dir / "top"
    bind = "volumes: [{type: bind, source: ./top, target: /x, %s}]"
    with mounted((["-t", "tmpfs", "none"], top / "below")):
        (top / "below/file").write_text("inner\n")
        up_all(project, {
            "default": bind % "bind: {}",
            "disabled": bind % "bind: {recursive: disabled}",
            "writable": bind % "read_only: true, bind: {recursive: writable}",
            "enabled": bind % "read_only: true, bind: {recursive: enabled}",
            "readonly": bind % "read_only: true, bind: {recursive: readonly, propagation: rprivate}",
        })
        write = "touch /x/below/%s 2>/dev/null && echo written || echo refused"
        found = differences(project, {
            ("default", "cat /x/below/file"): "inner",
            ("disabled", "ls /x/below"): "",
            ("writable", write % "1"): "written",
            ("writable", "touch /x/top 2>/dev/null || echo refused"): "refused",
            ("enabled", write % "2"): "refused",
            ("readonly", write % "3"): "refused",
        })
        project.compose("down", "-t", "0")
    assert found == {}


@pytest.mark.ours
def test_propagation(project):
    """VOL-04"""
    top = project.dir / "top"
    bind = "volumes: [{type: bind, source: ./top, target: /x, bind: {propagation: %s}}]"
    with mounted((["-t", "tmpfs", "none"], top)):
        subprocess.run(["mount", "--make-shared", top], check=True)
        (top / "late").mkdir()
        (top / "inside").mkdir()
        up_all(project, {
            "slave": bind % "rslave",
            "alone": bind % "rprivate",
            "default": bind % "private",
            "shared": bind % "rshared" + ", privileged: true",
        })
        with mounted((["-t", "tmpfs", "none"], top / "late")):
            (top / "late/file").write_text("seen\n")
            found = differences(project, {
                ("slave", "cat /x/late/file"): "seen",
                ("shared", "cat /x/late/file"): "seen",
                ("alone", "ls /x/late"): "",
                ("default", "ls /x/late"): "",
            })
        project.sh("shared", "mount -t tmpfs none /x/inside && echo outwards > /x/inside/file")
        outwards = (top / "inside/file").read_text() if (top / "inside/file").exists() else "nothing"
        slave = project.sh("slave", "cat /x/inside/file")
        project.compose("down", "-t", "0")
    assert found == {} and (outwards, slave) == ("outwards\n", "outwards\n")


@pytest.mark.ours
def test_sharing_needs_a_shared_source(project):
    """VOL-04"""
    (project.dir / "top").mkdir()
    with mounted((["-t", "tmpfs", "none"], project.dir / "top")):
        subprocess.run(["mount", "--make-private", project.dir / "top"], check=True)
        project.file("services: {a: {image: alpine, volumes: [\"./top:/x:rshared\"]}}")
        failed = project.up(code=1)
        project.compose("down", "-t", "0")
    assert "/x" in failed.stderr and "shared" in failed.stderr


@pytest.mark.ours
def test_symlink_as_source(project):
    """VOL-05"""
    project.write("real/file", "through\n")
    (project.dir / "link").symlink_to("real")
    up_all(project, {"a": "volumes: ['./link:/x']"})
    assert project.sh("a", "cat /x/file") == "through\n"
    (project.dir / "other").mkdir()
    (project.dir / "other/file").write_text("elsewhere\n")
    (project.dir / "link").unlink()
    (project.dir / "link").symlink_to("other")
    project.compose("restart", "-t", "0")
    assert project.sh("a", "cat /x/file") == "elsewhere\n"


def test_volume_that_stands_for_a_folder(project):
    """VOL-09"""
    project.write("folder/file", "from-host\n")
    project.file(f"""
        services: {{a: {{image: alpine, init: true, command: sleep infinity, volumes: ["data:/x"]}}}}
        volumes: {{data: {{driver_opts: {{type: none, o: bind, device: {project.dir}/folder}}}}}}
    """)
    project.up()
    assert project.sh("a", "cat /x/file; echo from-container > /x/other") == "from-host\n"
    assert (project.dir / "folder/other").read_text() == "from-container\n"
    project.compose("down", "-t", "0", "-v")
    assert (project.dir / "folder/other").exists()


def test_raw_environment_file(project):
    """VOL-19"""
    project.write("raw.env", "QUOTED='kept'\nDOLLAR=$HOME\nHASH=a # b\n")
    project.file("services: {a: {image: alpine, command: env, env_file: [{path: raw.env, format: raw}]}}")
    lines = project.compose("run", "--rm", "a").stdout.splitlines()
    assert {"QUOTED='kept'", "DOLLAR=$HOME", "HASH=a # b"} <= set(lines)


def test_environment_file_of_a_profiled_service(project):
    """VOL-20"""
    project.write("sub/c.env", "FOO=BAR\n")
    project.file("services: {serviceC: {image: alpine, profiles: [p], command: env, env_file: [./sub/c.env]}}")
    assert "FOO=BAR" in project.compose("run", "--rm", "serviceC", "env").stdout.splitlines()


def test_comments_in_dotenv(project):
    """VOL-21"""
    project.write(".env", "PLAIN=1234#5\nQUOTED=\"1234#5\"\nSPACE=1234 #5\n")
    project.file("services: {a: {image: alpine, command: env}}")
    lines = project.compose("run", "--rm", "-e", "PLAIN", "-e", "QUOTED", "-e", "SPACE", "a").stdout.splitlines()
    assert {"PLAIN=1234#5", "QUOTED=1234#5", "SPACE=1234"} <= set(lines)


def test_external_volume_is_switched(project, make_project):
    """VOL-06"""
    owner = make_project("-owner")
    owner.file(f"""
        services:
          one: {{image: alpine, command: sh -c 'echo one > /x/file', volumes: ["one:/x"]}}
          two: {{image: alpine, command: sh -c 'echo two > /x/file', volumes: ["two:/x"]}}
        volumes: {{one: {{name: {owner.name}_one}}, two: {{name: {owner.name}_two}}}}
    """)
    owner.compose("up")
    project.file(f"""
        services: {{a: {{image: alpine, init: true, command: sleep infinity, volumes: ["data:/x"]}}}}
        volumes: {{data: {{name: "{owner.name}_${{WHICH}}", external: true}}}}
    """)
    for which in ("one", "two"):
        project.up("-t", "0", env={"WHICH": which})
        assert project.sh("a", "cat /x/file", env={"WHICH": which}) == which + "\n"
    project.compose("down", "-t", "0", "-v", env={"WHICH": "two"})
    assert owner.compose("run", "--rm", "two", "cat", "/x/file").stdout == "two\n"


@pytest.mark.ours
def test_changed_volume_definition(project):
    """VOL-07"""
    text = """
        services: {a: {image: alpine, init: true, command: sleep infinity, volumes: ["data:/x"]}}
        volumes: {data: {labels: {color: "%s"}}}
    """
    project.file(text % "blue")
    project.up()
    project.sh("a", "echo old > /x/file")
    project.file(text % "red")
    kept = project.up("-t", "0")
    assert project.sh("a", "cat /x/file") == "old\n" and "doesn't match its configuration" in kept.stderr
    project.up("-y", "-t", "0")
    assert project.sh("a", "ls /x") == ""

"""Attributes of a service's process and namespaces, seen to act inside of its container."""
import os
import socket

import pytest

from harness.stack import differences, record, up_all


def namespace(kind):
    return f"readlink /proc/self/ns/{kind}", os.readlink(f"/proc/self/ns/{kind}")


@pytest.mark.parametrize("attribute, kind", [("uts: host", "uts"), ("cgroup: host", "cgroup"), ("pid: host", "pid"),
                                             ("ipc: host", "ipc"), ("network_mode: host", "net"), ("userns_mode: host", "user")])
def test_the_hosts_namespace(project, attribute, kind):
    """NET-15"""
    script, ours = namespace(kind)
    up_all(project, {"shared": attribute})
    assert project.sh("shared", script).strip() == ours


def test_own_namespaces(project):
    """NET-15"""
    up_all(project, {"a": "", "b": "cgroup: private", "c": "ipc: private", "d": "ipc: none"})
    kinds = ["uts", "pid", "ipc", "net", "mnt"]
    seen = [project.sh(service, f"for kind in {' '.join(kinds)}; do readlink /proc/self/ns/$kind; done").split()
            for service in "abcd"]
    for number, kind in enumerate(kinds):
        here = {row[number] for row in seen} | {os.readlink(f"/proc/self/ns/{kind}")}
        assert len(here) == 5, kind
    assert project.sh("b", "readlink /proc/self/ns/cgroup").strip() != os.readlink("/proc/self/ns/cgroup")
    # exec takes part in the same ones as the first process.
    assert differences(project, {("b", "test $(readlink /proc/self/ns/cgroup) = $(readlink /proc/1/ns/cgroup) && echo same"): "same"}) == {}


def test_namespaces_of_another_service(project):
    """NET-15"""
    up_all(project, {"donor": "ipc: shareable", "guest": "'ipc': 'service:donor', 'pid': 'service:donor'"})
    for kind in ("ipc", "pid"):
        assert project.sh("donor", f"readlink /proc/self/ns/{kind}") == project.sh("guest", f"readlink /proc/self/ns/{kind}")
    project.sh("donor", "echo through-shm > /dev/shm/file")
    assert project.sh("guest", "cat /dev/shm/file") == "through-shm\n"


def test_hostname_domainname_and_the_hosts_name(project):
    """NET-13"""
    up_all(project, {"plain": "", "named": "hostname: here, domainname: example.test", "host": "uts: host"})
    assert project.sh("plain", "hostname").strip() == project.id("plain")
    assert differences(project, {
        ("named", "hostname"): "here",
        ("named", "hostname -f"): "here.example.test",
        ("named", "cat /proc/sys/kernel/domainname"): "example.test",
        ("host", "hostname"): socket.gethostname(),
    }) == {}


def test_oom_score(project):
    """UP-53"""
    up_all(project, {"likely": "oom_score_adj: 500", "some": "oom_score_adj: 20", "plain": ""})
    script = "cat /proc/1/oom_score_adj /proc/self/oom_score_adj"
    assert differences(project, {("likely", script): "500\n500", ("some", script): "20\n20",
                                 ("plain", script): "0\n0"}) == {}


def test_device_rules(project):
    """UP-53"""
    up_all(project, {"may": "device_cgroup_rules: ['c 10:237 rw']", "may-not": ""})
    script = "mknod /tmp/device c 10 237; (: < /tmp/device) 2>&1"
    assert "not permitted" in project.compose("exec", "-T", "may-not", "sh", "-c", script, code=None).output
    assert "not permitted" not in project.compose("exec", "-T", "may", "sh", "-c", script, code=None).output


def test_devices(project):
    """UP-53"""
    up_all(project, {"short": "devices: ['/dev/zero:/dev/naught:r']",
                     "long": "devices: [{source: /dev/zero, target: /dev/naught, permissions: rwm}]"})
    for service in ("short", "long"):
        assert project.sh(service, "head -c 4 /dev/naught | od -An -tx1").strip() == "00 00 00 00"


@pytest.mark.ours
def test_annotations_are_recorded(project):
    """UP-02"""
    up_all(project, {"a": "annotations: {com.example.note: kept}"})
    assert record(project, "a")["annotations"] == {"com.example.note": "kept"}


def test_groups_capabilities_and_privileges(project):
    """UP-53"""
    up_all(project, {
        "groups": "user: app, group_add: ['44', audio]",
        "added": "cap_add: [NET_ADMIN]",
        "all": "cap_drop: [ALL], cap_add: [CHOWN]",
        "locked": "security_opt: ['no-new-privileges:true']",
        "privileged": "privileged: true",
        "unconfined": "security_opt: ['seccomp=unconfined']",
    })
    status = "grep -E '^(%s):' /proc/self/status | cut -f2"
    expected = {
        ("groups", "id -G | tr ' ' '\\n' | sort -n | tr '\\n' ' '"): "18 44 1000",
        ("added", status % "CapEff"): "00000000a80435fb",
        ("all", status % "CapEff"): "0000000000000001",
        ("locked", status % "NoNewPrivs"): "1",
        ("locked", status % "Seccomp"): "2",
        ("privileged", status % "Seccomp"): "0",
        ("unconfined", status % "Seccomp"): "0",
        ("unconfined", status % "NoNewPrivs"): "0",
    }
    assert differences(project, expected) == {}
    with open("/proc/self/status", encoding="ascii") as file:
        ours = next(line.split()[1] for line in file if line.startswith("CapBnd"))
    assert project.sh("privileged", status % "CapEff").strip() == ours


def test_seccomp_profile_of_ones_own(project):
    """POD-03"""
    project.write("profile.json", '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": '
                                  '[{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}')
    up_all(project, {"a": "security_opt: ['seccomp=profile.json']"})
    done = project.compose("exec", "-T", "a", "mkdir", "/tmp/made", code=None)
    assert done.code != 0 and "not permitted" in done.stderr


@pytest.mark.ours
def test_dns_settings(project):
    """NET-13"""
    up_all(project, {"a": "dns: [192.0.2.53], dns_search: [corp.example.test], dns_opt: ['ndots:3', 'timeout:1']"})
    text = project.sh("a", "cat /etc/resolv.conf")
    assert "nameserver 127.0.0.11" in text and "search corp.example.test" in text
    assert "ndots:3" in text and "timeout:1" in text


def test_log_drivers(project):
    """UP-51"""
    project.file("""
        services:
          none: {image: alpine, command: echo hello, logging: {driver: none}}
          local: {image: alpine, command: echo hello, logging: {driver: local, options: {max-size: 1m, max-file: "2"}}}
          json: {image: alpine, command: echo hello, logging: {driver: json-file}}
    """)
    project.up()
    for service in ("none", "local", "json"):
        project.wait_state(service, "exited")
    for service in ("local", "json"):
        assert project.compose("logs", "--no-log-prefix", service).stdout == "hello\n"
    assert "hello" not in project.compose("logs", "none", code=None).stdout


@pytest.mark.ours
def test_logs_rotate(project):
    """UP-51"""
    project.file("""
        services:
          a:
            image: alpine
            command: sh -c 'i=0; while [ $$i -lt 3000 ]; do i=$$((i+1)); echo "a line to fill the file $$i"; done'
            logging: {options: {max-size: 32k, max-file: "2"}}
    """)
    project.up()
    project.wait_state("a", "exited")
    folder, = (project.world.state / "projects" / project.name / "containers").iterdir()
    assert sorted(path.name for path in folder.glob("log*")) == ["log", "log.1"]
    sizes = {path.name: path.stat().st_size for path in folder.glob("log*")}
    assert all(size <= 32 * 1024 for size in sizes.values())
    assert sizes["log.1"] > 24 * 1024  # and is filled before the next is begun
    assert project.compose("logs", "--no-log-prefix").stdout.endswith("a line to fill the file 3000\n")


def test_attach_false_keeps_quiet(project):
    """UP-37"""
    project.file("""
        services:
          loud: {image: alpine, command: echo from-loud}
          quiet: {image: alpine, command: echo from-quiet, attach: false}
    """)
    done = project.compose("up")
    assert "from-loud" in done.stdout and "from-quiet" not in done.stdout
    assert "from-quiet" in project.compose("logs", "quiet").stdout


@pytest.mark.ours
def test_attach_false_in_logs(project):
    """UP-37"""
    project.file("""
        services:
          loud: {image: alpine, command: echo from-loud}
          quiet: {image: alpine, command: echo from-quiet, attach: false}
    """)
    project.compose("up")
    shown = project.compose("logs").stdout
    assert "from-loud" in shown and "from-quiet" not in shown


def test_links_name_a_service(project):
    """NET-01"""
    up_all(project, {"web": "", "a": "links: ['web:alias', web]", "b": ""})
    assert project.sh("a", "ping -c 1 -W 2 alias >/dev/null && ping -c 1 -W 2 web >/dev/null && echo answered") == "answered\n"
    assert project.sh("b", "ping -c 1 -W 1 alias >/dev/null 2>&1 || echo unknown") == "unknown\n"

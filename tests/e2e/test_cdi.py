"""Devices with a specification of the Container Device Interface, made up by the tests: for services and RUN --device."""
import json

import pytest

pytestmark = pytest.mark.ours

NAME = "vendor.example/thing=one"
NODE = {"path": "/dev/thing", "hostPath": "/dev/zero", "fileMode": 0o640, "gid": 44}
# By its number, whether the host has a node or not: nothing may be opened by default.
LOOP = {"type": "c", "major": 10, "minor": 237}


@pytest.fixture
def cdi(project):
    """The project, whose commands look for specifications in its folder cdi."""
    project.env["COMPOSE_CDI_DIRS"] = f"{project.dir}/none:{project.dir}/cdi"
    project.write("lib/libthing.so", "library\n")
    return project


def specify(project, file="cdi/thing.json", **edits):
    edits = {"env": ["THING=one"], "deviceNodes": [NODE, {"path": "/dev/open", "permissions": "r", **LOOP}], "additionalGids": [44],
             "mounts": [{"hostPath": f"{project.dir}/lib", "containerPath": "/opt/thing",
                         "options": ["ro", "nosuid", "nodev", "rbind", "rprivate"]}], **edits}
    project.write(file, json.dumps({
        "cdiVersion": "0.7.0", "kind": "vendor.example/thing", "containerEdits": {"env": ["KIND=thing"]},
        "devices": [{"name": "one", "containerEdits": edits}]}))


def dockerfile(project, step, entitlements="[device]"):
    project.file(f"""
        services:
          app:
            build:
              context: .
              entitlements: {entitlements}
              dockerfile_inline: |
                FROM busybox
                RUN {step.replace("$", "$$")}
            command: cat /seen
    """)


SEEN = "stat -c '%a %g %F' /dev/thing; head -c 2 /dev/thing | od -An -tx1; cat /opt/thing/*; echo $KIND $THING; id -G"


def test_a_service_with_a_device(cdi):
    """Node, mount, variables and group; and what a new file says holds from the next start on."""
    specify(cdi)
    cdi.file(f"services: {{web: {{image: busybox, command: sleep 1d, init: true, devices: ['{NAME}']}}}}")
    cdi.up()
    script = f"for each in $(tr '\\0' '\\n' < /proc/1/environ | grep -E '^(KIND|THING)='); do export $each; done; {SEEN}"
    shown = cdi.exec("web", "sh", "-c", script)
    assert "640 44 character special file" in shown
    assert "00 00" in shown and "library" in shown and "thing one" in shown
    assert "44" in cdi.exec("web", "sh", "-c", "grep Groups /proc/1/status").split()
    assert cdi.compose("exec", "-T", "web", "sh", "-c", ": > /opt/thing/x", code=None).code != 0
    for opened, refused in (("< /dev/open", False), ("> /dev/open", True)):
        tried = cdi.compose("exec", "-T", "web", "sh", "-c", f"(: {opened}) 2>&1", code=None).output
        assert ("not permitted" in tried) == refused, tried
    mounted = cdi.exec("web", "sh", "-c", "grep ' /opt/thing ' /proc/mounts").split()[3].split(",")
    assert {"ro", "nosuid", "nodev"} <= set(mounted)

    before = cdi.compose("ps", "-q").stdout
    specify(cdi, env=["THING=two"], deviceNodes=[{"path": "/dev/open", "permissions": "none", **LOOP}])
    cdi.up()
    assert cdi.compose("ps", "-q").stdout == before, "the service has not changed"
    cdi.compose("restart", "-t", "0")
    assert "THING=two" in cdi.exec("web", "sh", "-c", "tr '\\0' '\\n' < /proc/1/environ")
    assert "not permitted" in cdi.compose("exec", "-T", "web", "sh", "-c", "(: < /dev/open) 2>&1", code=None).output


def test_services_that_ask_for_what_is_not_there(cdi):
    specify(cdi)
    specify(cdi, "cdi/other.yaml", hooks=[{"hookName": "createContainer", "path": "/bin/true"}])
    cdi.write("cdi/other.yaml", (cdi.dir / "cdi/other.yaml").read_text().replace("/thing", "/other"))
    cdi.write("cdi/broken.json", "{")
    cdi.file("""
        services:
          a:
            image: busybox
            devices:
              - vendor.example/thing=two
          b:
            image: busybox
            devices: [vendor.example/other=one, {source: vendor.example/thing=one}]
    """)
    shown = cdi.up(code=1).stderr
    assert "compose.yaml:5:9: error: there is no CDI device vendor.example/thing=two" in shown
    assert f"searched {cdi.dir}/none, {cdi.dir}/cdi; there are vendor.example/other=one, vendor.example/thing=one" in shown
    assert f"not read: {cdi.dir}/cdi/broken.json: not valid JSON" in shown
    assert "compose.yaml:8:15: error: " in shown
    assert f"{cdi.dir}/cdi/other.yaml: devices[0].containerEdits.hooks asks for what compose can't do yet" in shown
    assert cdi.compose("ps", "-aq").stdout == ""


def test_a_device_that_went_away_before_a_start(cdi):
    specify(cdi)
    cdi.file(f"services: {{web: {{image: busybox, command: sleep 1d, init: true, devices: ['{NAME}']}}}}")
    cdi.up()
    cdi.compose("stop", "-t", "0")
    (cdi.dir / "cdi/thing.json").unlink()
    assert f"there is no CDI device {NAME}" in cdi.compose("start", code=1).stderr


def test_run_with_a_device(cdi):
    specify(cdi)
    dockerfile(cdi, f"--device={NAME},required ({SEEN}) > /seen; touch /opt/x")
    shown = cdi.compose("run", "--build", "--rm", "app").stdout
    assert "640 44 character special file" in shown
    assert "00 00" in shown and "library" in shown and "thing one" in shown and "44" in shown.split()
    assert cdi.compose("run", "--rm", "app", "ls", "/opt").stdout.split() == ["x"], "nothing of the device is in the layer"


def test_run_with_a_device_that_is_not_there(cdi):
    specify(cdi)
    missing = "vendor.example/thing=two"
    dockerfile(cdi, f"--device={missing},required touch /seen")
    shown = cdi.compose("build", code=1).stderr
    assert f"there is no CDI device {missing}" in shown and f"there are {NAME}" in shown
    assert ":2:1: error: " in shown
    dockerfile(cdi, f"--device={missing},required=false touch /seen")
    assert "no CDI device" not in cdi.compose("build").stderr
    dockerfile(cdi, f"--device={missing} touch /seen /other")
    assert f"there is no CDI device {missing}, and the step runs without it" in cdi.compose("build").stderr


def test_run_with_a_device_needs_the_entitlement(cdi):
    specify(cdi)
    for entitlements, code in (("[]", 1), ("[device=vendor.example/thing=two]", 1), (f"[device={NAME}]", 0),
                               ("[device]", 0)):
        dockerfile(cdi, f"--device={NAME} echo '{entitlements}'", entitlements)
        shown = cdi.compose("build", code=code).stderr
        assert (f"RUN --device={NAME} is not allowed for this build" in shown) == (code == 1)

"""Attributes of networks and of a service's place in them, seen from inside."""
import subprocess

import pytest

from harness.stack import differences, up_all

ADDRESS = "ip -4 -o addr show %s | awk '{print $4}'"
DEFAULT_LINK = "ip route | awk '/^default/ {print $5}'"


@pytest.mark.ours
def test_interface_names(project):
    """NET-06"""
    up_all(project, {"a": "networks: {one: {interface_name: lan0}, two: {}}"}, extra="networks: {one: {}, two: {}}")
    assert sorted(project.sh("a", "ls /sys/class/net").split()) == ["eth0", "lan0", "lo"]


@pytest.mark.ours
def test_the_highest_gateway_priority_has_the_default_route(project):
    """NET-12"""
    networks = "networks: {one: {ipam: {config: [{subnet: 172.31.81.0/24}]}}, two: {ipam: {config: [{subnet: 172.31.82.0/24}]}}}"
    up_all(project, {
        "first": "networks: {one: {gw_priority: 10}, two: {}}",
        "second": "networks: {one: {}, two: {gw_priority: 10}}",
        "below": "networks: {one: {gw_priority: -1}, two: {}}",
    }, extra=networks)
    gateway = "ip route | awk '/^default/ {print $3}'"
    assert differences(project, {("first", gateway): "172.31.81.1", ("second", gateway): "172.31.82.1",
                                 ("below", gateway): "172.31.82.1"}) == {}


def test_the_highest_priority_is_joined_first(project):
    """NET-12"""
    networks = "networks: {one: {ipam: {config: [{subnet: 172.31.83.0/24}]}}, two: {ipam: {config: [{subnet: 172.31.84.0/24}]}}}"
    up_all(project, {
        "first": "networks: {one: {priority: 10}, two: {}}",
        "second": "networks: {one: {}, two: {priority: 10}}, mac_address: '02:42:ac:11:65:44'",
    }, extra=networks)
    subnet = ADDRESS % "eth0" + " | cut -d. -f1-3"
    assert differences(project, {
        ("first", subnet): "172.31.83", ("second", subnet): "172.31.84",
        ("second", "cat /sys/class/net/eth0/address"): "02:42:ac:11:65:44"}) == {}


@pytest.mark.ours
def test_address_mac_and_link_local(project):
    """NET-04, NET-05"""
    up_all(project, {"a": "networks: {one: {ipv4_address: 172.31.85.77, mac_address: '02:42:ac:11:65:45', "
                          "link_local_ips: [169.254.8.8]}}"},
           extra="networks: {one: {ipam: {config: [{subnet: 172.31.85.0/24}]}}}")
    assert differences(project, {
        ("a", ADDRESS % "eth0" + " | sort"): "169.254.8.8/16\n172.31.85.77/24",
        ("a", "cat /sys/class/net/eth0/address"): "02:42:ac:11:65:45"}) == {}


def test_ipam(project):
    """NET-04, NET-14"""
    up_all(project, {"a": "networks: [one]", "b": "networks: [one]"},
           extra="networks: {one: {driver: bridge, ipam: {driver: default, config: [{subnet: 172.31.86.0/24, "
                 "gateway: 172.31.86.200, ip_range: 172.31.86.128/29, aux_addresses: {printer: 172.31.86.130}}]}}}")
    assert differences(project, {("a", "ip route | awk '/^default/ {print $3}'"): "172.31.86.200"}) == {}
    addresses = {int(project.sh(service, ADDRESS % "eth0").split("/")[0].split(".")[3]) for service in "ab"}
    assert len(addresses) == 2 and addresses <= set(range(128, 136)) - {130}


@pytest.mark.ours
def test_driver_options(project):
    """NET-11"""
    bridge = f"br-{project.world.prefix[-6:]}"
    up_all(project, {"a": "networks: [one]", "b": "networks: [one]", "c": "networks: [quiet]", "d": "networks: [quiet]"},
           extra=f"""networks:
  one: {{driver_opts: {{com.docker.network.driver.mtu: 1400, com.docker.network.bridge.name: {bridge}}}}}
  quiet: {{driver_opts: {{com.docker.network.bridge.enable_icc: "false"}}}}
""")
    links = subprocess.run(["ip", "-o", "link", "show", bridge], capture_output=True, text=True, check=True).stdout
    assert "mtu 1400" in links
    ping = "ping -c 1 -W 1 %s >/dev/null 2>&1 && echo answered || echo silence"
    assert differences(project, {("a", "cat /sys/class/net/eth0/mtu"): "1400", ("a", ping % "b"): "answered",
                                 ("c", ping % "d"): "silence"}) == {}


def test_internal_network(project):
    """NET-11"""
    up_all(project, {"a": "networks: [closed]", "b": "networks: [closed]"}, extra="networks: {closed: {internal: true}}")
    assert differences(project, {("a", DEFAULT_LINK): "", ("a", "ping -c 1 -W 2 b >/dev/null && echo answered"): "answered"}) == {}


@pytest.mark.ours
@pytest.mark.parametrize("text, line", [
    ("networks: {default: {enable_ipv6: true}}", "enable_ipv6"),
    ("networks: {default: {enable_ipv4: false}}", "enable_ipv4"),
    ("networks: {default: {ipam: {config: [{subnet: 'fd00::/64'}]}}}", "IPv6"),
    ("networks: {default: {driver: overlay}}", "overlay"),
    ("networks: {default: {driver_opts: {com.example.unknown: 'x'}}}", "com.example.unknown"),
])
def test_what_a_network_cannot_do_is_refused(project, text, line):
    """GAP-01"""
    project.file("services: {a: {image: alpine}}\n" + text + "\n")
    failed = project.up(code=1)
    assert line in failed.stderr
    assert project.compose("-p", project.name, "ps", "-aq", code=None, env={"COMPOSE_FILE": None}).stdout == ""


@pytest.mark.ours
def test_ipv6_may_be_switched_off(project):
    """NET-12"""
    up_all(project, {"a": ""}, extra="networks: {default: {enable_ipv6: false, enable_ipv4: true}}")


def test_explicit_and_similar_names(project):
    """NET-11, NET-12"""
    up_all(project, {"a": "networks: [one]", "b": "networks: [two]", "c": "networks: [one, default]"},
           extra=f"networks: {{one: {{name: {project.name}_net}}, two: {{name: {project.name}_net2}}, default: {{}}}}")
    count = "ls /sys/class/net | grep -c eth"
    assert differences(project, {("a", count): "1", ("b", count): "1", ("c", count): "2"}) == {}
    ping = "ping -c 1 -W 1 %s >/dev/null 2>&1 && echo answered || echo silence"
    assert differences(project, {("c", ping % "a"): "answered", ("c", ping % "b"): "silence"}) == {}


@pytest.mark.ours
def test_changed_labels_replace_the_network(project):
    """NET-08"""
    text = "networks: {default: {labels: {color: %s}}}"
    up_all(project, {"a": ""}, extra=text % "blue")
    up_all(project, {"a": ""}, extra=text % "red")
    assert project.states() == {"a-1": "running"}
    assert project.sh("a", "ls /sys/class/net").split() == ["eth0", "lo"]


def test_links_on_the_default_bridge(project):
    """NET-03"""
    up_all(project, {"web": "network_mode: bridge", "a": "network_mode: bridge, links: ['web:alias']"})
    assert project.sh("a", "ping -c 1 -W 2 alias >/dev/null && echo answered") == "answered\n"


def test_extra_hosts(project):
    """NET-16"""
    up_all(project, {"list": "extra_hosts: ['one=192.0.2.1', 'two:192.0.2.2']", "table": "extra_hosts: {three: 192.0.2.3}",
                     "host": "extra_hosts: ['outside=host-gateway']"})
    line = "awk '$2 == \"%s\" {print $1}' /etc/hosts"
    gateway = project.sh("host", "ip route | awk '/^default/ {print $3}'").strip()
    assert differences(project, {("list", line % "one"): "192.0.2.1", ("list", line % "two"): "192.0.2.2",
                                 ("table", line % "three"): "192.0.2.3", ("host", line % "outside"): gateway}) == {}


@pytest.mark.ours
def test_binding_address_of_published_ports(project):
    """NET-11"""
    project.file("""
        services:
          a: {image: alpine, init: true, command: httpd -f -p 80 -h /etc, ports: ["18099:80"], networks: [one]}
        networks: {one: {driver_opts: {com.docker.network.bridge.host_binding_ipv4: 127.0.0.1}}}
    """)
    project.up()
    assert project.compose("port", "a", "80").stdout == "127.0.0.1:18099\n"

"""Networks, addresses and published ports, seen from inside, from the host, and from another machine."""
import json
import socket
import subprocess

import pytest

from harness.project import http

WEB = """
            image: alpine
            init: true
            command: sh -c 'mkdir /www && echo hello > /www/index.html && exec httpd -f -p 80 -h /www'
"""


def reaches(project, service, name, port=80):
    return project.compose("exec", "-T", service, "timeout", "3", "wget", "-q", "-O", "-",
                           f"http://{name}:{port}/", code=None).code == 0


def test_aliases_belong_to_their_network(project):
    """NET-01, NET-02, UP-03"""
    project.file(f"""
        services:
          web: {{{"image: alpine, init: true, command: httpd -f -p 80 -h /etc"}, networks: {{one: {{aliases: [alias-one]}}, two: {{aliases: [alias-two]}}}}}}
          in-one: {{image: alpine, init: true, command: sleep infinity, networks: [one]}}
          in-two: {{image: alpine, init: true, command: sleep infinity, networks: [two]}}
        networks: {{one: {{}}, two: {{}}}}
    """)
    project.up()
    fetch = "timeout 3 wget -q -O - http://%s/passwd | head -1"
    assert project.sh("in-one", fetch % "alias-one").startswith("root:")
    assert project.sh("in-two", fetch % "alias-two").startswith("root:")
    assert project.sh("in-one", fetch % "alias-two") == ""
    assert project.sh("in-one", fetch % "in-two") == ""


def test_networks_are_isolated(project):
    """NET-02"""
    project.file("""
        services:
          a: {image: alpine, init: true, command: httpd -f -p 80 -h /etc, networks: [one]}
          b: {image: alpine, init: true, command: sleep infinity, networks: [two]}
        networks: {one: {}, two: {}}
    """)
    project.up()
    address = project.sh("a", "hostname -i").split()[0]
    assert project.sh("b", f"timeout 1 wget -q -O - http://{address}/passwd || echo unreachable") == "unreachable\n"


def test_static_address(project):
    """NET-04"""
    project.file("""
        services:
          a: {image: alpine, init: true, command: sleep infinity, networks: {n: {ipv4_address: 172.31.77.9}}}
        networks: {n: {ipam: {config: [{subnet: 172.31.77.0/24}]}}}
    """)
    project.up()
    assert "172.31.77.9/24" in project.sh("a", "ip -4 -o addr show eth0")


@pytest.mark.ours
def test_mac_address(project):
    """NET-05"""
    project.file("services: {a: {image: alpine, init: true, command: sleep infinity, mac_address: \"02:42:ac:11:65:43\"}}")
    project.up()
    assert "02:42:ac:11:65:43" in project.sh("a", "cat /sys/class/net/eth0/address")


@pytest.mark.ours
def test_changed_subnet_replaces_the_network(project):
    """NET-07"""
    project.file("""
        services:
          a: {image: alpine, init: true, command: sleep infinity}
        networks: {default: {ipam: {config: [{subnet: "${SUBNET}"}]}}}
    """)
    project.up(env={"SUBNET": "172.31.78.0/24"})
    assert "172.31.78." in project.sh("a", "hostname -i", env={"SUBNET": "172.31.78.0/24"})
    project.up("-t", "0", env={"SUBNET": "172.31.79.0/24"})
    assert "172.31.79." in project.sh("a", "hostname -i", env={"SUBNET": "172.31.79.0/24"})
    project.compose("down", "-t", "0", env={"SUBNET": "172.31.79.0/24"})


def test_another_services_namespace(project):
    """NET-09"""
    project.file("""
        services:
          db: {image: alpine, init: true, command: httpd -f -p 80 -h /etc}
          side: {image: alpine, init: true, command: sleep infinity, network_mode: "service:db"}
    """)
    project.up()
    assert project.sh("side", "wget -q -O - http://127.0.0.1/passwd | head -1").startswith("root:")


def test_host_and_none(project):
    """NET-10"""
    project.file("""
        services:
          host: {image: alpine, init: true, command: httpd -f -p 18090 -h /etc, network_mode: host}
          none: {image: alpine, init: true, command: sleep infinity, network_mode: none}
    """)
    project.up()
    assert http("http://127.0.0.1:18090/passwd").startswith("root:")
    assert project.sh("none", "ls /sys/class/net") == "lo\n"


def test_published_on_every_loopback_address(project):
    """UP-01, GAP-07"""
    project.file(f"""
        services:
          web:{WEB}
            ports: ["18091:80"]
    """)
    project.up()
    assert http("http://127.0.0.1:18091/") == "hello\n"
    assert http("http://[::1]:18091/") == "hello\n"
    assert http("http://127.0.0.2:18091/") == "hello\n"


def test_published_udp(project):
    """GAP-07"""
    project.write("echo.py", """
        import socket
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("", 7))
        while True:
            data, client = server.recvfrom(100)
            server.sendto(data.replace(b"ping", b"pong"), client)
    """)
    project.file("""
        services:
          echo:
            image: python:3.11-slim
            init: true
            command: python3 /echo.py
            volumes: ["./echo.py:/echo.py:ro"]
            ports: ["127.0.0.1:18092:7/udp"]
    """)
    project.up(timeout=120)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.5)
        for _ in range(20):
            client.sendto(b"ping\n", ("127.0.0.1", 18092))
            try:
                assert client.recv(100) == b"pong\n"
                return
            except (TimeoutError, ConnectionRefusedError):
                continue
    raise AssertionError("no answer from the published UDP port")


def test_own_published_port_from_inside(project):
    """GAP-07"""
    project.file(f"""
        services:
          web:{WEB}
            ports: ["18093:80"]
    """)
    project.up()
    http("http://127.0.0.1:18093/")
    gateway = project.sh("web", "ip route | sed -n 's/default via \\([0-9.]*\\).*/\\1/p'").strip()
    assert reaches(project, "web", gateway, 18093)


def test_host_loopback_is_not_reachable_from_a_container(project):
    """GAP-07"""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        project.file(f"""
            services:
              a:
                image: alpine
                init: true
                command: sleep infinity
                cap_add: [NET_ADMIN]
                ports: ["18094:80"]
        """)
        project.up()
        gateway = project.sh("a", "ip route | sed -n 's/default via \\([0-9.]*\\).*/\\1/p'").strip()
        script = f"nc -w 1 {gateway} {port} </dev/null && echo reached || echo refused"
        assert project.sh("a", script) == "refused\n"


@pytest.fixture
def outside():
    """Another machine: a namespace of its own on a link to this one. Yields (run, our address there)."""
    commands = ["ip netns add outside", "ip link add wan0 type veth peer name wan1 netns outside",
                "ip addr add 198.51.100.1/24 dev wan0", "ip link set wan0 up",
                "ip -n outside addr add 198.51.100.2/24 dev wan1", "ip -n outside link set wan1 up",
                "ip -n outside link set lo up"]
    for command in commands:
        subprocess.run(command.split(), check=True)
    yield lambda *command: subprocess.run(["ip", "netns", "exec", "outside", *command], capture_output=True, text=True)
    subprocess.run(["ip", "link", "del", "wan0"], check=True)
    subprocess.run(["ip", "netns", "del", "outside"], check=True)
    subprocess.run(["umount", "/run/netns"], check=False)


@pytest.fixture
def docker_firewall():
    """What dockerd does to a host: FORWARD drops, with a chain for exceptions."""
    for command in ("-P FORWARD DROP", "-N DOCKER-USER", "-A DOCKER-USER -j RETURN", "-A FORWARD -j DOCKER-USER"):
        subprocess.run(["iptables", *command.split()], check=True)
    yield
    left = subprocess.run(["iptables", "-S", "DOCKER-USER"], capture_output=True, text=True, check=True).stdout
    subprocess.run(["nft", "delete", "table", "ip", "filter"], check=True)
    assert left == "-N DOCKER-USER\n-A DOCKER-USER -j RETURN\n", "rules were left in DOCKER-USER"


OUTSIDE = f"""
    services:
      web:{WEB}
        ports: ["18095:80"]
      other:{WEB}
""".replace("\n            ", "\n        ")


@pytest.mark.ours
def test_from_and_to_another_machine(project, outside):
    """UP-01, GAP-07"""
    project.file(OUTSIDE)
    project.up()
    http("http://127.0.0.1:18095/")
    assert outside("curl", "-s", "-m", "5", "http://198.51.100.1:18095/").stdout == "hello\n"
    assert project.sh("web", "ping -c 1 -W 2 198.51.100.2 >/dev/null && echo answered") == "answered\n"
    project.compose("down", "-t", "0")


@pytest.mark.ours
def test_beside_dockers_firewall(project, docker_firewall, outside):
    """UP-01"""
    project.file(OUTSIDE)
    project.up()
    http("http://127.0.0.1:18095/")
    assert outside("curl", "-s", "-m", "5", "http://198.51.100.1:18095/").stdout == "hello\n"
    assert reaches(project, "web", "other")
    assert project.sh("web", "ping -c 1 -W 2 198.51.100.2 >/dev/null && echo answered") == "answered\n"
    project.compose("down", "-t", "0")


def test_ports_without_an_address_get_that_of_their_network(project):
    """UP-01"""
    project.file(f"""
        services:
          web:{WEB}
            ports: ["18111:80"]
            networks: [n]
        networks: {{n: {{driver_opts: {{com.docker.network.bridge.host_binding_ipv4: 127.0.0.2}}}}}}
    """)
    with socket.create_server(("127.0.0.2", 18111)):
        assert "127.0.0.2:18111" in project.up(code=1).stderr
    with socket.create_server(("127.0.0.1", 18111)):
        project.up()
        assert http("http://127.0.0.2:18111/") == "hello\n"
        assert project.port("web", 80) == ("127.0.0.2", 18111)


def test_busy_port_of_a_host_process(project):
    """GAP-07"""
    with socket.create_server(("0.0.0.0", 0)) as server:
        port = server.getsockname()[1]
        project.file(f"""
            services:
              db: {{image: alpine, init: true, command: sleep infinity}}
              web: {{image: alpine, init: true, command: sleep infinity, ports: ["{port}:80"], depends_on: [db]}}
        """)
        failed = project.up(code=1)
        assert str(port) in failed.stderr


@pytest.mark.ours
def test_busy_port_is_found_before_anything_is_created(project, make_project):
    """GAP-07"""
    other = make_project("-holder")
    web = "services: {web: {image: alpine, init: true, command: sleep infinity, ports: [\"18096:80\"]}}"
    other.file(web)
    other.up()
    project.file(web)
    failed = project.up(code=1)
    assert "18096" in failed.stderr and other.name in failed.stderr
    assert project.ids() == {}


@pytest.mark.ours
def test_same_port_twice_in_one_file(project):
    """GAP-07"""
    project.file("""
        services:
          a: {image: alpine, ports: ["18097:80"]}
          b: {image: alpine, ports: ["18097:80"]}
    """)
    assert "18097" in project.up(code=1).stderr
    project.file("services: {a: {image: alpine}, b: {image: alpine}}")
    assert project.ids() == {}


def test_fixed_addresses_come_before_any(project):
    """NET-04"""
    others = "".join(f"  a{n}: {{image: alpine, init: true, command: sleep infinity, networks: [n]}}\n" for n in range(4))
    project.write("compose.yaml", "services:\n" + others + """
  z:
    image: alpine
    init: true
    command: sleep infinity
    networks: {n: {ipv4_address: 172.31.78.3}}
    depends_on: [a0, a1]
networks: {n: {ipam: {config: [{subnet: 172.31.78.0/24}]}}}
""")
    project.up()
    assert "172.31.78.3/24" in project.sh("z", "ip -4 -o addr show eth0")


def test_external_network(project, make_project):
    """UP-42"""
    owner = make_project("-owner")
    owner.file(f"""
        services:
          a: {{image: alpine, init: true, command: sleep infinity, networks: [shared]}}
        networks: {{shared: {{name: {owner.name}_shared}}}}
    """)
    owner.up()
    project.file(f"""
        services:
          b: {{image: alpine, init: true, command: sleep infinity, networks: [shared]}}
        networks: {{shared: {{name: {owner.name}_shared, external: true}}}}
    """)
    project.up()
    ping = "ping -c 1 -W 2 %s >/dev/null 2>&1 && echo answered || echo unknown"
    assert project.sh("b", ping % "a") == "answered\n"
    assert owner.sh("a", ping % "b") == "answered\n"
    assert owner.sh("a", ping % f"{project.name}-b-1") == "answered\n"
    project.compose("down", "-t", "0")
    assert owner.sh("a", ping % "b") == "unknown\n"
    assert owner.states() == {"a-1": "running"}


@pytest.mark.ours
def test_missing_external_network(project):
    """UP-42"""
    project.file("""
        services: {a: {image: alpine, networks: [gone]}}
        networks: {gone: {name: foo_bar, external: true}}
    """)
    assert "network foo_bar declared as external, but could not be found" in project.up(code=1).stderr
    assert project.ids() == {}


def test_json_lists_the_networks(project):
    """OBS-05"""
    project.file("services: {a: {image: alpine, init: true, command: sleep infinity}}")
    project.up()
    row = json.loads(project.compose("ps", "--format", "json").stdout)
    assert row["Networks"] == f"{project.name}_default"

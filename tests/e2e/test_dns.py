"""Names inside containers."""
import pytest

FILE = """
    services:
      client: {image: alpine, init: true, command: sleep infinity}
      web: {image: alpine, init: true, command: sleep infinity, scale: 3, hostname: web-host}
      db: {image: alpine, init: true, command: sleep infinity, networks: {default: {aliases: [database]}}}
"""


@pytest.fixture
def running(project):
    project.file(FILE)
    project.up()
    return project


def lookup(project, name, kind="a"):
    """The addresses that 127.0.0.11 gives, in its order."""
    out = project.compose("exec", "-T", "client", "nslookup", f"-type={kind}", name, "127.0.0.11", code=None).stdout
    return [line.split()[-1] for line in out.split("\n\n", 1)[-1].splitlines() if line.startswith("Address:")]


def address(project, service, index=1):
    return project.compose("exec", "-T", "--index", index, service, "hostname", "-i").stdout.split()[0]


def test_the_resolver_is_the_embedded_one(running):
    """GAP-06"""
    assert "nameserver 127.0.0.11" in running.sh("client", "cat /etc/resolv.conf")


def test_service_container_alias_and_id(running):
    """GAP-06, NET-01"""
    db = address(running, "db")
    assert lookup(running, "db") == [db]
    assert lookup(running, "database") == [db]
    assert lookup(running, f"{running.name}-db-1") == [db]
    assert lookup(running, running.id("db")[:12]) == [db]
    assert lookup(running, "DB") == [db]


def test_all_replicas(running):
    """GAP-06"""
    replicas = {address(running, "web", index) for index in (1, 2, 3)}
    answers = [tuple(lookup(running, "web")) for _ in range(6)]
    assert all(set(answer) == replicas for answer in answers)
    assert len({answer[0] for answer in answers}) > 1


def test_stopped_service_has_no_name(running):
    """GAP-06"""
    running.compose("stop", "-t", "1", "db")
    assert lookup(running, "db") == []
    running.compose("start", "db")
    assert lookup(running, "db") == [address(running, "db")]


def test_address_follows_a_recreated_container(running):
    """GAP-06"""
    running.up("--force-recreate", "-t", "0", "db")
    assert lookup(running, "db") == [address(running, "db")]


def test_reverse(running):
    """GAP-06"""
    out = running.sh("client", f"nslookup {address(running, 'db')} 127.0.0.11")
    assert f"{running.name}-db-1.{running.name}_default" in out


def test_ipv6_of_a_known_name_is_empty_and_not_unknown(running):
    """GAP-06"""
    done = running.compose("exec", "-T", "client", "nslookup", "-type=aaaa", "db", "127.0.0.11", code=None)
    assert "NXDOMAIN" not in done.output


@pytest.mark.ours
def test_other_names_are_asked_from_the_host(running):
    """GAP-06"""
    assert lookup(running, "www.example.test") == ["192.0.2.80"]
    assert lookup(running, "www.example.test", "aaaa") == ["2001:db8::80"]
    unknown = running.compose("exec", "-T", "client", "nslookup", "missing.example.test", "127.0.0.11", code=None)
    assert "NXDOMAIN" in unknown.output


@pytest.mark.ours
def test_a_container_that_waits_for_its_restart_keeps_its_names(project):
    """GAP-06"""
    project.file("""
        services:
          client: {image: alpine, init: true, command: sleep infinity}
          web:
            image: alpine
            command: sleep 3
            deploy: {restart_policy: {condition: any, delay: 5s}}
            networks: {default: {aliases: [www.example.test]}}
    """)
    project.up()
    project.wait_state("web", "restarting")
    assert lookup(project, "www.example.test") == []
    project.wait_state("web", "running")
    assert lookup(project, "www.example.test") == [address(project, "web")]
    project.wait_state("web", "restarting")
    project.compose("stop", "web")
    assert lookup(project, "www.example.test") == ["192.0.2.80"]
    assert lookup(project, "web") == []


@pytest.mark.ours
def test_long_answers_come_over_tcp(running):
    """GAP-06"""
    query = "\\000\\100" "\\022\\064\\001\\000\\000\\001\\000\\000\\000\\000\\000\\000" \
        "\\004long\\007example\\004test\\000\\000\\020\\000\\001"
    # 4 + 1 + 7 + 1 + 4 + 1 + 1 bytes of name, 4 of type and class, 12 of header: 35 in all.
    script = f"printf '\\000\\043{query[8:]}' | nc -w 2 127.0.0.11 53 | wc -c"
    assert int(running.sh("client", script)) > 5000


def test_extra_options_reach_resolv_conf(project):
    """GAP-06"""
    project.file("""
        services:
          a:
            image: alpine
            init: true
            command: sleep infinity
            dns_search: [corp.test]
            dns_opt: ["timeout:3"]
            extra_hosts: ["elsewhere=192.0.2.7"]
    """)
    project.up()
    text = project.sh("a", "cat /etc/resolv.conf")
    assert "search corp.test" in text and "timeout:3" in text
    assert project.sh("a", "ping -c 1 -W 1 elsewhere 2>&1 | head -1").startswith("PING elsewhere (192.0.2.7)")


def test_containers_can_listen_on_port_53(project):
    """GAP-06"""
    project.file("services: {a: {image: alpine, init: true, command: nc -l -p 53}}")
    project.up()
    assert ":53" in project.sh("a", "netstat -ltn | grep ':53 '")

"""The main job: the stack of examples/webapp, from pull to data that outlives `down`."""
import json
import re
import shutil

import pytest

from harness.project import http
from harness.world import TOP

EXAMPLE = TOP / "examples/webapp"
URL = "http://127.0.0.1:8000"


def visits(base=URL):
    """Counts one visit, once the application says that its stores answer (a request that times out counts, too)."""
    http(base + "/health", timeout=60)
    return int(re.search(r"<strong>(\d+)</strong>", http(base + "/")).group(1))


@pytest.fixture
def webapp(project):
    shutil.copytree(EXAMPLE, project.dir, dirs_exist_ok=True)
    return project


def test_the_tutorials_file(webapp):
    """UP-01, UI-01, DN-01, DN-02: as the tutorial prints it, `build: .` included."""
    assert "    build: .\n" in (EXAMPLE / "compose.yaml").read_text()
    up = webapp.up(timeout=240)
    assert "COPY app.py ." in up.stderr, "the steps of the Dockerfile are shown"
    assert set(webapp.states().values()) == {"running"}
    assert visits() == 1
    assert visits() == 2
    assert json.loads(http(URL + "/api")) | {"host": ""} == {"visits": 2, "cached": True, "host": ""}
    assert '"event": "listening"' in webapp.compose("logs", "web").stdout
    assert webapp.exec("redis", "redis-cli", "get", "visits") == "2\n"

    webapp.compose("down")
    assert webapp.ids() == {}
    assert "COPY app.py ." not in webapp.up().stderr, "what is built is not built again"
    assert visits() == 3, "the data is gone after down and up"

    webapp.compose("down", "-v")
    webapp.up()
    assert visits() == 1, "the data is still there after down -v"


def test_a_change_to_the_application(webapp):
    """UI-04: build, edit, `up --build`: web alone is built and started again, and nothing else of it is in the image."""
    webapp.compose("build", timeout=240)
    webapp.up(timeout=180)
    assert visits() == 1
    before = webapp.ids()
    app = webapp.dir / "app.py"
    app.write_text(app.read_text().replace("<title>Visits</title>", "<title>Guests</title>"))
    webapp.up("--build", timeout=180)
    assert visits() == 2
    assert "<title>Guests</title>" in http(URL + "/")
    after = webapp.ids()
    assert {name for name in after if after[name] != before[name]} == {"web-1"}
    assert webapp.sh("web", "ls *.txt *.yaml Dockerfile 2>/dev/null; id -un").split() == ["app"]


def test_the_better_file(webapp):
    """UP-15, UP-19, OBS-08"""
    webapp.env |= {"COMPOSE_FILE": "compose.better.yaml", "WEB_PORT": "18000"}
    webapp.up("--wait", timeout=240)
    assert {row["Health"] for row in webapp.ps()} == {"healthy"}
    assert visits("http://127.0.0.1:18000") == 1
    assert webapp.compose("ps").stdout.count("(healthy)") == 3
    webapp.compose("stop", timeout=60)
    assert webapp.container("web")["ExitCode"] == 0
    assert webapp.container("db")["ExitCode"] == 0
    webapp.compose("start")
    webapp.up("--wait")
    assert visits("http://127.0.0.1:18000") == 2


def test_recreated_database_is_found_by_name(webapp):
    """UP-05, GAP-06"""
    webapp.up(timeout=180)
    assert visits() == 1
    webapp.up("--force-recreate", "--no-deps", "db")
    assert visits() == 2
    webapp.compose("restart", "redis")
    assert visits() == 3


def test_nginx_logs_reach_compose(project):
    """UP-01, OBS-01"""
    project.file("""
        services:
          proxy:
            image: nginx
            ports: ["127.0.0.1:0:80"]
            configs: [{source: site, target: /etc/nginx/conf.d/default.conf}]
        configs:
          site: {content: "server { listen 80; location / { return 200 'through nginx'; default_type text/plain; } }"}
    """)
    following = project.background("up")
    following.wait_for("start worker process", stream="stderr")
    host, port = project.port("proxy", 80)
    assert http(f"http://{host}:{port}/path-to-log") == "through nginx"
    following.wait_for("GET /path-to-log")

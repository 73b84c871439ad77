"""A visit counter: PostgreSQL keeps the count, Redis caches it, HTTP shows it.

GET /        counts one more visit and shows the page
GET /api     the count as JSON, from the cache when it is there
GET /health  200 when both stores answer, 503 with the reason otherwise

Settings come from the environment: DATABASE_URL, REDIS_URL, PORT, and DATABASE_PASSWORD_FILE for a password that is
not to stand in a URL. A URL without user or password means the tutorial's: postgres and secret.
`app.py --check` asks /health of the running server and exits 0 or 1; the health check of the container uses it.
"""
import html
import json
import os
import signal
import socket
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = int(os.environ.get("PORT", "8000"))
CACHE_KEY = "visits"
CACHE_SECONDS = 60
PATIENCE_SECONDS = 60  # how long a request waits for a database that is still starting

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Visits</title>
<style>body{{font:18px/1.5 system-ui,sans-serif;max-width:32em;margin:4em auto;padding:0 1em;color:#223}}
strong{{font-size:3em;display:block}}small{{color:#778}}</style></head>
<body><p>This page was visited</p><strong>{visits}</strong><p>times.</p>
<small>counted in PostgreSQL {version}, cached in Redis, served by {host}</small></body></html>
"""


def log(event, **fields):
    line = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "event": event, **fields}
    print(json.dumps(line), flush=True)


def read_password():
    path = os.environ.get("DATABASE_PASSWORD_FILE")
    if path:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    return os.environ.get("PGPASSWORD", "secret")


class Counter:
    """The count, in PostgreSQL with a copy in Redis. Safe from several threads."""

    def __init__(self, database_url, redis_url):
        import psycopg2
        import redis

        self._database_errors = (psycopg2.OperationalError, psycopg2.InterfaceError)
        self._connect_database = lambda: psycopg2.connect(database_url, connect_timeout=5)
        self._cache = redis.Redis.from_url(redis_url, socket_timeout=2, socket_connect_timeout=2)
        self._cache_errors = redis.exceptions.RedisError
        self._connection = None
        self._lock = threading.Lock()

    def visit(self):
        visits = self._query("UPDATE counter SET visits = visits + 1 RETURNING visits")
        self._remember(visits)
        return visits

    def read(self):
        """(count, whether it came from the cache)"""
        try:
            cached = self._cache.get(CACHE_KEY)
        except self._cache_errors as error:
            log("cache unavailable", error=str(error))
            cached = None
        if cached is not None:
            return int(cached), True
        visits = self._query("SELECT visits FROM counter")
        self._remember(visits)
        return visits, False

    def version(self):
        return self._query("SHOW server_version").split()[0]

    def check(self):
        """Raises what is wrong with either store, without waiting for it."""
        self._query("SELECT 1", patience=0)
        self._cache.ping()

    def _remember(self, visits):
        try:
            self._cache.set(CACHE_KEY, visits, ex=CACHE_SECONDS)
        except self._cache_errors as error:
            log("cache unavailable", error=str(error))

    def _query(self, statement, patience=PATIENCE_SECONDS):
        deadline = time.monotonic() + patience
        waiting = False
        while True:
            try:
                with self._lock:
                    return self._execute(statement)
            except self._database_errors as error:
                self._connection = None
                if time.monotonic() >= deadline:
                    raise
                if not waiting:
                    log("waiting for the database", error=str(error).splitlines()[0])
                waiting = True
                time.sleep(0.25)

    def _execute(self, statement):
        if self._connection is None:
            connection = self._connect_database()
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(1)")
                cursor.execute("CREATE TABLE IF NOT EXISTS counter (visits bigint NOT NULL)")
                cursor.execute("INSERT INTO counter SELECT 0 WHERE NOT EXISTS (SELECT FROM counter)")
                cursor.execute("SELECT pg_advisory_unlock(1)")
            self._connection = connection
        with self._connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0]


class Handler(BaseHTTPRequestHandler):
    counter = None
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        routes = {"/": self._page, "/api": self._api, "/health": self._health}
        handle = routes.get(self.path.split("?")[0], self._missing)
        try:
            handle()
        except Exception as error:  # the request fails, the server goes on
            log("request failed", path=self.path, error=str(error).strip())
            self._reply(503, "application/json", json.dumps({"error": str(error).strip()}))

    def _page(self):
        visits = self.counter.visit()
        version = html.escape(self.counter.version())
        self._reply(200, "text/html; charset=utf-8",
                    PAGE.format(visits=visits, version=version, host=html.escape(socket.gethostname())))

    def _api(self):
        visits, cached = self.counter.read()
        self._reply(200, "application/json",
                    json.dumps({"visits": visits, "cached": cached, "host": socket.gethostname()}))

    def _health(self):
        self.counter.check()
        self._reply(200, "application/json", '{"status": "ok"}')

    def _missing(self):
        self._reply(404, "application/json", '{"error": "there is /, /api and /health"}')

    def _reply(self, status, content_type, body):
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_request(self, code="-", size="-"):
        if self.path != "/health":
            log("request", method=self.command, path=self.path, status=int(code), client=self.client_address[0])

    def log_message(self, format, *args):
        log("http", message=format % args)


def check():
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health", timeout=3) as answer:
            return 0 if answer.status == 200 else 1
    except OSError as error:
        print(error)
        return 1


def serve():
    os.environ.setdefault("PGUSER", "postgres")
    os.environ["PGPASSWORD"] = read_password()
    Handler.counter = Counter(os.environ.get("DATABASE_URL", "postgresql://db:5432/mydb"),
                              os.environ.get("REDIS_URL", "redis://redis:6379/0"))
    server = ThreadingHTTPServer(("", PORT), Handler)
    server.daemon_threads = True
    # shutdown() waits for the loop that the handler interrupts, hence the thread.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    signal.signal(signal.SIGINT, signal.getsignal(signal.SIGTERM))
    log("listening", port=PORT)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    log("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(check() if sys.argv[1:] == ["--check"] else serve())

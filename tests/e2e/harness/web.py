"""A web server on loopback: files with their ETag or Last-Modified, and git repositories (git http-backend)."""
import hashlib
import os
import pathlib
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *args):
        pass

    def do_GET(self):
        self.answer(b"")

    def do_POST(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(body)

    def answer(self, body):
        path, _, query = self.path.partition("?")
        if ".git/" in path:
            return self.git(path, query, body)
        web = self.server.web
        file = web.files.get(path)
        if file is None:
            return self.send(404, {}, b"")
        content, headers = file
        headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()}"'} if headers is None else headers
        not_modified = (self.headers.get("If-None-Match", "") == headers.get("ETag", "none")
                        or self.headers.get("If-Modified-Since", "") == headers.get("Last-Modified", "none"))
        web.requests.append((path, 304 if not_modified else 200))
        return self.send(304, headers, b"") if not_modified else self.send(200, headers, content)

    def send(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def git(self, path, query, body):
        env = {**os.environ, "GIT_PROJECT_ROOT": str(self.server.web.repositories), "GIT_HTTP_EXPORT_ALL": "1",
               "PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": self.command,
               "CONTENT_TYPE": self.headers.get("Content-Type", ""),
               "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
               "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "REMOTE_ADDR": "127.0.0.1"}
        out = subprocess.run(["git", "http-backend"], input=body, env=env, capture_output=True, check=True).stdout
        head, _, content = out.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(headers.pop("Status", "200").split()[0])
        self.server.web.requests.append((path, status))
        self.send(status, headers, content)


class Web:
    """`files` has (content, headers) by path; headers None: an ETag of the content. `requests` is what was asked."""

    def __init__(self, folder, certificate=None, host="127.0.0.1"):
        """certificate: (its file, the file of its key), for https; host: in `url`, the server is on loopback."""
        self.files = {}
        self.requests = []
        self.repositories = pathlib.Path(folder)
        self.repositories.mkdir(parents=True, exist_ok=True)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.daemon_threads = True
        self.server.web = self
        self.port = self.server.server_address[1]
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"{'https' if certificate else 'http'}://{host}:{self.port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Repository:
    """A git repository NAME.git that `web` serves."""

    def __init__(self, web, name):
        self.path = web.repositories / f"{name}.git"
        self.url = f"{web.url}/{name}.git"
        self.path.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words):
        identity = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.test", "GIT_COMMITTER_NAME": "a",
                    "GIT_COMMITTER_EMAIL": "a@example.test", "GIT_CONFIG_GLOBAL": "/dev/null"}
        return subprocess.run(["git", "-C", self.path, *words], env={**os.environ, **identity}, check=True,
                              capture_output=True, text=True).stdout.strip()

    def commit(self, **files):
        """Writes files (`a__b` is a/b) and returns the name of the commit with them."""
        for name, content in files.items():
            file = self.path / name.replace("__", "/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=x")
        return self.git("rev-parse", "HEAD")

"""A proxy for HTTP and, by CONNECT, for HTTPS. Every host it is asked for is on loopback, at the port it is told."""
import base64
import select
import socket
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *args):
        pass

    def admitted(self):
        proxy = self.server.proxy
        proxy.requests.append((self.command, self.path))
        wanted = proxy.login and "Basic " + base64.b64encode(proxy.login.encode()).decode()
        if not wanted or self.headers.get("Proxy-Authorization") == wanted:
            return True
        self.send_response(407)
        self.send_header("Proxy-Authenticate", 'Basic realm="tests"')
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def do_GET(self):
        if not self.admitted():
            return
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in self.headers.items() if not name.lower().startswith("proxy-")}
        onward = HTTPConnection("127.0.0.1", url.port, timeout=60)
        onward.request(self.command, url.path + (f"?{url.query}" if url.query else ""), body or None, headers)
        answer = onward.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "server", "date"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        onward.close()

    do_POST = do_GET

    def do_CONNECT(self):
        if not self.admitted():
            return
        port = int(self.path.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as onward:
            self.send_response(200)
            self.end_headers()
            ends = {self.connection: onward, onward: self.connection}
            while ends:
                for source in select.select(list(ends), [], [])[0]:
                    data = source.recv(65536)
                    if not data:
                        self.close_connection = True
                        return
                    ends[source].sendall(data)


class Proxy:
    """`requests` is what it was asked: ("GET", URL), ("CONNECT", "HOST:PORT"). login: "USER:PASSWORD" it asks for."""

    def __init__(self, login=None):
        self.requests = []
        self.login = login
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.daemon_threads = True
        self.server.proxy = self
        self.url = f"http://{login + '@' if login else ''}127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

"""A DNS server that plays the host's resolver: a few names of the reserved zone `example.test`, over UDP and TCP."""
import socket
import socketserver
import struct
import threading

A, AAAA, TXT = 1, 28, 16
RECORDS = {
    ("www.example.test", A): [socket.inet_aton("192.0.2.80")],
    ("www.example.test", AAAA): [socket.inet_pton(socket.AF_INET6, "2001:db8::80")],
    # Too long for a UDP answer: the client has to come back over TCP.
    ("long.example.test", TXT): [bytes([250]) + b"%03d" % number + b"x" * 247 for number in range(20)],
}
KNOWN = {name for name, _ in RECORDS}


def answer(query, limit):
    ident = query[:2]
    labels, position = [], 12
    while query[position]:
        labels.append(query[position + 1:position + 1 + query[position]].decode())
        position += query[position] + 1
    question = query[12:position + 5]
    name, kind = ".".join(labels).lower(), struct.unpack("!H", query[position + 1:position + 3])[0]
    records = RECORDS.get((name, kind), [])
    body = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data for data in records)
    flags = 0x8180 | (0 if name in KNOWN else 3)
    if 12 + len(question) + len(body) > limit:
        flags, records, body = flags | 0x0200, [], b""
    return ident + struct.pack("!HHHHH", flags, 1, len(records), 0, 0) + question + body


class _Udp(socketserver.BaseRequestHandler):
    def handle(self):
        data, sock = self.request
        sock.sendto(answer(data, 512), self.client_address)


class _Tcp(socketserver.BaseRequestHandler):
    def handle(self):
        while head := self.request.recv(2, socket.MSG_WAITALL):
            query = self.request.recv(struct.unpack("!H", head)[0], socket.MSG_WAITALL)
            reply = answer(query, 65535)
            self.request.sendall(struct.pack("!H", len(reply)) + reply)


class Upstream:
    def __init__(self, address):
        self.servers = [socketserver.ThreadingUDPServer((address, 53), _Udp),
                        socketserver.ThreadingTCPServer((address, 53), _Tcp)]
        for server in self.servers:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        for server in self.servers:
            server.shutdown()
            server.server_close()

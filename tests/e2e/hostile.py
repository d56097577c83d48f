"""A server that answers with the bytes it is told to, right or wrong; and pages to send."""

import gzip
import json
import socket
import socketserver
import threading
import time

KIND = "application/vnd.pypi.simple.v1+json"


def page(*files, name="demo", **more):
    """A page of the simple API; files are names, or whole entries."""
    entries = [f if isinstance(f, dict) else {
        "filename": f, "url": f"https://files.example.invalid/{f}", "hashes": {}} for f in files]
    return {"meta": {"api-version": "1.1"}, "name": name, "files": entries, **more}


GOOD = page("demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz")


def answer(body=b"", status="200 OK", kind=KIND, length=None, **headers):
    """A response with all its bytes; length None: the true one, False: none is told."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if length is not False:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def packed(body, cut=None, more=b""):
    """The same in gzip; `cut`: only so many bytes of it, `more` behind it."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    return answer(gzip.compress(body, mtime=0)[:cut] + more, Content_Encoding="gzip")


class Server:
    """`answers` maps a project to bytes, to an iterable of bytes, or to a function of the request's
    headers that gives one of these; what is not there is absent. `requests` holds (time, path,
    headers)."""

    def __init__(self):
        self.answers = {}
        self.requests = []
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                outer.serve(self)

        class Sockets(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 128
            allow_reuse_address = True

            def handle_error(self, request, client_address):
                pass  # who asked hung up, as is right

        self.sockets = Sockets(("127.0.0.1", 0), Handler)
        self.port = self.sockets.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/simple/"
        threading.Thread(target=self.sockets.serve_forever, daemon=True).start()

    def serve(self, handler):
        first = handler.rfile.readline().split()
        headers = {}
        while (line := handler.rfile.readline().strip()):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        if len(first) < 2:
            return
        path = first[1].decode()
        self.requests.append((time.monotonic(), path, headers))
        name = path.removeprefix("/simple/").strip("/")
        found = self.answers.get(name, self.answers.get("*", answer(status="404 Not Found")))
        found = found(headers) if callable(found) else found
        for piece in [found] if isinstance(found, bytes) else found:
            handler.wfile.write(piece)
            handler.wfile.flush()

    def asked(self, name):
        return [r for r in self.requests if r[1] == f"/simple/{name}/"]

    def close(self):
        self.sockets.shutdown()
        self.sockets.server_close()


def closed_port():
    """A port of this machine that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]

"""The web server of the fetch test: prints its port, serves what a client must cope with, ends with
its standard input."""

import gzip
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, body=b"", status=200, **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def zipped(self, body):
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            self.answer(gzip.compress(body), Content_Encoding="gzip")
        else:
            self.answer(body)

    def do_GET(self):
        path, _, query = self.path.partition("?")
        port = self.server.server_port
        if path == "/hello":
            self.answer(b"hello", Content_Type="text/plain", ETag='"e1"', X_PyPI_Last_Serial="77")
        elif path == "/gzip":
            self.zipped(b"words " * 1000)
        elif path == "/bomb":
            self.zipped(bytes(16 << 20))
        elif path == "/endless":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x" * 65536)
            except OSError:
                self.close_connection = True
        elif path == "/to":
            self.answer(status=302, Location=unquote(query), ETag='"redirect"')
        elif path == "/loop":
            self.answer(status=302, Location=f"http://127.0.0.1:{port}/loop")
        elif path == "/slow":
            time.sleep(3)
            self.answer(b"late")
        elif path == "/stall":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"0123456789")
            time.sleep(20)
            self.close_connection = True
        elif path == "/busy":
            self.answer(b"no", status=429, Retry_After="7")
        elif path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"0123456789")
            self.close_connection = True
        elif path == "/headers":
            self.answer(**{f"X-{i}": "y" * 8000 for i in range(50)})
        elif path == "/see":
            self.answer(str(self.headers).encode())
        else:
            self.answer(b"none", status=404)

    do_HEAD = do_GET

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind = self.headers.get("Content-Type", "")
        self.answer(f"{self.command} {kind} ".encode() + body)

    do_PUT = do_POST


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """Clients that hang up are what the test is about."""


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
os._exit(0)

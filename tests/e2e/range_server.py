"""A web server on loopback for one file, with ranges (RFC 9110, 14); it can lie in the ways that
`wheelfarm inspect URL` must notice."""

import http.server
import re
import threading

LIES = """honest, no_ranges, wrong_place, wrong_size, no_content_range, short, long, changed_etag,
changed_if_range, changed_size, unsatisfiable, missing, forbidden, broken, hang_up, empty, endless,
redirect, gone_later"""


class RangeServer:
    """GET /LIE/NAME.whl answers as LIE says. `sent` counts body bytes, `requests` keeps (path, headers)."""

    def __init__(self, data):
        self.data = data
        self.sent = 0
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                outer.requests.append((self.path, dict(self.headers)))
                first = len([p for p, _ in outer.requests if p == self.path]) == 1
                outer.answer(self, self.path.split("/")[1], first)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request, client_address):
                """Clients that hang up are part of it."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def send(self, handler, status, body, headers=(), length=None):
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers:
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
        self.sent += len(body)
        if length is not None and length != len(body):
            handler.close_connection = True

    def answer(self, handler, lie, first):
        data, size = self.data, len(self.data)
        tag = '"new"' if lie == "changed_etag" and not first else '"one"'
        whole = [("ETag", tag)]
        statuses = {"missing": 404, "forbidden": 403, "broken": 500, "unsatisfiable": 416}
        if lie in statuses:
            self.send(handler, statuses[lie], b"no", [("Content-Range", f"bytes */{size}")])
            return
        if lie == "gone_later" and not first:
            self.send(handler, 404, b"no")
            return
        if lie == "redirect":
            self.send(handler, 302, b"", [("Location", handler.path.replace("redirect", "honest"))])
            return
        if lie == "empty":
            self.send(handler, 200, b"")
            return
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", handler.headers.get("Range", ""))
        changed = lie == "changed_if_range" and not first
        if not wanted or lie == "no_ranges" or changed:
            self.send(handler, 200, data, whole)
            return
        if wanted[1] == "":
            begin, end = max(0, size - int(wanted[2])), size
        else:
            begin, end = int(wanted[1]), min(int(wanted[2]) + 1, size)
        body = data[begin:end]
        total = size + 1 if lie == "changed_size" and not first else size
        if lie == "wrong_place" and not first:
            begin, end = begin + 1, end + 1
        if lie == "wrong_size":
            total = size + 10
        place = [("Content-Range", f"bytes {begin}-{end - 1}/{total}")]
        if lie == "no_content_range":
            place = [("Content-Type", "multipart/byteranges; boundary=x")]
        if lie == "short":
            body = body[:-7]
        if lie == "long" and not first:
            body = body + b"more"
        if lie == "endless":
            handler.send_response(206)
            handler.send_header("Connection", "close")
            for name, value in place:
                handler.send_header(name, value)
            handler.end_headers()
            while True:
                handler.wfile.write(b"x" * 65536)
        length = len(body) + 50 if lie == "hang_up" else None
        self.send(handler, 206, body, whole + place, length)

"""A package index on loopback made from recorded pages, and the programs under test."""

import gzip
import hashlib
import http.server
import json
import os
import pathlib
import re
import subprocess
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = ROOT / "tests/data/pages"
SDISTS = ROOT / "tests/data/sdists"
WHEELFARM = ROOT / "build/wheelfarm"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "wheelfarm"


def image_revision(name):
    """As its data says: a number written down in a test would skip it from the next revision on."""
    text = (ROOT / f"recipes/images/{name}.yaml").read_text(encoding="utf-8")
    return int(re.search(r"^revision: (\d+)", text, re.MULTILINE)[1])


def image_is_there(name):
    return (CACHE / f"images/{name}-{image_revision(name)}/identity").exists()


class Index:
    """Serves /simple/NAME/ (PEP 691) and /files/FILENAME. `change(name)` may edit a page before it is
    served; `answers` maps a path to (status, content type, body) that replaces the real answer."""

    def __init__(self):
        self.pages = {}
        self.answers = {}
        self.requests = []
        index = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                index.requests.append((self.path, dict(self.headers)))
                status, kind, body = index.answer(self.path)
                tag = '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
                if status == 200 and self.headers.get("If-None-Match") == tag:
                    status, body = 304, b""
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("ETag", tag)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/simple/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def add(self, name, sdist=None):
        """A recorded page; the URL of `sdist` is made to point here."""
        page = json.loads(gzip.decompress((PAGES / f"{name}.json.gz").read_bytes()))
        for file in page["files"]:
            if file["filename"] == sdist:
                file["url"] = f"/files/{sdist}"
        self.pages[name] = page
        return page

    def answer(self, path):
        if path in self.answers:
            return self.answers[path]
        if match := re.fullmatch(r"/simple/([a-z0-9-]+)/", path):
            if page := self.pages.get(match[1]):
                kind = "application/vnd.pypi.simple.v1+json"
                return 200, kind, json.dumps(page).encode()
        if match := re.fullmatch(r"/files/([\w.+-]+)", path):
            file = SDISTS / match[1]
            if file.exists():
                return 200, "application/octet-stream", file.read_bytes()
        return 404, "text/plain", b"not here"


@pytest.fixture
def index():
    served = Index()
    yield served
    served.close()


@pytest.fixture
def small_disk(tmp_path, request):
    """A disk of request.param MiB where the farm of write_config keeps its state."""
    folder = tmp_path / "farm"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={request.param}m", "tmpfs", str(folder)],
        capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("needs the right to mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def state(tmp_path):
    """Environment of a run that leaves nothing in the user's state folder."""
    return {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "NO_COLOR": "1"}


def wheelfarm(*arguments, env=None, timeout=120, **options):
    return subprocess.run(
        [str(WHEELFARM), *map(str, arguments)], env=env, timeout=timeout, text=True,
        capture_output=True, stdin=subprocess.DEVNULL, check=False, **options)

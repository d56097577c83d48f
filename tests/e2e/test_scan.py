"""`wheelfarm scan`: what it asks for, what it keeps, how it says what went wrong."""

import base64
import gzip
import http.server
import json
import shutil
import threading

import pytest

from conftest import PAGES, wheelfarm

HTML = b"""<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.1"></head><body>
<a href="../../files/demo-1.0-cp313-cp313-win_arm64.whl#sha256=%s"
   data-requires-python="&gt;=3.9">demo-1.0-cp313-cp313-win_arm64.whl</a>
<a href="https://files.example.invalid/demo-1.1.tar.gz" data-yanked="oops">demo-1.1.tar.gz</a>
</body></html>""" % (b"0" * 64)


def scan(db, state, *arguments, **options):
    return wheelfarm("scan", *arguments, "--db", db, env=state, **options)


def show(db, state, name, *arguments):
    done = wheelfarm("show", name, "--db", db, "--json", *arguments, env=state)
    return done.returncode, json.loads(done.stdout) if done.stdout else None


def test_second_scan_asks_only_for_what_changed(tmp_path, state, index):
    db = tmp_path / "facts.db"
    for name in ("markupsafe", "httptools"):
        index.add(name)
    first = scan(db, state, "--index", index.url, "markupsafe", "httptools")
    assert first.returncode == 0, first.stderr
    assert "2 read" in first.stdout
    index.requests.clear()
    second = scan(db, state, "--index", index.url)
    assert "2 unchanged" in second.stdout
    assert all("If-None-Match" in headers for _, headers in index.requests)
    index.pages["httptools"]["files"].pop()
    third = scan(db, state, "--index", index.url)
    assert "1 read, 1 unchanged" in third.stdout


def test_requests_say_what_they_want_and_who_asks(tmp_path, state, index):
    index.add("markupsafe")
    scan(tmp_path / "f.db", state, "--index", index.url, "--contact", "ops@example.invalid", "MarkupSafe")
    path, headers = index.requests[0]
    assert path == "/simple/markupsafe/"
    assert "application/vnd.pypi.simple.v1+json" in headers["Accept"]
    assert headers["User-Agent"].startswith("wheelfarm/")
    assert "ops@example.invalid" in headers["User-Agent"]


def test_html_page(tmp_path, state, index):
    db = tmp_path / "facts.db"
    index.answers["/simple/demo/"] = (200, "text/html; charset=utf-8", HTML)
    assert scan(db, state, "--index", index.url, "demo").returncode == 0
    code, shown = show(db, state, "demo", "--target", "win_arm64")
    assert code == 0
    [row] = shown["targets"]
    assert row["published"]["state"] == "wheel" and row["published"]["version"] == "1.0"
    assert shown["newest"] == "1.0"


def test_credentials_are_used_and_not_kept(tmp_path, state, index):
    db = tmp_path / "facts.db"
    index.add("markupsafe")
    url = index.url.replace("://", "://reader:s3cr%65t@")
    done = scan(db, state, "--index", url, "markupsafe", "nothing-here")
    assert done.returncode == 1
    sent = index.requests[0][1]["Authorization"]
    assert base64.b64decode(sent.removeprefix("Basic ")) == b"reader:s3cret"
    everything = done.stdout + done.stderr
    kept = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert "s3cr" not in everything and b"s3cr" not in kept


def test_index_of_pip_is_taken_from_the_environment(tmp_path, state, index):
    index.add("markupsafe")
    done = scan(tmp_path / "f.db", {**state, "PIP_INDEX_URL": index.url}, "markupsafe")
    assert done.returncode == 0, done.stderr
    assert index.requests


def test_folder_with_plain_and_packed_pages(tmp_path, state):
    db = tmp_path / "facts.db"
    folder = tmp_path / "pages"
    folder.mkdir()
    shutil.copy(PAGES / "markupsafe.json.gz", folder)
    (folder / "httptools.json").write_bytes(
        gzip.decompress((PAGES / "httptools.json.gz").read_bytes()))
    (folder / "torn.json.gz").write_bytes((PAGES / "lz4.json.gz").read_bytes()[:5000])
    (folder / "empty.json").write_bytes(b"")
    names = ("markupsafe", "httptools", "torn", "empty", "absent")
    done = scan(db, state, "--index", folder, *names)
    assert done.returncode == 1
    assert "2 read, 1 absent, 2 bad" in done.stdout, done.stdout
    again = scan(db, state, "--index", folder, "markupsafe", "httptools")
    assert "2 unchanged" in again.stdout


def test_packages_file_and_top(tmp_path, state):
    names = tmp_path / "names.txt"
    names.write_text("# two\nMarkupSafe\nmarkupsafe # again\nhttptools\nlz4\n")
    done = scan(tmp_path / "f.db", state, "--index", PAGES, "--packages", names, "--top", "2")
    assert done.stdout.startswith("2 packages: 2 read")
    top = tmp_path / "top.json"
    top.write_text('{"rows": [{"project": "lz4", "download_count": 7}, {"project": "ujson"}]}')
    done = scan(tmp_path / "f.db", state, "--index", PAGES, "--packages", top)
    assert done.returncode == 0
    _, shown = show(tmp_path / "f.db", state, "lz4")
    assert shown["rank"] == 1 and shown["downloads"] == 7


def test_wrong_use_is_one_line(tmp_path, state):
    bad = tmp_path / "bad.txt"
    bad.write_text("fine\nnot fine!\n")
    for arguments, word in (
        (("no_such_name_",), "package name"),
        (("--packages", bad), "bad.txt:2:"),
        (("--index", tmp_path / "gone", "lz4"), "gone"),
        (("--index", "ftp://example.invalid/", "lz4"), "http"),
        (("--top", "none", "lz4"), "whole number"),
        (("--colour", "lz4"), "--colour"),
        ((), "nothing to scan"),
    ):
        if "--index" not in arguments:
            arguments = (*arguments, "--index", PAGES)
        done = scan(tmp_path / "f.db", state, *arguments)
        assert done.returncode == 2, (arguments, done.stderr)
        assert done.stdout == "" and len(done.stderr.splitlines()) == 1, done.stderr
        assert word in done.stderr


def test_show_of_one_release(tmp_path, state):
    db = tmp_path / "facts.db"
    scan(db, state, "--index", PAGES, "cryptography")
    _, shown = show(db, state, "cryptography==46.0.3", "--target", "win_arm64")
    [row] = shown["targets"]
    assert row["headline"] == "ready" and row["version"] == "46.0.3"
    _, shown = show(db, state, "cryptography==46.0.4", "--target", "win_arm64")
    assert shown["targets"][0]["published"]["state"] == "sdist"
    assert shown["targets"][0]["headline"] == "missing"
    code, shown = show(db, state, "cryptography==1!0")
    assert code == 1 and shown["targets"] == []
    code, _ = show(db, state, "cryptography==x.y")
    assert code == 2


def test_scan_of_an_index_that_is_slow_to_answer_well(tmp_path, state, index):
    index.add("markupsafe")
    index.answers["/simple/markupsafe/"] = (503, "text/plain", b"later")
    done = scan(tmp_path / "f.db", state, "--index", index.url, "markupsafe")
    assert done.returncode == 3
    assert len(index.requests) == 3 and "HTTP status 503" in done.stderr


@pytest.fixture
def plain_index():
    """An index that sends no ETag; `headers` and `body` are what it answers, whatever is asked."""

    class Handler(http.server.BaseHTTPRequestHandler):
        headers_to_send = {}
        body = b""

        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json")
            for name, value in Handler.headers_to_send.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(Handler.body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # nobody wanted the rest

        def log_message(self, *_):
            pass

    Handler.body = gzip.decompress((PAGES / "markupsafe.json.gz").read_bytes())
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Handler.url = "http://127.0.0.1:%d/simple/" % server.server_address[1]
    yield Handler
    server.shutdown()
    server.server_close()


def without_last_file(body):
    page = json.loads(body)
    page["files"].pop()
    return json.dumps(page).encode()


def test_serial_header_tells_that_nothing_changed(tmp_path, state, plain_index):
    db = tmp_path / "facts.db"
    plain_index.headers_to_send = {"X-PyPI-Last-Serial": "7"}
    assert "1 read" in scan(db, state, "--index", plain_index.url, "markupsafe").stdout
    plain_index.body = b"not even a page"
    again = scan(db, state, "--index", plain_index.url)
    assert again.returncode == 0 and "1 unchanged" in again.stdout, again.stderr
    plain_index.headers_to_send = {"X-PyPI-Last-Serial": "8"}
    assert "1 bad" in scan(db, state, "--index", plain_index.url).stdout
    _, shown = show(db, state, "markupsafe")
    assert shown["newest"] == "3.0.4"


def test_the_same_bytes_are_no_change(tmp_path, state, plain_index):
    db = tmp_path / "facts.db"
    assert "1 read" in scan(db, state, "--index", plain_index.url, "markupsafe").stdout
    assert "1 unchanged" in scan(db, state, "--index", plain_index.url).stdout
    # the page's own serial stays, its bytes do not
    plain_index.body = without_last_file(plain_index.body)
    assert "1 read" in scan(db, state, "--index", plain_index.url).stdout
    assert "1 unchanged" in scan(db, state, "--index", plain_index.url).stdout

"""What the dashboard says to programs: its other forms, their description, and rude clients."""

import csv
import io
import json
import socket
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree

import pytest

from test_pages import get

ATOM = "{http://www.w3.org/2005/Atom}"
TABLES = ["/index", "/packages", "/package/cryptography", "/changes", "/blockers", "/start-here", "/farm"]


@pytest.mark.parametrize("path", TABLES)
def test_the_same_as_csv_and_json(site, path):
    status, headers, body = get(f"{site}{path}.csv")
    assert status == 200 and headers["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(body.decode())))
    assert len({len(row) for row in rows}) == 1 and (len(rows) > 1 or path == "/changes")
    status, headers, body = get(f"{site}{path}.json")
    assert status == 200 and headers["Content-Type"] == "application/json"
    json.loads(body)


def test_csv_has_what_the_page_was_asked_for(site):
    query = "?target=cp313-win_arm64&state=missing&reason=compiler_dialect&owner=package"
    rows = list(csv.DictReader(io.StringIO(get(f"{site}/packages.csv{query}")[2].decode())))
    assert [row["name"] for row in rows] == ["grpcio"] and rows[0]["headline"] == "missing"
    other = get(f"{site}/packages.csv{query.replace('owner=package', 'owner=toolchain')}")[2].decode()
    assert not list(csv.DictReader(io.StringIO(other)))


def test_feeds_are_well_formed(site):
    for path, titles in {
            "/feed.atom": 4, "/feed/cp313-win_arm64.atom": 2, "/package/cryptography.atom": 1,
            "/package/markupsafe.atom": 0}.items():
        status, headers, body = get(site + path)
        assert status == 200 and headers["Content-Type"] == "application/atom+xml"
        feed = ElementTree.fromstring(body)
        assert feed.tag == f"{ATOM}feed" and feed.find(f"{ATOM}id").text == site + path
        assert len(feed.findall(f"{ATOM}entry")) == titles
        assert feed.find(f"{ATOM}updated").text.endswith("Z")
    assert get(f"{site}/feed/none.atom")[0] == 404
    tree = ElementTree.fromstring(get(f"{site}/sitemap.xml")[2])
    assert len(tree) == 6 + 167


def test_badges(site, open_page):
    for target in ("windows", "linux", "musl", "cp314-win_arm64"):
        status, headers, body = get(f"{site}/badge/cryptography/{target}.svg")
        assert status == 200 and headers["Content-Type"] == "image/svg+xml" and headers["ETag"]
        ElementTree.fromstring(body)
    shields = json.loads(get(f"{site}/badge/cryptography/windows.json")[2])
    assert shields["message"] == "vanished after 46.0.3" and shields["schemaVersion"] == 1
    assert get(f"{site}/badge/cryptography/amiga.svg")[0] == 404
    assert get(f"{site}/badge/Charset_Normalizer/linux.svg")[0] == 200  # redirected
    ElementTree.fromstring(get(f"{site}/badge/hostile/linux.svg")[2])
    page = open_page(f"{site}/package/cryptography")
    assert page.locator("#badges img").first.evaluate("i => i.naturalWidth") > 50


def test_description_is_true(site):
    """Each public address of the description answers as it says, and knows the others' methods."""
    described = json.loads(get(f"{site}/openapi.json")[2])
    assert described["openapi"] == "3.1.0"
    values = {"{name}": "cryptography", "{target}": "cp313-win_arm64", "{job}": "1"}
    seen = 0
    for path, methods in described["paths"].items():
        operation = methods.get("get")
        if operation is None or "security" in operation or "{file}" in path or "icon" in path:
            continue
        for hole, value in values.items():
            path = path.replace(hole, value)
        status, headers, _ = get(site + path + ("?q=a" if path == "/search.json" else ""))
        assert headers["ETag"] or headers["Cache-Control"] == "no-store", path
        if path in ("/queue.json",):  # a server without a queue says so
            assert status == 503
            continue
        assert status == 200, path
        kind = headers["Content-Type"].split(";")[0]
        assert kind in operation["responses"]["200"]["content"], path
        seen += 1
    assert seen > 30


def raw(site, data):
    """What the server answers to these bytes; nothing if it hangs up, which it may before it has read all."""
    host, port = site.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        try:
            connection.sendall(data)
            return connection.recv(65536)
        except ConnectionError:
            return b""


def test_rude_requests_are_refused(site):
    head = b"GET / HTTP/1.1\r\nHost: x\r\n"
    assert raw(site, head + b"X: " + b"a" * (1 << 20) + b"\r\n\r\n")[9:12] in (b"", b"400", b"413", b"431")
    for path in (b"/../../etc/passwd", b"/assets/..%2f..%2fetc%2fpasswd", b"/package/%00", b"/package/%ff%fe",
                 b"/%2e%2e/%2e%2e/etc/passwd", b"/packages?q=%ff%00%c0%af", b"/search.json?q=%00"):
        answer = raw(site, b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert answer.split(b" ")[1] in (b"200", b"400", b"404"), (path, answer[:100])
        assert b"root:" not in answer
    assert get(f"{site}/healthz")[0] == 200


def test_slow_and_idle_clients_disturb_nobody(site):
    host, port = site.removeprefix("http://").split(":")
    held = []
    try:
        for number in range(2000):
            connection = socket.create_connection((host, int(port)), timeout=60)
            if number % 10 == 0:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")  # and nothing more
            held.append(connection)
        for path in ("/", "/packages", "/package/cryptography"):
            assert get(site + path)[0] == 200
    finally:
        for connection in held:
            connection.close()
    assert get(f"{site}/healthz")[0] == 200

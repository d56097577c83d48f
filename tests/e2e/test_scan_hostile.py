"""`wheelfarm scan` against an index that lies: each case is one line and an exit code, the facts of
before stay, and the scan goes on with the next package."""

import functools
import json
import shutil
import time

import pytest

from conftest import wheelfarm
from hostile import GOOD, KIND, Server, answer, packed, page

ESCAPE = "\x1b[31mred\x07"


@pytest.fixture
def server():
    served = Server()
    yield served
    served.close()


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """A database that knows the good page of `demo`."""
    folder = tmp_path_factory.mktemp("known")
    served = Server()
    served.answers["demo"] = answer(GOOD)
    done = wheelfarm("scan", "demo", "--index", served.url, "--db", folder / "facts.db")
    served.close()
    assert done.returncode == 0, done.stderr
    return folder / "facts.db"


def facts(db):
    shown = json.loads(wheelfarm("show", "demo", "--json", "--db", db).stdout)
    return {key: shown[key] for key in ("name", "newest", "targets")}


@functools.cache
def bomb(size):
    """So many bytes of white space in little gzip."""
    import zlib
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = b" " * (1 << 20)
    packed_bytes = b"".join(pack.compress(piece) for _ in range(size >> 20))
    return packed_bytes + pack.flush()


def endless():
    yield answer(length=False)
    piece = b" " * (1 << 20)
    while True:
        yield piece


def deep(levels):
    return json.dumps(GOOD)[:-1].encode() + b',"x":' + b"[" * levels + b"]" * levels + b"}"


def with_file(**changes):
    return page({"filename": "demo-2.0.tar.gz", "url": "u", "hashes": {}, **changes})


BAD = {
    "gzip_cut": (packed(GOOD, cut=-12), "ends too early"),
    "gzip_cut_in_its_header": (packed(GOOD, cut=5), "ends too early"),
    "gzip_that_is_none": (answer(GOOD, Content_Encoding="gzip"), "not gzip data"),
    "gzip_with_more_behind": (packed(GOOD, more=b"garbage"), "behind the end"),
    "gzip_with_a_wrong_sum": (packed(GOOD, cut=-8, more=b"\0" * 8), "checksum"),
    "unknown_packing": (answer(GOOD, Content_Encoding="br"), "nobody asked for"),
    "packing_named_oddly": (answer(GOOD, Content_Encoding="\x1b[31mred"), "nobody asked for"),
    "bomb": (lambda: answer(bomb(256 << 20), Content_Encoding="gzip"), "when unpacked"),
    "endless": (lambda: lambda _: endless(), "bytes"),
    "length_of_terabytes": (answer(GOOD, length=1 << 42), "file size"),
    "empty": (answer(b""), "empty"),
    "no_json": (answer(b"<html>404 but 200</html>"), "JSON"),
    "neither_json_nor_html": (answer(GOOD, kind="image/png"), "neither JSON nor HTML"),
    "two_texts": (answer(json.dumps(GOOD).encode() * 2), "JSON"),
    "cut_json": (answer(json.dumps(GOOD).encode()[:-30]), "JSON"),
    "no_utf8": (answer(json.dumps(GOOD).encode().replace(b"1.0.tar", b"1.\xff.tar")), "UTF-8"),
    "deep": (answer(deep(200)), "too deep"),
    "deep_by_millions": (packed(b'{"x":' + b"[" * 5_000_000 + b"]" * 5_000_000 + b"}"), "too deep"),
    "files_are_text": (answer({**GOOD, "files": "none"}), "files"),
    "a_name_is_a_number": (answer(with_file(filename=7)), "filename"),
    "hashes_are_a_list": (answer(with_file(hashes=["sha256"])), "hashes"),
    "size_below_zero": (answer(with_file(size=-1)), "size"),
    "size_beyond_everything": (answer(with_file(size=10 ** 40)), "size"),
    "version_of_another_api": (answer({**GOOD, "meta": {"api-version": "2.0"}}), "api-version"),
    "a_list": (answer([]), ""),
    "files_twice": (answer(json.dumps(GOOD)[:-1].encode() + b',"files":[]}'), "twice"),
    "many_headers": (b"HTTP/1.1 200 OK\r\n" + b"X-A: yyyyyyyy\r\n" * 100_000 + b"\r\n", "headers"),
    "string_of_megabytes": (answer(with_file(url="u" * (3 << 20))), "longer than"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_page_is_one_line_and_the_facts_stay(case, tmp_path, server, known):
    body, word = BAD[case]
    body = body() if callable(body) else body
    db = shutil.copy(known, tmp_path / "facts.db")
    before = facts(db)
    server.answers["demo"] = body
    server.answers["other"] = answer(page("other-1.tar.gz", name="other"))
    done = wheelfarm("scan", "demo", "other", "--index", server.url, "--db", db)
    assert done.returncode == 1, done.stderr
    [line] = done.stderr.splitlines()
    assert line.startswith("demo: bad page: ") and word in line, line
    assert "\x1b" not in done.stderr + done.stdout
    assert "1 read, 1 bad" in done.stdout
    assert facts(db) == before
    assert len(server.asked("demo")) == 1


UNREACHABLE = {
    "shorter_than_its_length": (answer(GOOD, length=100_000), 3),
    "no_http": (b"SSH-2.0-OpenSSH\r\n" + b"x" * 2000, None),
    "nothing": (b"", 3),
    "headers_of_a_megabyte": (answer(GOOD, X="y" * (1 << 20)), 3),
    "round_in_circles": (answer(status="302 Found", Location="/simple/demo/"), None),
    "to_a_file": (answer(status="302 Found", Location="file:///etc/hostname"), 1),
    "to_another_scheme": (answer(status="302 Found", Location="ftp://127.0.0.1/demo"), 1),
    "server_error": (answer(status="500 Internal Server Error"), 3),
    "forbidden": (answer(status="403 Forbidden"), 1),
    "teapot": (answer(status=f"418 {ESCAPE}"), 1),
    "not_modified_unasked": (answer(status="304 Not Modified"), 1),
}


@pytest.mark.parametrize("case", UNREACHABLE)
def test_a_page_out_of_reach_is_one_line_and_the_facts_stay(case, tmp_path, server, known):
    body, times = UNREACHABLE[case]
    db = shutil.copy(known, tmp_path / "facts.db")
    before = facts(db)
    server.answers["demo"] = body
    server.answers["other"] = answer(page("other-1.tar.gz", name="other"))
    done = wheelfarm("scan", "demo", "other", "--index", server.url, "--db", db)
    assert done.returncode == 3, done.stderr
    [line] = done.stderr.splitlines()
    assert line.startswith("demo: unreachable: "), line
    assert "\x1b" not in done.stderr + done.stdout
    assert "1 read, 1 unreachable" in done.stdout
    assert facts(db) == before
    if times is not None:
        assert len(server.asked("demo")) == times


def test_a_page_that_drips_ends_in_time(tmp_path, server, known):
    def drip(_):
        yield answer(length=100_000)
        while True:
            yield b" "
            time.sleep(0.1)

    db = shutil.copy(known, tmp_path / "facts.db")
    before = facts(db)
    server.answers["demo"] = drip
    began = time.monotonic()
    done = wheelfarm("scan", "demo", "--index", server.url, "--page-time", "2", "--db", db)
    assert done.returncode == 3 and "demo: unreachable" in done.stderr
    assert time.monotonic() - began < 60
    assert facts(db) == before


def test_odd_pages_that_are_pages(tmp_path, server):
    """Strange, and allowed: they are read, and nothing of them moves a terminal."""
    million = ".".join(["cp313"] * 60_000) + "-" + ".".join(["abi3"] * 60_000)
    server.answers["demo"] = answer(page(
        "../../../etc/passwd", f"demo-1.0{ESCAPE}.tar.gz", "demo-..-py3-none-any.whl",
        f"demo-1.0-{million}-win_arm64.whl", "demo-1.0.tar.gz", "demo-1.0.tar.gz",
        {"filename": "demo-1.1.tar.gz", "url": "../../../../x\u202e", "hashes": {"sha256": "no"}}))
    text = json.dumps(GOOD)[:-1] + ', "name": "other", "name": "twice", "meta": {"api-version": "1.3"}}'
    server.answers["twice"] = answer(text.encode())
    db = tmp_path / "facts.db"
    done = wheelfarm("scan", "demo", "twice", "--index", server.url, "--db", db)
    assert done.returncode == 0, done.stderr
    assert "2 read" in done.stdout
    shown = wheelfarm("show", "demo", "--db", db)
    assert shown.returncode == 0
    for text in (done.stdout, done.stderr, shown.stdout, shown.stderr):
        assert "\x1b" not in text and "\x07" not in text and "\u202e" not in text


def test_a_page_of_sixty_megabytes(tmp_path, server):
    count = 150_000
    files = ",".join(
        '{"filename":"demo-%d.0.tar.gz","url":"https://files.example.invalid/%s/demo-%d.0.tar.gz",'
        '"hashes":{"sha256":"%064x"},"requires-python":">=3.9","yanked":false,"size":%d,'
        '"upload-time":"2024-01-02T03:04:05.678900Z","core-metadata":{"sha256":"%064x"}}'
        % (i, "ab/cd/" + "e" * 60, i, i, i, i) for i in range(count))
    text = '{"meta":{"api-version":"1.1"},"name":"demo","files":[' + files + "]}"
    assert len(text) > 55_000_000
    server.answers["demo"] = answer(text.encode())
    db = tmp_path / "facts.db"
    done = wheelfarm("scan", "demo", "--index", server.url, "--db", db)
    assert done.returncode == 0, done.stderr
    assert json.loads(wheelfarm("show", "demo", "--json", "--db", db).stdout)["newest"] == \
        f"{count - 1}.0"


def test_html_that_is_hostile(tmp_path, server, known):
    db = shutil.copy(known, tmp_path / "facts.db")
    before = facts(db)
    server.answers["demo"] = lambda _: [
        answer(kind="text/html", length=False), b"<a href='x'>" * 8_000_000]
    done = wheelfarm("scan", "demo", "--index", server.url, "--db", db)
    assert done.returncode == 1 and "demo: bad page" in done.stderr
    assert facts(db) == before
    assert KIND in server.requests[0][2]["accept"]

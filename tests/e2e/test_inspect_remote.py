"""`wheelfarm inspect URL`: ranges over loopback, and servers that lie."""

import json
import pathlib
import random
import subprocess
import sys

import pytest
from conftest import ROOT, wheelfarm
from range_server import RangeServer

sys.path.insert(0, str(ROOT / "tests/data/inspect"))
from wheel_kit import LINUX, Wheel, module  # noqa: E402

BINARIES = 60
FILL = 128 << 10  # bytes in each that no compression shortens


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    noise = random.Random(7)
    files = {f"demo/part{i}.cpython-313-aarch64-linux-gnu.so":
             module(defined=[f"PyInit_part{i}"]) + noise.randbytes(FILL) for i in range(BINARIES)}
    folder = tmp_path_factory.mktemp("remote")
    Wheel(LINUX, files).save(folder)
    return folder / LINUX


@pytest.fixture
def server(wheel):
    served = RangeServer(wheel.read_bytes())
    yield served
    served.close()


def inspect(server, lie, *options, **more):
    return wheelfarm("inspect", f"{server.url}/{lie}/{LINUX}", *options, **more)


def test_headers_by_ranges(server, wheel):
    done = inspect(server, "honest", "--depth", "headers", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["depth"] == "headers" and report["ok"] and len(report["binaries"]) == BINARIES
    assert {b["machine"] for b in report["binaries"]} == {"aarch64"}
    transfer = report["transfer"]
    assert transfer["size"] == wheel.stat().st_size and not transfer["whole"]
    assert transfer["received"] == server.sent
    assert transfer["requests"] == len(server.requests)
    assert server.sent < 66_000 + BINARIES * 5_000
    assert server.requests[0][1]["Range"] == "bytes=-65577"
    assert all(headers["If-Range"] == '"one"' for _, headers in server.requests[1:])


def test_headers_say_what_a_file_would(server, wheel):
    remote = json.loads(inspect(server, "honest", "--depth", "headers", "--json").stdout)
    local = json.loads(wheelfarm("inspect", wheel, "--depth", "headers", "--json").stdout)
    del remote["transfer"]
    assert remote == local


def test_full_is_one_request(server, wheel):
    done = inspect(server, "honest", "--json")
    assert done.returncode == 0, done.stderr
    remote = json.loads(done.stdout)
    assert len(server.requests) == 1 and "Range" not in server.requests[0][1]
    del remote["transfer"]
    assert remote == json.loads(wheelfarm("inspect", wheel, "--json").stdout)


def test_a_server_without_ranges_gives_all_and_it_is_said(server):
    done = inspect(server, "no_ranges", "--depth", "headers")
    assert done.returncode == 0, done.stderr
    assert "all of it, as the server knows no ranges" in done.stdout
    assert len(server.requests) == 1


def test_redirects_are_followed(server):
    assert inspect(server, "redirect", "--depth", "headers").returncode == 0


@pytest.mark.parametrize("lie, code, words", [
    ("wrong_place", 3, "asked for bytes "),
    ("wrong_size", 3, "asked for its last 65577 bytes, the server sends 'bytes "),
    ("no_content_range", 3, "a part came with the Content-Range ''"),
    ("short", 3, "bytes came with the Content-Range"),
    ("long", 3, None),
    ("endless", 3, "more than it was asked for"),
    ("changed_etag", 3, "the file changed on the server while it was read"),
    ("changed_size", 3, "the file changed on the server while it was read"),
    ("changed_if_range", 3, "the server sends the whole file where a part was asked for"),
    ("unsatisfiable", 3, "does not have the bytes asked for (416)"),
    ("broken", 3, "HTTP status 500"),
    ("hang_up", 3, None),
    ("empty", 3, "the server's answer is empty"),
    ("gone_later", 2, "the server has no such file (404)"),
    ("missing", 2, "the server has no such file (404)"),
    ("forbidden", 2, "the server does not allow it (403)"),
])
def test_lies_are_told(server, lie, code, words):
    done = inspect(server, lie, "--depth", "headers", "--json", timeout=30)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert done.stderr.startswith("wheelfarm inspect: ") and done.stderr.count("\n") == 1
    assert words is None or words in done.stderr


@pytest.mark.parametrize("lie, code", [("missing", 2), ("broken", 3), ("empty", 3), ("wrong_size", 0)])
def test_whole_files(server, lie, code):
    assert inspect(server, lie, timeout=30).returncode == code


def test_one_bad_wheel_is_one_line(server, wheel):
    done = wheelfarm("inspect", f"{server.url}/missing/{LINUX}", wheel,
                     f"{server.url}/honest/{LINUX}", "--depth", "headers")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    lines = [line for line in done.stdout.splitlines() if line.startswith(LINUX)]
    assert len(lines) == 2
    assert "3 files: 2 fine, 1 not read" in done.stdout


def test_names_and_secrets(server):
    done = wheelfarm("inspect", f"{server.url}/honest/demo.txt")
    assert done.returncode == 2 and ".whl" in done.stderr and not server.requests
    url = server.url.replace("//", "//user:hunter2@") + f"/missing/{LINUX}?token=hunter2"
    done = wheelfarm("inspect", url)
    assert done.returncode == 2 and "hunter2" not in done.stderr


def test_unreachable_is_the_world():
    done = wheelfarm("inspect", f"http://127.0.0.1:1/{LINUX}")
    assert done.returncode == 3 and done.stderr.count("\n") == 1


def test_many_files_keep_their_order(wheel, tmp_path):
    names = []
    for i in range(150):
        (tmp_path / str(i)).mkdir()
        name = tmp_path / str(i) / LINUX.replace("1.0", f"1.{i}")
        name.symlink_to(wheel)
        names.append(name)
    names[70] = tmp_path / "nothing.whl"
    done = wheelfarm("inspect", "--depth", "headers", *names)
    assert done.returncode == 2
    shown = [line.split(":")[0] for line in done.stdout.splitlines() if line.startswith("demo-")]
    assert shown == [name.name for i, name in enumerate(names) if i != 70]


def test_colour_is_for_terminals_only(wheel):
    for environment in ({}, {"NO_COLOR": "1"}):
        done = wheelfarm("inspect", wheel, env={"PATH": "/usr/bin", **environment})
        assert "\x1b" not in done.stdout
    command = f"script -qec '{ROOT}/build/wheelfarm inspect {wheel}' /dev/null"
    for environment, coloured in ({}, True), ({"NO_COLOR": "1"}, False):
        done = subprocess.run(["sh", "-c", command], capture_output=True, check=False,
                              env={"PATH": "/usr/bin:/bin", **environment})
        assert (b"\x1b[32m" in done.stdout) is coloured

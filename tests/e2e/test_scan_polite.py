"""`wheelfarm scan` as a guest: it waits when it is told to, asks no faster than it may, stops when
nobody answers, tells no secrets to strangers, and asks for nothing twice."""

import email.utils
import itertools
import json
import signal
import subprocess
import time

import pytest

from conftest import WHEELFARM, wheelfarm
from hostile import GOOD, KIND, Server, answer, closed_port, packed, page


@pytest.fixture
def server():
    served = Server()
    yield served
    served.close()


def scan(db, server, *arguments, **options):
    return wheelfarm("scan", *arguments, "--index", server.url, "--db", db, **options)


def names(count):
    return [f"p{i:04d}" for i in range(count)]


def busy_once(**headers):
    """429 to the first who asks, then pages."""
    count = itertools.count()

    def reply(_):
        if next(count) == 0:
            return answer(status="429 Too Many Requests", **headers)
        return answer(GOOD)
    return reply


def longest_pause(server):
    times = sorted(when for when, _, _ in server.requests)
    return max(b - a for a, b in itertools.pairwise(times))


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_all_wait_when_one_is_told_to(form, tmp_path, server):
    wait = "3" if form == "seconds" else email.utils.formatdate(time.time() + 4, usegmt=True)
    server.answers["*"] = busy_once(Retry_After=wait)
    done = scan(tmp_path / "f.db", server, *names(60))
    assert done.returncode == 0, done.stderr
    assert "60 read" in done.stdout
    assert longest_pause(server) > 1.9


def test_a_date_that_is_over_means_now(tmp_path, server):
    server.answers["*"] = busy_once(Retry_After="Thu, 01 Jan 2015 00:00:00 GMT")
    assert "3 read" in scan(tmp_path / "f.db", server, *names(3)).stdout


def test_a_long_pause_is_not_waited_for(tmp_path, server):
    server.answers["*"] = answer(status="503 Service Unavailable", Retry_After="86400")
    began = time.monotonic()
    done = scan(tmp_path / "f.db", server, *names(300))
    assert done.returncode == 3
    assert "asks for a long pause" in done.stderr and "were not asked for" in done.stderr
    assert len(server.requests) < 20 and time.monotonic() - began < 30


def test_a_host_that_is_down_ends_the_scan_soon(tmp_path):
    url = f"http://127.0.0.1:{closed_port()}/simple/"
    began = time.monotonic()
    done = wheelfarm("scan", *names(2000), "--index", url, "--db", tmp_path / "f.db")
    assert done.returncode == 3
    assert time.monotonic() - began < 60
    assert "the index does not answer: " in done.stderr
    assert len(done.stderr.splitlines()) < 30
    assert "2000 packages: 2000 unreachable" in done.stdout


@pytest.mark.parametrize("status", ["500 Internal Server Error", "401 Unauthorized", "429 Slow"])
def test_an_index_that_refuses_all_is_not_asked_for_all(status, tmp_path, server):
    server.answers["*"] = answer(status=status)
    done = scan(tmp_path / "f.db", server, *names(1000), "--rate", "0")
    assert done.returncode == 3
    assert len(server.requests) < 60
    assert "the index does not answer" in done.stderr


def test_no_faster_than_it_may(tmp_path, server):
    server.answers["*"] = answer(GOOD)
    done = scan(tmp_path / "f.db", server, *names(41), "--rate", "20")
    assert "41 read" in done.stdout
    times = sorted(when for when, _, _ in server.requests)
    assert times[-1] - times[0] > 1.7


def test_a_redirect_gets_no_credentials_of_others(tmp_path, server):
    stranger = Server()
    stranger.answers["demo"] = answer(GOOD)
    server.answers["demo"] = answer(status="301 Moved", Location=stranger.url + "demo/")
    server.answers["near"] = answer(status="301 Moved", Location="/simple/here/")
    server.answers["here"] = answer(GOOD)
    url = server.url.replace("://", "://reader:secret@")
    done = wheelfarm("scan", "demo", "near", "--index", url, "--db", tmp_path / "f.db")
    stranger.close()
    assert done.returncode == 0, done.stderr
    assert "authorization" in server.asked("demo")[0][2]
    assert "authorization" in server.asked("here")[0][2]
    assert "authorization" not in stranger.asked("demo")[0][2]


def serials_of(projects):
    return {"meta": {"api-version": "1.1", "_last-serial": 99},
            "projects": [{"_last-serial": s, "name": n} for n, s in projects.items()]}


def test_the_list_of_serials_spares_requests(tmp_path, server):
    db = tmp_path / "f.db"
    serials = {f"p{i:04d}": 10 + i for i in range(30)}

    def serve():
        for name, serial in serials.items():
            server.answers[name] = answer(GOOD, X_PyPI_Last_Serial=serial)
        server.answers[""] = packed(serials_of({**serials, "Nobody.Asked": 3, "a b": "x"}))

    serve()
    first = scan(db, server, *serials, "--serials")
    assert "30 read" in first.stdout and not server.asked("")  # nothing is known: no use for it
    server.requests.clear()
    serials["p0007"] += 100
    server.answers["p0007"] = None
    serve()
    second = scan(db, server, *serials, "--serials")
    assert "1 read, 29 unchanged" in second.stdout, second.stderr
    assert [path for _, path, _ in server.requests] == ["/simple/", "/simple/p0007/"]
    assert KIND in server.requests[0][2]["accept"]


@pytest.mark.parametrize("root", [
    answer(b"<html>", kind="text/html"), answer(status="404 Not Found"), packed({"projects": 7}),
    answer(b'{"projects": [{"name": "p0000", "_last-serial": 5}, '),
    answer(serials_of({"p0000": 10 ** 30, "p0001": -4}))])
def test_without_a_list_each_page_is_asked_for(root, tmp_path, server):
    db = tmp_path / "f.db"
    server.answers["*"] = answer(GOOD, X_PyPI_Last_Serial=5)
    server.answers[""] = root
    assert "2 read" in scan(db, server, "p0000", "p0001").stdout
    done = scan(db, server, "p0000", "p0001", "--serials")
    assert done.returncode == 0 and "2 unchanged" in done.stdout, done.stderr
    assert len(done.stderr.splitlines()) <= 1
    assert len(server.asked("p0001")) == 2


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_scan_that_was_killed_goes_on_with_the_rest(how, tmp_path, server):
    db = tmp_path / "f.db"
    last = names(200)[-1]

    def hang(_):
        time.sleep(60)
        return b""

    server.answers["*"] = answer(GOOD)
    server.answers[last] = hang
    listed = tmp_path / "names"
    listed.write_text("\n".join(names(200)))
    command = [str(WHEELFARM), "scan", "--packages", str(listed), "--index", server.url,
               "--db", str(db), "--rate", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        for _ in range(600):
            if server.asked(last):
                break
            time.sleep(0.05)
        time.sleep(1)
        child.send_signal(how)
        code = child.wait(30)
    assert code == (-9 if how == signal.SIGKILL else 130)
    server.requests.clear()
    server.answers[last] = answer(GOOD)
    done = wheelfarm(*command[1:])
    assert done.returncode == 0 and "200 packages: 200 read" in done.stdout, done.stdout
    assert len(server.requests) < 100 and server.asked(last)
    server.requests.clear()
    again = wheelfarm(*command[1:])  # that scan came to its end: this is a new one
    assert "200 unchanged" in again.stdout and len(server.requests) == 200


def test_rank_and_downloads_of_a_list_are_kept(tmp_path, server):
    db = tmp_path / "f.db"
    server.answers["*"] = answer(GOOD, X_PyPI_Last_Serial=5)
    top = tmp_path / "top.json"
    for downloads in (9, 7):
        rows = [{"project": n, "download_count": downloads - i} for i, n in enumerate(names(5))]
        top.write_text(json.dumps({"last_update": "now", "rows": rows}))
        done = scan(db, server, "--packages", top, "--top", "3")
        assert done.stdout.startswith("3 packages: 3 ")
        shown = json.loads(wheelfarm("show", "p0001", "--json", "--db", db).stdout)
        assert (shown["rank"], shown["downloads"]) == (2, downloads - 1)
    assert not server.asked("p0003")

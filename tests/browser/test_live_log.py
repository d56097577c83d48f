"""The log of a running job as one answer that stays open: server-sent events."""

import contextlib
import http.client
import pathlib
import re
import socket
import sqlite3
import time
import urllib.parse

import pytest

from conftest import demo

HELD = 256  # SERVER_STREAMS


@pytest.fixture
def running(tmp_path):
    """A dashboard with job 3 running; gives its address and folder."""
    with demo(tmp_path, pathlib.Path(__file__).with_name("demo.sql")) as url:
        yield url, tmp_path


def log_of(folder):
    return next((folder / "live").iterdir())


def end_job(folder):
    with contextlib.closing(sqlite3.connect(folder / "facts.db", timeout=60)) as db:
        db.execute("UPDATE job SET state = 'done' WHERE id = 3")
        db.commit()


@contextlib.contextmanager
def stream(url, seconds=60, **headers):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    connection.request("GET", "/job/3/events", headers=headers)
    answer = connection.getresponse()
    connection.sock.settimeout(seconds)  # between its lines
    assert answer.status == 200 and answer.headers["Content-Type"] == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    yield answer
    connection.close()


def read_until(answer, wanted):
    """All up to the line `wanted`, which must come."""
    lines = []
    while not lines or lines[-1] != wanted:
        line = answer.readline()
        assert line != b"", f"ended before {wanted!r}: {lines}"
        lines.append(line.decode().rstrip("\n"))
    return lines


def test_lines_come_as_they_are_written(running):
    url, folder = running
    with stream(url) as answer:
        first = read_until(answer, "data: second line")
        assert first[0].startswith("retry: ") and "data: first line" in first
        with log_of(folder).open("ab") as log:
            log.write(b"ne\nfourth \x1b[1mline\x1b[0m <b>\r\nhalf of the fif")
            log.flush()
            more = read_until(answer, "data: fourth line <b>")
            log.write(b"th\n")
        assert "data: half a line" in more and not [x for x in first + more if "fif" in x]
        read_until(answer, "data: half of the fifth")
        ids = [int(line[4:]) for line in first + more if line.startswith("id: ")]
        assert ids == sorted(ids) and len(set(ids)) == 4
    # as a browser does after a break: what it has seen does not come again
    with stream(url, **{"Last-Event-ID": str(ids[2])}) as answer:
        again = read_until(answer, "data: half of the fifth")
        assert [x for x in again if x.startswith("data: ")] == [
            "data: fourth line <b>", "data: half of the fifth"]
        assert int(again[-3][4:]) == log_of(folder).stat().st_size


def test_the_end_of_the_job_ends_it(running):
    url, folder = running
    with stream(url) as answer:
        read_until(answer, "data: second line")
        with log_of(folder).open("ab") as log:
            log.write(b"ne, without an end")
        end_job(folder)
        rest = read_until(answer, "event: end")
        assert "data: half a line, without an end" in rest
        assert b"data: " in answer.read()  # and no more
    with stream(url) as answer:  # nobody needs to wait for what is over
        assert re.findall("event: (.+)", answer.read().decode()) == ["end"]


def test_silence_is_broken_by_a_comment(running):
    with stream(running[0]) as answer:
        read_until(answer, "data: second line")
        read_until(answer, ": still running")


def ends_at_once(url, seconds):
    with stream(url, seconds) as answer:
        try:
            answer.read()
        except TimeoutError:
            return False
        return True


def test_held_streams_are_few_and_disturb_nobody(running):
    url, folder = running
    host, port = urllib.parse.urlsplit(url).hostname, urllib.parse.urlsplit(url).port
    held = []
    for _ in range(HELD):
        client = socket.create_connection((host, port), timeout=60)
        client.sendall(b"GET /job/3/events HTTP/1.1\r\nHost: x\r\n\r\n")
        held.append(client)
    for client in held:
        assert b"200 OK" in client.recv(64)
    assert ends_at_once(url, 60)  # one more gets what is there, and asks again
    for _ in range(5):
        connection = http.client.HTTPConnection(host, port, timeout=60)
        connection.request("GET", "/packages")
        assert connection.getresponse().status == 200
        connection.close()
    for client in held:
        client.close()
    deadline = time.monotonic() + 60
    while ends_at_once(url, 3):
        assert time.monotonic() < deadline, "the places of clients that went away stay taken"
    end_job(folder)


def test_the_page_goes_on_by_itself(running, open_page):
    url, folder = running
    page = open_page(f"{url}/job/3")
    page.locator("[data-events] [role=status]", has_text="Running").wait_for()
    with log_of(folder).open("ab") as log:
        log.write(b"\n<img src=x onerror=document.title='owned'>\n")
    page.locator("[data-events] code", has_text="<img src=x").wait_for()
    assert "owned" not in page.title()
    end_job(folder)
    page.locator("[data-events]").wait_for(state="detached")  # the page has loaded its result


def test_without_javascript_the_page_says_how(running, open_page):
    url, folder = running
    page = open_page(f"{url}/job/3", java_script_enabled=False)
    assert "load this page again for more" in page.locator("[data-events]").inner_text()
    with log_of(folder).open("ab") as log:
        log.write(b"\nand one more\n")
    time.sleep(1.1)  # pages are kept for a second
    page.reload()
    assert "and one more" in page.locator("#log").inner_text()

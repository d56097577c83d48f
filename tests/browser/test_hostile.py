"""A database that somebody has filled with markup: nothing of it runs, and the policy has nothing to
report. Names like this one cannot come from an index; here they are put where names are kept."""

import contextlib
import json
import pathlib
import sqlite3
import urllib.parse
import xml.etree.ElementTree as ElementTree

import pytest

from conftest import demo
from test_pages import get
from test_static import report

NAME = "<script>alert(1)</script>"
LINE = "</code><img src=x onerror=alert(2)>\x1b[31m\u202e"
CONTROLS = bytes(range(32)) + b"\x7f\x80\xff\xe2\x80\xae\x1b]0;title\x07\x1b[2J\n"
LONG = b"<script>alert(3)</script>" * 41944 + b"\n"  # a line of 1 MB
PAGES = ["/", "/packages", "/packages?q=alert", "/packages?state=broken&target=cp313-win_arm64", "/start-here",
         "/blockers", "/changes?since=1", "/farm", "/package/grpcio", "/job/1", "/job/3",
         "/job/3?find=" + urllib.parse.quote("<script>"), "/package/" + urllib.parse.quote(NAME, safe="")]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    with demo(folder, pathlib.Path(__file__).with_name("demo.sql")) as url:
        with contextlib.closing(sqlite3.connect(folder / "facts.db", timeout=60)) as db:
            db.execute("UPDATE package SET name = ?1, display = ?1 WHERE id = 6", (NAME,))
            db.execute("UPDATE published_fact SET file = ?1, version = ?1, vanished = ?1 WHERE package = 6",
                       (NAME,))
            db.execute("UPDATE result SET line = ? WHERE id = 1", (LINE,))
            db.execute("UPDATE agent SET name = ? WHERE id = 2", ("<b onclick=alert(4)>",))
            db.commit()
        log = next((folder / "live").iterdir())
        log.write_bytes(CONTROLS + LONG + b"</li></ol><script>alert(5)</script>\n")
        yield url, folder


@pytest.mark.parametrize("path", PAGES)
def test_nothing_runs(hostile, open_page, path):
    page = open_page(hostile[0] + path)  # fails on a script's error and on what the policy reports
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert page.evaluate("document.querySelectorAll('script:not([src]), [onerror], [onclick], img[src=x]').length") == 0
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert not set(page.content()) & {chr(i) for i in range(32)} - {"\n", "\t"}


def test_it_is_shown_as_it_is(hostile, open_page):
    url, _ = hostile
    page = open_page(f"{url}/packages?q=alert")
    assert page.locator("#packages tbody th a").all_inner_texts() == [NAME]
    page.keyboard.press("/")
    page.keyboard.type("t(1)<")
    page.get_by_role("option", name=NAME).wait_for()
    text = open_page(f"{url}/job/3").locator("#log").inner_text()
    assert "<script>alert(5)</script>" in text and "\u2407" in text and "\u202e" not in text


def test_the_growing_log_is_text_too(hostile, open_page):
    url, folder = hostile
    page = open_page(f"{url}/job/3")
    page.locator("[data-events] [role=status]", has_text="Running").wait_for()
    with next((folder / "live").iterdir()).open("ab") as log:
        log.write(CONTROLS + LONG + b"<script>alert(6)</script> and its end\n")
    page.locator("[data-events] code", has_text="and its end").wait_for()
    assert page.evaluate("document.querySelectorAll('script:not([src])').length") == 0


def test_other_forms_stay_well_formed(hostile):
    url, _ = hostile
    assert json.loads(get(f"{url}/packages.json?q=alert")[2])["packages"][0]["name"] == NAME
    for path in ("/feed.atom", "/sitemap.xml", "/badge/grpcio/windows.svg"):
        ElementTree.fromstring(get(url + path)[2])
    for path in ("/packages", "/packages.csv", "/job/3"):
        status, headers, body = get(url + path, **{"Accept-Encoding": "gzip"})
        assert status == 200 and len(body) < 50_000, path
        assert "script-src 'self'" in headers["Content-Security-Policy"]


def test_its_files_lie_in_their_folder(hostile, tmp_path):
    _, folder = hostile
    report(folder / "facts.db", tmp_path / "site")
    assert [x.name for x in tmp_path.iterdir()] == ["site"]
    page = tmp_path / "site/package" / f"{urllib.parse.quote(NAME, safe='')}.html"
    assert "&lt;script&gt;alert(1)" in page.read_text() and NAME not in page.read_text()

"""The dashboard as files: every link leads somewhere, from a server and from a file: address."""

import html.parser
import json
import os
import pathlib
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from conftest import BUILD, demo

HERE = pathlib.Path(__file__).parent


class Links(html.parser.HTMLParser):
    """What a page leads to or loads."""

    def __init__(self, page):
        super().__init__()
        self.found, self.ids = [], set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                self.ids.add(value)
            elif name in ("href", "src", "action", "data-names"):
                self.found.append(value)


def report(database, out):
    done = subprocess.run(
        [BUILD / "wheelfarm", "report", "--out", out, "--db", database, "--site", "https://arm.example"],
        capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The demo database as files: its folder, and the database."""
    state, out = tmp_path_factory.mktemp("state"), tmp_path_factory.mktemp("site")
    with demo(state, HERE / "demo.sql"):
        report(state / "facts.db", out)
        yield out, state / "facts.db"


def test_every_link_leads_to_a_file(files):
    out, _ = files
    pages = {page: Links(page) for page in out.rglob("*.html")}
    assert len(pages) > 170
    wrong = []
    for page, links in pages.items():
        for link in links.found:
            if link.startswith("https://"):
                continue
            assert not link.startswith("/"), f"{page}: {link}"
            path, _, fragment = link.partition("#")
            target = pathlib.Path(os.path.normpath(page.parent / path)) if path else page
            if not target.is_file():
                wrong.append(f"{page.relative_to(out)}: {link}")
            elif fragment and target in pages and fragment not in pages[target].ids:
                wrong.append(f"{page.relative_to(out)}: {link}: no such place")
    assert not wrong, wrong[:10]


def test_only_what_changed_is_written(files):
    out, database = files
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    (out / "package" / "grpcio.html").write_text("somebody's own")
    assert ", 1 of them written" in report(database, out)
    changed = [path.name for path, time in times.items() if path.stat().st_mtime_ns != time]
    assert changed == ["grpcio.html"]
    assert not [path for path in out.rglob("*") if path.is_file() and path not in times]


def test_other_forms(files):
    out, _ = files
    for path in out.rglob("*.json"):
        json.loads(path.read_bytes())
    for path in [*out.rglob("*.svg"), *out.rglob("*.atom"), out / "sitemap.xml"]:
        ElementTree.parse(path)
    assert len(list(out.rglob("*.atom"))) == 10


def test_from_a_file_address(files, browser):
    out, _ = files
    problems = []
    page = browser.new_context().new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto((out / "index.html").as_uri())
    page.get_by_role("link", name="cryptography").first.click()
    page.wait_for_url("**/package/cryptography.html")
    assert "vanished" in page.locator("article[data-target=cp313-win_arm64]").inner_text()
    assert page.locator("img[alt='Windows ARM64: vanished']").evaluate("i => i.naturalWidth") > 50
    page.get_by_role("link", name="Farm", exact=True).click()
    assert page.locator("h1").inner_text() == "Farm"
    page.context.close()
    assert not problems

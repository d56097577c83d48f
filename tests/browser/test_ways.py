"""From question to answer, as each of the people whom the dashboard is for would click: what they come
with is in the comment, what they leave with in the asserts."""

import csv
import io
import re
import shlex
import subprocess
import tarfile
import xml.etree.ElementTree as ElementTree

from conftest import BUILD, ROOT
from test_pages import get


def test_a_maintainer(site, open_page):
    """Is my package fine on ARM, since when, whose fault is it if not, and what do I do?"""
    page = open_page(site)
    page.get_by_role("searchbox", name="Search packages").or_(
        page.get_by_role("combobox", name="Search packages")).fill("grpc")
    page.get_by_role("option", name="grpcio").click()
    page.wait_for_url("**/package/grpcio")
    windows = page.locator("article[data-target=cp313-win_arm64]")
    assert windows.get_attribute("data-headline") == "missing"
    assert "since 2026-" in windows.inner_text() and "Whose it is: the package" in windows.inner_text()
    assert "_InterlockedExchange" in windows.locator(".evidence").inner_text()
    todo = page.locator("#todo article", has_text="compiler_dialect")
    assert todo.get_by_role("link", name=re.compile("#[0-9]+$")).count() > 0  # who met the same
    assert "wheelfarm-agent --job job-1.json" in todo.inner_text()
    badge = page.locator("#badges li", has_text="Windows ARM64")
    markdown = badge.locator("pre").inner_text()
    picture, target = re.fullmatch(r"\[!\[[^]]+\]\(([^)]+)\)\]\(([^)]+)\)", markdown).groups()
    assert ElementTree.fromstring(get(picture)[2]).tag.endswith("svg") and target == page.url
    windows.get_by_role("link", name="job 1").click()
    assert "_InterlockedExchange" in page.locator(".log .mark").inner_text()
    page.get_by_role("link", name=re.compile("line [0-9]+ of the log")).click()
    assert page.locator(".log .mark").bounding_box()["y"] < 900
    page.go_back()
    page.go_back()
    feed = page.locator("link[type='application/atom+xml']").get_attribute("href")
    assert b"grpcio" in get(site + feed)[2]


def test_an_operator(site, open_page):
    """What did the night do, what stands still, and what must I look at?"""
    page = open_page(site)
    page.get_by_role("link", name="Farm", exact=True).click()
    board = page.locator("#agents tr", has_text="arm-board")
    assert "quarantined" in board.inner_text() and "5 in a row" in board.inner_text()
    day = page.get_by_role("region", name="Day by day").locator("tbody tr").first
    assert day.locator("td").all_inner_texts()[:2] == ["1", "1"]  # passed; the package's own failures
    page.locator("#agents").get_by_role("link", name="job 3").click()
    assert "It runs since" in page.locator("main").inner_text()
    page.get_by_role("link", name="Changes", exact=True).click()
    page.get_by_role("form", name="Filter").locator("[name=since]").select_option("1")
    page.wait_for_url("**/changes?since=1*")
    assert "1 package" in page.locator("#vanished").inner_text()
    page.get_by_role("link", name="cryptography").first.click()
    assert "14 releases behind" in page.locator("article[data-target=cp313-win_arm64]").inner_text()
    page.get_by_role("link", name="Blockers", exact=True).click()
    assert "compiler_dialect" in page.locator("main").inner_text()


def test_a_team_that_moves(site, open_page):
    """Which of the packages is not ready on our target, and may I have that as a table?"""
    page = open_page(f"{site}/packages")
    form = page.get_by_role("form", name="Filter")
    form.locator("[name=target]").select_option("cp313-win_arm64")
    page.wait_for_url("**target=cp313-win_arm64*")
    page.get_by_role("form", name="Filter").locator("[name=state]").select_option("not-ready")
    page.wait_for_url("**state=not-ready*")
    shown = page.locator("#packages tbody th a").all_inner_texts()
    assert shown[:2] == ["cryptography", "grpcio"]
    table = get(site + page.get_by_role("link", name="CSV", exact=True).get_attribute("href"))[2].decode()
    assert [row["name"] for row in csv.DictReader(io.StringIO(table))] == shown


def sdist_of(name, version, folder):
    path = folder / f"{name}-{version}.tar.gz"
    files = {"PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
             "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\n',
             "src/fast.c": "#include <zlib.h>\n", "tests/test_it.py": "import pytest\n"}
    with tarfile.open(path, "w:gz") as archive:
        for inner, text in files.items():
            entry = tarfile.TarInfo(f"{name}-{version}/{inner}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return path


def typed(command, folder, *more):
    """What a contributor types, with an sdist at hand in the place of an index."""
    program, *words = shlex.split(command)
    return subprocess.run([BUILD / program, *words, *more, "--recipes", folder / "recipes"],
                          capture_output=True, text=True, check=False)


def test_a_contributor(site, open_page, tmp_path):
    """Ten free minutes: what would free most, why does it fail, who met the same, and how do I begin?"""
    page = open_page(site)
    page.get_by_role("link", name="Start here", exact=True).click()
    form = page.get_by_role("form", name="Filter")
    form.locator("[name=target]").select_option("cp314-win_arm64")
    page.wait_for_url("**target=cp314-win_arm64*")
    page.locator("[name=target]").select_option("cp313-win_arm64")
    page.wait_for_url("**target=cp313-win_arm64*")
    rows = page.locator("#start tbody tr")
    assert "it had wheels before" in rows.first.inner_text()  # the easiest before what frees more
    wanted = rows.filter(has_text="grpcio")
    assert wanted.locator(".num").nth(1).inner_text().split()[0] == "6"  # wait for it
    commands = page.locator("#how pre").all_inner_texts()
    assert commands[0] == "wheelfarm recipe try cryptography --target win_arm64"
    wanted.get_by_role("link", name="grpcio").click()
    assert "filler-250" in page.locator("#dependencies").inner_text()
    todo = page.locator("#todo article", has_text="compiler_dialect")
    todo.get_by_text("A recipe to begin with").click()
    draft = todo.locator("details pre").inner_text()
    page.locator("article[data-target=cp313-win_arm64]").get_by_role("link", name="job 1").click()
    page.get_by_role("searchbox", name="Search in the log").fill("error:")
    page.get_by_role("button", name="Find").click()
    page.locator(".found a").first.click()  # some lines around it, as text
    assert "_InterlockedExchange" in page.inner_text("body")

    # the draft of the page loads, and so does the one that is drafted from the source
    (tmp_path / "recipes/packages").mkdir(parents=True)
    for name in ("targets", "images", "patches"):
        (tmp_path / "recipes" / name).symlink_to(ROOT / "recipes" / name)
    for path in (ROOT / "recipes").glob("*.*"):
        (tmp_path / "recipes" / path.name).symlink_to(path)
    recipe = tmp_path / "recipes/packages/grpcio.yaml"
    recipe.write_text(draft)
    new, lint = (command.replace("cryptography", "grpcio") for command in commands[1].splitlines())
    assert typed(lint, tmp_path).stdout == "fine\n"
    recipe.unlink()
    done = typed(new, tmp_path, "--source", sdist_of("grpcio", "1.82.0", tmp_path), "--release", "1.82.0")
    assert done.returncode == 0, done.stderr
    assert "name: grpcio" in recipe.read_text() and "zlib" in recipe.read_text()
    assert typed(lint, tmp_path).stdout == "fine\n"
    recipe.write_text(recipe.read_text() + "no_such_field: 1\n")
    wrong = typed(lint, tmp_path)
    assert wrong.returncode == 2 and "no_such_field" in wrong.stderr

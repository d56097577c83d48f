"""From question to answer, as each of the people whom the dashboard is for would click: what they come
with is in the comment, what they leave with in the asserts."""

import csv
import io
import re
import xml.etree.ElementTree as ElementTree

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

"""The dashboard as people meet it: in a browser, with and without JavaScript, on a phone, in the dark."""

import json
import re
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

PAGES = [
    "/", "/packages", "/changes?since=1", "/packages?state=not-ready&q=zzz", "/package/cryptography", "/package/grpcio",
    "/package/hostile", "/package/never-scanned", "/package/charset-normalizer", "/job/1", "/job/2", "/job/3", "/job/4",
    "/farm", "/blockers", "/start-here", "/style", "/nothing"]
LOOKS = [("light", "wide", 1280, 900), ("dark", "phone", 390, 844), ("light", "phone", 390, 844)]


def get(url, **headers):
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def test_package_page_answers_first(site, open_page):
    page = open_page(f"{site}/package/cryptography")
    card = page.locator("article[data-target=cp313-win_arm64]")
    assert card.get_attribute("data-headline") == "vanished"
    assert "vanished" in card.locator(".verdict").inner_text()
    assert "46.0.3" in card.inner_text()
    assert card.bounding_box()["y"] < 500
    assert page.locator("article[data-target=cp313-manylinux_2_28_aarch64]").get_attribute(
        "data-headline") == "ready"


def test_inside_of_the_wheels(site, open_page):
    page = open_page(f"{site}/package/charset-normalizer", java_script_enabled=False)
    card = page.locator("article[data-target=cp313-manylinux_2_28_aarch64]")
    inside = card.locator(".inside").inner_text()
    assert "glibc 2.28 or newer" in inside and "kernels with pages over 4 KiB refuse it" in inside
    assert "libfoo-1a2b3c4d.so.3, libbar-5e6f.so.1 and 1 more" in inside
    problems = card.locator(".problems li").all_inner_texts()
    assert len(problems) == 2  # two kinds of warning; notes are below
    assert "page_alignment" in problems[0] and "and 1 more like it" in problems[0]
    assert "max-page-size=65536" in problems[0]
    more = page.locator("#wheels")
    assert not more.get_by_role("table").is_visible()
    more.locator("summary").click()
    row = more.locator("tbody tr").first.inner_text()
    assert "libz-0a1b.so.1" in row and "stray_build_file" in row and "cp313-win_arm64" in row
    status, _, body = get(f"{site}/package/charset-normalizer.json")
    wheels = {t["target"]: t["wheel"] for t in json.loads(body)["targets"]}
    assert status == 200 and wheels["cp313-manylinux_2_28_aarch64"]["page_size"] == 4096
    assert wheels["cp314-win_arm64"] is None


def test_a_broken_wheel_says_why(site, open_page):
    card = open_page(f"{site}/package/hostile").locator("article[data-target=cp313-win_arm64]")
    assert card.get_attribute("data-headline") == "broken"
    text = card.inner_text()
    assert "It cannot work there" in text and "machine_mismatch" in text and "What to do" in text
    assert "<script>" in text  # as text


def test_bytes_and_a_run_that_disagree(site, open_page):
    page = open_page(f"{site}/package/hostile")
    card = page.locator("article[data-target=cp313-win_arm64]")
    assert "Bytes and run disagree" in card.inner_text() and "the bytes count" in card.inner_text()
    assert page.locator(".disagree").count() == 1  # on the others nothing was run
    card.locator(".disagree").get_by_role("link", name="job 5").click()
    said = page.locator(".disagree").inner_text()
    assert "machine_mismatch" in said and "its import passed (wine)" in said
    card = open_page(f"{site}/package/charset-normalizer").locator(
        "article[data-target=cp313-manylinux_2_28_aarch64]")
    assert "The bytes show no error, and its import failed (qemu)" in card.locator(".disagree").inner_text()
    page = open_page(f"{site}/job/1")
    assert page.locator(".disagree").count() == 0
    shown = json.loads(get(f"{site}/package/hostile.json")[2])
    assert {t["target"]: t["disagree"] for t in shown["targets"]}["cp313-win_arm64"] == "bytes"
    assert json.loads(get(f"{site}/job/6.json")[2])["disagree"] == "run"
    assert json.loads(get(f"{site}/job/2.json")[2])["disagree"] is None


def test_a_package_and_its_neighbours(site, open_page):
    page = open_page(f"{site}/package/grpcio", java_script_enabled=False)
    assert "Wait for it on some target: filler-240, filler-250" in page.locator("#dependencies").inner_text()
    recipe = page.locator("#recipe").inner_text()
    assert "8c7de11a9f0b" in recipe and "GRPC_BUILD_WITH_SYSTEM_ZLIB" in recipe and "<b>" in recipe
    page.locator("#dependencies").get_by_role("link", name="filler-254").click()
    assert "It needs cryptography, grpcio." in page.locator("#dependencies").inner_text()
    shown = json.loads(get(f"{site}/package/grpcio.json")[2])
    assert shown["waits"] == 7 and shown["recipe"]["says"]["libraries"] == "zlib"


def test_blockers_have_roots_and_say_what_nobody_counted(site, open_page):
    page = open_page(f"{site}/blockers", java_script_enabled=False)
    rows = page.locator("#roots tbody tr").all_inner_texts()
    assert rows[0].startswith("grpcio") and "6.0 million" in rows[0]
    assert rows[2].startswith("never-scanned") and "unknown" in rows[2]
    drawn = page.locator("svg.graph").text_content()
    assert "6.0 million downloads wait" in drawn and "compiler_dialect" in drawn and "and 2 more" in drawn
    roots = json.loads(get(f"{site}/blockers.json")[2])["roots"]
    assert [r["downloads"] for r in roots if r["name"] == "never-scanned"] == [None]


def test_the_biggest_that_are_missing_say_what_they_block(site, open_page):
    page = open_page(site, java_script_enabled=False)
    windows = page.locator("table.missing tbody").first.locator("tr")
    assert windows.first.inner_text().split() == ["Windows", "ARM64", "all", "11"]
    grpcio = windows.filter(has=page.get_by_role("link", name="grpcio", exact=True))
    assert grpcio.locator(".num").inner_text().split()[0] == "6"
    assert "waits for grpcio" in windows.filter(has_text="filler-250").inner_text()


def test_the_farm_says_why(site, open_page):
    page = open_page(f"{site}/farm", java_script_enabled=False)
    assert "five faults in a row" in page.locator("#agents").inner_text()
    reasons = page.locator("#reasons tbody tr").all_inner_texts()
    assert [row.split()[0] for row in reasons] == ["compiler_dialect", "import_error"]
    days = page.locator("#reasons thead th").all_inner_texts()[3:]
    assert days == ["11-22", "11-21"] and reasons[1].split()[-2:] == ["1", "\u00b7"]


def test_everything_works_without_javascript(site, open_page):
    page = open_page(f"{site}/", java_script_enabled=False)
    page.get_by_role("searchbox", name="Search packages").fill("Grpc")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="grpcio").click()
    page.wait_for_url("**/package/grpcio")
    page.locator("article").get_by_role("link", name="job 1").first.click()
    page.wait_for_url("**/job/1")
    assert page.locator("#stage-build").get_attribute("open") is not None
    assert page.locator("#stage-fetch").get_attribute("open") is None
    mark = page.locator(".log .mark")
    assert "_InterlockedExchange" in mark.inner_text()
    page.get_by_role("link", name=re.compile("line [0-9]+ of the log")).click()
    assert mark.bounding_box()["y"] < 900


def test_filters_by_form(site, open_page):
    page = open_page(f"{site}/packages", java_script_enabled=False)
    form = page.get_by_role("form", name="Filter")
    form.locator("[name=target]").select_option("cp313-win_arm64")
    form.locator("[name=state]").select_option("vanished")
    form.get_by_role("button", name="Show").click()
    assert page.locator("#packages tbody th").all_inner_texts() == ["cryptography 50.0.2"]


def test_pages_of_packages(site, open_page):
    page = open_page(f"{site}/packages")
    seen = page.locator("#packages tbody th a").all_inner_texts()
    page.get_by_role("link", name="Later").click()
    more = page.locator("#packages tbody th a").all_inner_texts()
    assert len(seen) == 100 and len(more) == 67 and not set(seen) & set(more)


def test_search_as_you_type(site, open_page):
    page = open_page(f"{site}/farm")
    page.keyboard.press("/")
    page.keyboard.type("Grp")
    option = page.get_by_role("option", name="grpcio")
    expect(page.get_by_role("option")).to_have_count(1)  # what the first letters found is gone
    field = page.get_by_role("combobox", name="Search packages")
    assert field.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    assert option.get_attribute("aria-selected") == "true"
    page.keyboard.press("Escape")
    assert not option.is_visible()
    page.keyboard.type("c")
    option.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/package/grpcio")


def test_typing_filters_rows(site, open_page):
    page = open_page(f"{site}/packages")
    page.keyboard.press("/")
    page.keyboard.type("grp")
    assert page.locator("#packages tbody tr:visible th a").all_inner_texts() == ["grpcio"]


def test_log_is_text_never_markup(site, open_page):
    page = open_page(f"{site}/job/1")
    assert "owned" not in page.title()
    log = page.locator("#log").inner_text()
    assert "<script>document.title='owned'</script>" in log
    assert "\u202e" not in log and "<U+202E>" in log and "\x1b" not in page.content()
    page = open_page(f"{site}/package/hostile")
    assert "owned" not in page.title()


def test_search_in_the_log(site, open_page):
    page = open_page(f"{site}/job/1", java_script_enabled=False)
    page.get_by_role("searchbox", name="Search in the log").fill("_interlockedEXCHANGE")
    page.get_by_role("button", name="Find").click()
    assert page.locator(".found li").count() == 1
    assert page.get_by_role("status").inner_text() == "1 line has it"
    page.locator(".found a").click()
    assert "_InterlockedExchange" in page.content()


def test_running_log_follows(site, open_page):
    page = open_page(f"{site}/job/3")
    page.locator("[data-events] [role=status]", has_text="Running").wait_for()
    assert page.locator("#log li code").all_inner_texts()[:2] == ["first line", "second line"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme,size,width,height", LOOKS)
def test_accessible_and_fits(site, open_page, pictures, path, scheme, size, width, height):
    page = open_page(
        site + path, color_scheme=scheme, viewport={"width": width, "height": height},
        reduced_motion="reduce")
    name = re.sub(r"\W+", "-", path).strip("-") or "overview"
    page.screenshot(path=pictures / f"{name}-{scheme}-{size}.png", full_page=size == "wide")
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0, "the page scrolls sideways"
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page).response["violations"]
    assert not [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found]


def test_keyboard_reaches_the_content(site, open_page):
    page = open_page(f"{site}/package/cryptography")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")


def test_empty_database_says_so(empty_site, open_page):
    page = open_page(f"{empty_site}/")
    assert "Nobody has looked yet" in page.inner_text("main")
    page = open_page(f"{empty_site}/packages")
    assert "no package yet" in page.inner_text("main")


@pytest.mark.parametrize("path", PAGES[:4] + ["/job/1", "/job/1/log", "/package/grpcio.json"])
def test_answers_are_small_cached_and_strict(site, path):
    status, headers, body = get(site + path, **{"Accept-Encoding": "gzip"})
    assert status == 200 and len(body) < 50_000
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    tag = headers["ETag"]
    again, headers, body = get(site + path, **{"Accept-Encoding": "gzip", "If-None-Match": tag})
    assert again == 304 and body == b"" and headers["ETag"] == tag
    assert get(site + path, **{"If-None-Match": '"another"'})[0] == 200


def test_same_facts_as_json(site):
    for path in ["/index", "/packages", "/package/cryptography", "/job/1"]:
        status, headers, body = get(f"{site}{path}.json")
        assert status == 200 and headers["Content-Type"] == "application/json"
        json.loads(body)
    shown = json.loads(get(f"{site}/package/cryptography.json")[2])
    assert [t["target"] for t in shown["targets"]] == sorted(t["target"] for t in shown["targets"])
    windows = next(t for t in shown["targets"] if t["target"] == "cp313-win_arm64")
    assert windows["headline"] == "vanished" and windows["published"]["vanished"] == "46.0.3"


def test_addresses_that_make_no_sense(site):
    for path, wanted in {
            "/package/none-such": 404, "/package/%3Cx%3E": 404, "/package/..%2f..%2fetc": 404,
            "/job/0x1": 404, "/job/99999999999999999999": 404, "/packages?state=great": 400, "/changes?since=x": 400, "/changes?since=99": 404,
            "/packages?offset=-1": 400, "/packages?q=" + "x" * 2000: 400, "/assets/x.css": 404,
            "/job/1/log?from=-1": 400, f"/job/1/log?from={2**31}": 400, "/job/1/events?from=x": 400, f"/job/1/events?from={2**31}": 400,
            "/packages?q=a%00b": 400, "/packages?offset=": 400, "/changes?since=2026-13-01": 400,
            "/job/1.json?find=" + "0" * 201: 400, "/job/1?find=" + "%C3%A4" * 200: 200,
            "/" + "a" * 2000: 414}.items():
        status, _, body = get(site + path)
        assert status == wanted, path
        assert b"<x>" not in body
    status, headers, _ = get(f"{site}/package/Foo_Bar")
    assert status == 404
    request = urllib.request.Request(f"{site}/packages", data=b"x", method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=60)
    assert refused.value.code == 405 and refused.value.headers["Allow"] == "GET, HEAD"


def test_names_are_normalised(site, open_page):
    page = open_page(f"{site}/package/Charset_Normalizer")
    assert page.url == f"{site}/package/charset-normalizer"


def test_what_can_be_had_with_this_farms_wheels(site, open_page):
    page = open_page(f"{site}/package/filler-240", java_script_enabled=False)
    said = page.locator("#dependencies .with-built")
    assert said.inner_text() == "With this farm's own wheels it can be installed."
    assert "waits for grpcio" in page.locator("#dependencies p", has_text="own wheels").inner_text()
    told = {t["target"]: t for t in json.loads(get(f"{site}/package/filler-240.json")[2])["targets"]}
    musl = told["cp313-musllinux_1_2_aarch64"]
    assert (musl["dependencies"], musl["dependencies_with_built"], musl["headline"]) == ("blocked", "ok", "blocked")
    assert told["cp313-win_arm64"]["dependencies_with_built"] == "ok"
    assert open_page(f"{site}/package/filler-250").locator(".with-built").count() == 0
    page = open_page(f"{site}/start-here?target=cp313-musllinux_1_2_aarch64")
    row = page.locator("#start tbody tr", has_text="grpcio")
    assert "this farm has built it" in row.inner_text()
    assert row.locator(".with-built").inner_text() == "1 can be had with this farm's wheels"

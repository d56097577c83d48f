"""The made-up index is distributed as asked, repeats itself, and is served as the public one is."""

import gzip
import json
import pathlib
import subprocess
import sys

import packaging.utils
import packaging.version
import pytest
import requests

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "index"))
import local_index
import server

PAGES = 120
KIND = "application/vnd.pypi.simple.v1+json"


def made(folder, pages=PAGES, **options):
    folder.mkdir()
    return local_index.generate(folder, pages, **options)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return made(tmp_path_factory.mktemp("index") / "small")


@pytest.fixture(scope="module")
def pages(small):
    return {name: json.loads(gzip.decompress((small.pages / f"{name}.json.gz").read_bytes()))
            for name in small.names()}


def test_files_a_page_are_log_normal(small, pages):
    counts = sorted(len(page["files"]) for page in pages.values())
    facts = small.facts
    assert facts["pages"] == len(counts) == PAGES
    assert facts["files"] == sum(counts)
    assert facts["largest"] == counts[-1] == len(pages[facts["largest_name"]]["files"])
    assert 50 <= facts["median"] <= 70
    assert 2500 <= counts[-2] <= 15000  # the 99th percentile of 120
    assert 380 <= facts["bytes"] / facts["files"] <= 460


def test_pages_are_in_the_manner_of_real_ones(pages):
    files = [file for page in pages.values() for file in page["files"]]
    names = [file["filename"] for file in files]
    assert len(set(names)) == len(names)
    share = {
        "sdist": sum(name.endswith((".tar.gz", ".zip")) for name in names),
        "win_arm64": sum("win_arm64" in name for name in names),
        "abi3": sum("-abi3-" in name for name in names),
        "musllinux": sum("-musllinux_" in name for name in names),
        "threaded": sum("t-" in name.split("-cp31")[-1][:4] for name in names),
        "yanked": sum(file["yanked"] is not False for file in files),
        "core-metadata": sum("core-metadata" in file for file in files),
    }
    assert all(0 < count < len(files) / 2 for count in share.values()), share
    assert min(f["upload-time"] for f in files if "win_arm64" in f["filename"]) > "2022"
    for name, page in pages.items():
        versions = [packaging.version.Version(v) for v in page["versions"]]
        assert versions == sorted(set(versions)), name
        for file in page["files"][:5] + page["files"][-60:]:
            parse = (packaging.utils.parse_wheel_filename if file["filename"].endswith(".whl")
                     else packaging.utils.parse_sdist_filename)
            found, version, *_ = parse(file["filename"])
            assert found == name == page["name"]
            assert version in versions


def test_the_same_seed_gives_the_same_bytes(small, tmp_path):
    again = made(tmp_path / "again")
    done = subprocess.run(["diff", "-rq", small.folder, again.folder], check=False)
    assert done.returncode == 0
    other = made(tmp_path / "other", pages=10, seed=2)
    assert other.names() != small.names()[:10]


def test_names_can_be_given(tmp_path):
    (tmp_path / "names").write_text("numpy\nattrs\n")
    index = made(tmp_path / "named", pages=3, names=tmp_path / "names")
    assert index.names()[:2] == ["numpy", "attrs"]


def test_a_day_later_one_page_in_a_hundred_has_one_more_release(small, pages):
    changed = sorted((small.folder / "changed").iterdir())
    assert len(changed) == 1
    name = changed[0].name.removesuffix(".json.gz")
    page = json.loads(gzip.decompress(changed[0].read_bytes()))
    known = pages[name]
    assert page["files"][:len(known["files"])] == known["files"]
    assert page["versions"][:-1] == known["versions"]
    assert page["meta"]["_last-serial"] > known["meta"]["_last-serial"]


def test_the_list_names_every_project_once(small, pages):
    listed = json.loads(gzip.decompress((small.folder / "simple.json.gz").read_bytes()))
    serials = {packaging.utils.canonicalize_name(p["name"]): p["_last-serial"]
               for p in listed["projects"]}
    assert len(serials) == len(listed["projects"]) == PAGES * 40
    assert any(p["name"] not in serials for p in listed["projects"])  # some need normalising
    assert all(serials[name] == page["meta"]["_last-serial"] for name, page in pages.items())


def test_the_server_answers_as_the_public_index(small, pages):
    name, page = next(iter(pages.items()))
    with server.Server(small) as site:
        for url in (site.url, site.tls_url):
            got = requests.get(f"{url}{name}/", headers={"Accept": KIND}, verify=site.ca)
            assert got.json() == page
            assert got.headers["Content-Type"] == KIND
            assert got.headers["Content-Encoding"] == "gzip"
            assert got.headers["X-PyPI-Last-Serial"] == str(page["meta"]["_last-serial"])
            same = requests.get(f"{url}{name}/", verify=site.ca,
                                headers={"If-None-Match": got.headers["ETag"]})
            assert (same.status_code, same.content) == (304, b"")
            assert requests.get(url, verify=site.ca).json()["projects"]
        plain = requests.get(f"{site.url}{name}/", headers={"Accept-Encoding": "identity"})
        assert plain.json() == page
        assert requests.get(f"{site.url}no-such-name/").status_code == 404
        html = requests.get(f"{site.url}{name}/", headers={"Accept": "text/html"})
        assert html.status_code == 406
        version = subprocess.run(
            ["curl", "-s", "--cacert", site.ca, "-o", "/dev/null", "-w", "%{http_version}",
             site.tls_url], capture_output=True, text=True, check=True).stdout
        assert version == "2"


def test_the_server_can_limit_and_change(small):
    name = (small.folder / "changed.map").read_text().split("/")[2]
    with server.Server(small, rate=1, retry_after=7) as site:
        answers = [requests.get(f"{site.url}{name}/") for _ in range(6)]
        assert 429 in {a.status_code for a in answers}
        assert {a.headers.get("Retry-After") for a in answers if a.status_code == 429} == {"7"}
    with server.Server(small, serial=False, log=True) as site:
        before = requests.get(f"{site.url}{name}/")
        assert "X-PyPI-Last-Serial" not in before.headers
        assert len(site.requests()) == 1
        site.stop()
        with server.Server(small, changed=True, like=site) as later:
            after = requests.get(f"{later.url}{name}/",
                                 headers={"If-None-Match": before.headers["ETag"]})
            assert after.status_code == 200
            assert len(after.json()["versions"]) == len(before.json()["versions"]) + 1

"""What a version without a wheel would need if it were built, out of its sdist's PKG-INFO (PEP 643): as
`packaging.metadata` reads it, and of sdists that mean harm; in `check --explain`, and kept by `scan`."""

import gzip
import hashlib
import io
import json
import os
import random
import sqlite3
import subprocess
import tarfile
import zipfile

import pytest
from packaging.metadata import parse_email
from packaging.requirements import Requirement
from packaging.version import Version

import conftest
from conftest import WHEELFARM
from solve_index import Release
from test_check import add_built

SEED = os.environ.get("WHEELFARM_SEED", "1")
TARGET = "cp313-win_arm64"
FIELDS = {"requires-dist", "provides-extra", "requires-python"}


def tar(name, *members, form=tarfile.PAX_FORMAT, level=1):
    """An sdist of NAME 1.0: (path below its top folder, bytes)."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz", format=form, compresslevel=level) as archive:
        for path, data in members:
            info = tarfile.TarInfo(f"{name}-1.0/{path}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return held.getvalue()


def zipped(name, *members):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in members:
            archive.writestr(f"{name}-1.0/{path}", data)
    return held.getvalue()


def pkg_info(name, *lines, version="2.2"):
    return "\n".join([f"Metadata-Version: {version}", f"Name: {name}", "Version: 1.0", *lines, "", "body"]).encode()


def add(index, name, file, data, kind="application/octet-stream", status=200):
    """A package of one sdist."""
    index.pages[name] = {"meta": {"api-version": "1.1"}, "name": name, "files": [
        {"filename": file, "url": f"/files/{file}", "hashes": {"sha256": hashlib.sha256(data).hexdigest()}}]}
    index.answers[f"/files/{file}"] = status, kind, data


def add_wheel(index, name, *requires):
    metadata = "\n".join(["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0",
                          *(f"Requires-Dist: {r}" for r in requires), ""]).encode()
    file = f"{name}-1.0-py3-none-any.whl"
    index.pages[name] = {"meta": {"api-version": "1.1"}, "name": name, "files": [
        {"filename": file, "url": f"/files/{file}", "hashes": {"sha256": hashlib.sha256(file.encode()).hexdigest()},
         "core-metadata": {"sha256": hashlib.sha256(metadata).hexdigest()}}]}
    index.answers[f"/files/{file}.metadata"] = 200, "text/plain", metadata


@pytest.fixture
def index():
    served = conftest.Index()
    yield served
    served.close()


def check(url, folder, *words, code=1):
    done = subprocess.run([WHEELFARM, "check", "--index", url, "--db", folder / "facts.db", "--target", TARGET,
                           *words], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done.stdout


def if_built(url, folder, *names):
    """Name to what is said of its own version if that were built."""
    told = {}
    for item in json.loads(check(url, folder, "--explain", "--json", *names))["items"]:
        [blocker] = [b for b in item["blockers"] if b["name"] == item["name"]]
        told[item["name"]] = blocker["if_built"]
    return told


def drawn(draw, name):
    """PKG-INFO as one might write it, in odd ways too."""
    version = draw.choice(("1.0", "1.2", "2.1", "2.2", "2.2", "2.3", "2.4", "2.4"))
    lines = []
    for _ in range(draw.choice((0, 1, 2, 4))):
        key = draw.choice(("Requires-Dist", "requires-dist", "REQUIRES-DIST"))
        marker = draw.choice(("", "", ' ; sys_platform == "win32"', "; python_version<'3.9'", '; extra == "x"'))
        value = draw.choice(("pure", "pure>=0.5,<2", "other[x]", "missing ~= 1.0", "none-at-all")) + marker
        fold = draw.choice(("", "", "\n  ", "\r\n\t"))
        lines.append(f"{key}:{draw.choice(('', ' ', '   '))}{value.replace(';', ';' + fold) if fold else value}")
    if draw.random() < 0.3:
        lines.append("Provides-Extra: x")
    for _ in range(draw.choice((0, 0, 0, 1, 2))):
        lines.append("Dynamic: " + draw.choice((
            "Requires-Dist", "requires-dist", "Requires-Python", "provides-extra", "License", "Summary", "Version")))
    if draw.random() < 0.3:
        lines.append("Requires-Python: >=3.8")
    draw.shuffle(lines)
    if draw.random() < 0.2:
        lines.append("\nDynamic: Requires-Dist")  # of the body
    return pkg_info(name, *lines, version=version)


def oracle(text):
    """What packaging reads: the requirements that apply, or None where they are not reliable."""
    raw, _ = parse_email(text)
    if Version(raw["metadata_version"]) < Version("2.2") or FIELDS & {d.lower() for d in raw.get("dynamic", [])}:
        return None
    environment = {"sys_platform": "win32", "python_version": "3.13", "extra": ""}
    requirements = [Requirement(" ".join(r.split())) for r in raw.get("requires_dist", [])]
    return sorted(str(r) for r in requirements if not r.marker or r.marker.evaluate(environment))


def test_as_packaging_reads_it(index, tmp_path):
    draw = random.Random(f"sdists {SEED}")
    texts = {f"s{i}": drawn(draw, f"s{i}") for i in range(80)}
    add_wheel(index, "pure")
    add_wheel(index, "other")
    for name, text in texts.items():
        more = [("code.py", b"print()\n" * draw.randrange(9000)), ("PKG-INFO", text)]
        draw.shuffle(more)
        if draw.random() < 0.2:
            add(index, name, f"{name}-1.0.zip", zipped(name, *more))
        else:
            form = draw.choice((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT))
            add(index, name, f"{name}-1.0.tar.gz", tar(name, *more, form=form))
    told = if_built(index.url, tmp_path, *texts)
    seen = {"ok": 0, "blocked": 0, "unknown": 0}
    for name, text in texts.items():
        right, said = oracle(text), told[name]
        seen[said["dependencies"]] += 1
        if right is None:
            assert said["dependencies"] == "unknown" and "PEP 643" in said["why"], (SEED, text, said)
            continue
        names = {Requirement(r).name for r in right}
        assert sorted(str(Requirement(r)) for r in said["requires"]) == right, (SEED, text, said)
        assert said["dependencies"] == ("blocked" if names & {"missing", "none-at-all"} else "ok"), (text, said)
        assert said["dependencies"] == "ok" or set(said["blockers"]) == names - {"pure", "other"}, (text, said)
    assert min(seen.values()) > 3, seen
    # all of it is known by now
    count = len(index.requests)
    assert if_built(index.url, tmp_path, *texts) == told and len(index.requests) == count


def test_it_is_told_in_words(index, tmp_path):
    add_wheel(index, "pure")
    add(index, "root", "root-1.0.tar.gz", tar("root", ("PKG-INFO", pkg_info("root"))))
    add(index, "good", "good-1.0.tar.gz", tar("good", ("PKG-INFO", pkg_info("good", "Requires-Dist: pure>=1"))))
    add(index, "waits", "waits-1.0.zip", zipped("waits", ("PKG-INFO", pkg_info("waits", "Requires-Dist: root"))))
    add(index, "old", "old-1.0.tar.gz", tar("old", ("PKG-INFO", pkg_info("old", version="2.1"))))
    text = check(index.url, tmp_path, "--explain", "root", "good", "waits", "old")
    for line in ("if it were built, it would need nothing else",
                 "if it were built, it would need what can be had: pure>=1",
                 "if it were built, what it needs could not be had: root",
                 "what it would need if it were built is not known: metadata: Metadata-Version is '2.1', static ones are "
                 "2.2 and later (PEP 643)"):
        assert line in text, text
    before = len(index.requests)
    assert "if it were built" not in check(index.url, tmp_path, "good")
    assert len(index.requests) == before


def test_a_wheel_for_other_systems_tells_it_too(index, tmp_path):
    """Its sdist is not looked at."""
    add_wheel(index, "pure")
    add_wheel(index, "far", "pure<9", "none-at-all; sys_platform == 'linux'")
    add(index, "sdist", "sdist-1.0.tar.gz", b"no sdist at all")
    [wheel], [sdist] = index.pages["far"]["files"], index.pages["sdist"]["files"]
    metadata = index.answers.pop(f"{wheel['url']}.metadata")
    wheel["filename"] = "far-1.0-cp313-cp313-win_amd64.whl"
    wheel["url"] = f"/files/{wheel['filename']}"
    index.answers[f"{wheel['url']}.metadata"] = metadata
    sdist["filename"], sdist["url"] = "far-1.0.tar.gz", "/files/far-1.0.tar.gz"
    index.pages["far"]["files"].append(sdist)
    said = if_built(index.url, tmp_path, "far")["far"]
    assert (said["dependencies"], said["requires"]) == ("ok", ["pure<9"]), said
    assert "/files/far-1.0.tar.gz" not in {path for path, _ in index.requests}


def test_behind_fifty_megabytes(index, tmp_path):
    """Of a folder and of a server; and what comes behind it is not looked at."""
    noise = random.Random(1).randbytes(50 << 20)
    late = tar("late", ("noise", noise), ("PKG-INFO", pkg_info("late", "Requires-Dist: none-at-all")))
    early = tar("early", ("PKG-INFO", pkg_info("early")), ("noise", noise[:1 << 20]))[:900000] + b"\xff" * (1 << 20)
    add(index, "late", "late-1.0.tar.gz", late)
    add(index, "early", "early-1.0.tar.gz", early)
    folder = tmp_path / "index"
    folder.mkdir()
    for name, data in (("late", late), ("early", early)):
        page = json.loads(json.dumps(index.pages[name]))
        page["files"][0]["url"] = f"{name}-1.0.tar.gz"
        (folder / f"{name}.json").write_text(json.dumps(page))
        (folder / f"{name}-1.0.tar.gz").write_bytes(data)
    for url in (index.url, folder):
        db = tmp_path / ("server" if url is index.url else "files")
        db.mkdir()
        told = if_built(url, db, "late", "early")
        assert told["early"]["dependencies"] == "ok" and told["late"]["blockers"] == ["none-at-all"], told


def hostile():
    text = pkg_info("x")
    yield "symlink", "is no file", link("symlink", tarfile.SYMTYPE, "/etc/passwd")
    yield "bomb", "more than 200 times its size", tar("bomb", ("zeros", bytes(64 << 20)), ("PKG-INFO", text), level=9)
    yield "deep", "no PKG-INFO in its top folder", tar("deep", ("deep.egg-info/PKG-INFO", text))
    yield "another", "metadata: is of 'x'", tar("another", ("PKG-INFO", text))
    yield "later", "metadata: is of version '1.0.1'", tar("later", ("PKG-INFO", pkg_info("later").replace(b"1.0", b"1.0.1")))
    yield "twice", "Name is given twice", tar("twice", ("PKG-INFO", pkg_info("twice", "Name: twice")))
    yield "escape", "Metadata-Version is '2.2", tar("escape", ("PKG-INFO", pkg_info("escape").replace(
        b"2.2", b"2.2\x07\x1b[31m")))
    yield "cut", "", tar("cut", ("noise", random.Random(2).randbytes(1 << 20)), ("PKG-INFO", text))[:1 << 19]
    yield "page", "", b"<html>not found</html>" * 100
    yield "empty", "is empty", b""
    yield "many", "", gzip.compress(random.Random(3).randbytes(512) * 2000)


def link(name, kind, target):
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        info = tarfile.TarInfo(f"{name}-1.0/PKG-INFO")
        info.type, info.linkname = kind, target
        archive.addfile(info)
    return held.getvalue()


def test_sdists_that_mean_harm(index, tmp_path):
    cases = {name: (part, data) for name, part, data in hostile()}
    for name, (_, data) in cases.items():
        add(index, name, f"{name}-1.0.tar.gz", data)
    add(index, "gone", "gone-1.0.tar.gz", b"not here", status=404)
    add(index, "refused", "refused-1.0.tar.gz", b"no", status=403)
    told = if_built(index.url, tmp_path, *cases, "gone", "refused")
    for name, (part, _) in cases.items():
        said = told[name]
        assert said["dependencies"] == "unknown" and part in said["why"], (name, said)
    assert "HTTP status 404" in told["gone"]["why"] and "HTTP status 403" in told["refused"]["why"], told
    text = check(index.url, tmp_path, "--explain", *cases)
    assert all(c == "\n" or c.isprintable() for c in text), text
    # what the bytes say is known; what could not be had is asked for again
    count = len(index.requests)
    if_built(index.url, tmp_path, *cases, "gone", "refused")
    again = {path for path, _ in index.requests[count:]}
    assert again >= {"/files/gone-1.0.tar.gz", "/files/refused-1.0.tar.gz"}, again
    assert not again & {f"/files/{name}-1.0.tar.gz" for name in cases if name != "empty"}, again


def test_a_wheel_made_here_tells_where_the_sdist_does_not(index, tmp_path):
    add_wheel(index, "pure")
    add(index, "old", "old-1.0.tar.gz", tar("old", ("PKG-INFO", pkg_info("old", version="2.1"))))
    assert if_built(index.url, tmp_path, "old")["old"]["dependencies"] == "unknown"
    add_built(tmp_path / "facts.db", Release("old", "1.0", ["sdist"]), TARGET, "R pure>=1\n")
    assert if_built(index.url, tmp_path, "old")["old"]["requires"] == ["pure>=1"]


def test_an_sdist_tells_for_a_wheel_whose_metadata_is_lost(index, tmp_path):
    """A farm's wheel of before metadata was kept."""
    add_wheel(index, "pure")
    add(index, "has", "has-1.0.tar.gz", tar("has", ("PKG-INFO", pkg_info("has", "Requires-Dist: pure"))))
    add(index, "old", "old-1.0.tar.gz", tar("old", ("PKG-INFO", pkg_info("old", version="2.1"))))
    for name, installs in (("has", True), ("old", False)):
        folder = tmp_path / name
        folder.mkdir()
        check(index.url, folder, name)
        add_built(folder / "facts.db", Release(name, "1.0", ["sdist"]), TARGET, "R lost\n")
        base = sqlite3.connect(folder / "facts.db")
        base.execute("DELETE FROM file_requires")
        base.commit()
        base.close()
        told = json.loads(check(index.url, folder, "--json", "--allow-built", name, code=0 if installs else 1))
        assert told["together"][TARGET] == ({"has": "1.0", "pure": "1.0"} if installs else None)
        assert installs or told["items"][0]["blockers"][0]["reason"] == "metadata", told


def test_a_scan_reads_them_and_keeps_them(index, tmp_path):
    add(index, "root", "root-1.0.tar.gz", tar("root", ("PKG-INFO", pkg_info("root"))))
    add(index, "asks", "asks-1.0.tar.gz", tar("asks", ("PKG-INFO", pkg_info(
        "asks", "Requires-Dist: root>=1", 'Requires-Dist: more; extra == "x"', "Provides-Extra: x"))))
    add(index, "old", "old-1.0.tar.gz", tar("old", ("PKG-INFO", pkg_info("old", "Requires-Dist: a", version="2.1"))))
    scan = [WHEELFARM, "scan", "--index", index.url, "--db", tmp_path / "facts.db", "--rate", "0", "--dependencies",
            "root", "asks", "old"]
    for _ in range(2):
        subprocess.run(scan, capture_output=True, timeout=120, check=True)
    base = sqlite3.connect(tmp_path / "facts.db")
    needs = set(base.execute("SELECT p.name, n.extra, n.name FROM need n JOIN package p ON p.id = n.package"))
    base.close()
    assert needs == {("asks", "", "root"), ("asks", "x", "more")}
    asked = [path for path, _ in index.requests if path.startswith("/files/")]
    assert sorted(asked) == [f"/files/{name}-1.0.tar.gz" for name in ("asks", "old", "root")], asked


def test_what_must_be_there_first_is_part_of_the_work(index, tmp_path):
    """Two packages of equal work, one of which names another that is not there either."""
    compiled = {"filename": "", "url": "/files/none.whl", "hashes": {"sha256": "0" * 64}}
    for name, lines in (("a-asks", ["Requires-Dist: root"]), ("b-alone", ["Requires-Dist: pure"]), ("root", [])):
        add(index, name, f"{name}-1.0.tar.gz", tar(name, ("PKG-INFO", pkg_info(name, *lines))))
    add_wheel(index, "pure")
    for name in ("a-asks", "b-alone", "root"):  # a compiled wheel of the release before makes it a miss, and not a source
        wheel = f"{name.replace('-', '_')}-0.9-cp313-cp313-win_arm64.whl"
        index.pages[name]["files"].insert(0, compiled | {"filename": wheel, "url": f"/files/{wheel}"})
    subprocess.run([WHEELFARM, "scan", "--index", index.url, "--db", tmp_path / "facts.db", "--rate", "0",
                    "--dependencies", "a-asks", "b-alone", "root", "pure"], capture_output=True, timeout=120, check=True)
    subprocess.run([WHEELFARM, "report", "--db", tmp_path / "facts.db", "--out", tmp_path / "out"],
                   capture_output=True, timeout=120, check=True)
    told = json.loads((tmp_path / "out/start-here.json").read_text())["packages"]
    assert [(p["name"], p["headline"], p["after"]) for p in told] == [
        ("b-alone", "vanished", []), ("root", "vanished", []), ("a-asks", "vanished", ["root"])], told
    page = (tmp_path / "out/start-here.html").read_text()
    assert page.count(" <small>after ") == 1

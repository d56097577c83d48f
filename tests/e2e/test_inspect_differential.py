"""`wheelfarm inspect` against others' answers: auditwheel on policies, Python's zipfile and csv on archives
and RECORD. Wheels of one's own can be added: WHEELFARM_WHEELS=FOLDER pytest …"""

import base64
import csv
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
WHEELFARM = os.environ.get("WHEELFARM", str(ROOT / "build/wheelfarm"))
MAKE = ROOT / "tests/data/inspect/make_wheels.py"
# what Python's zipfile reads although it should not
STRICTER = {"zip_prefix", "zip_two_names", "zip_overlap", "zip_trailing", "zip_count"}


def inspect(path):
    done = subprocess.run([WHEELFARM, "inspect", "--json", str(path)], capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    assert done.returncode == (0 if report["ok"] else 1)
    return report


def codes(report):
    return {problem["code"] for problem in report["problems"]}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheels") / "made"
    subprocess.run([sys.executable, str(MAKE), str(folder)], check=True)
    return {path.parent.name: path for path in folder.glob("*/*.whl")}


def own_wheels():
    folder = os.environ.get("WHEELFARM_WHEELS")
    return sorted(pathlib.Path(folder).glob("*.whl")) if folder else []


def zip_is_bad(path):
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is not None
    except Exception:
        return True


def test_zip_agrees_with_zipfile(made):
    for case, path in made.items():
        ours = "bad_zip" in codes(inspect(path))
        assert ours == (zip_is_bad(path) or case in STRICTER), case


def record_is_bad(path):
    """RECORD judged by the standard library alone."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        own = next(name for name in names if name.endswith(".dist-info/RECORD"))
        rows = list(csv.reader(io.StringIO(archive.read(own).decode()), strict=True))
        listed = {row[0]: row for row in rows}
        if len(listed) != len(rows) or set(listed) - set(names):
            return True
        for name in names:
            if name == own or name.endswith((".jws", ".p7s")):
                continue
            if name not in listed:
                return True
            data = archive.read(name)
            text = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            if listed[name][1:] != ["sha256=" + text, str(len(data))]:
                return True
        return listed[own][1:] != ["", ""]


def test_record_agrees_with_the_standard_library(made):
    seen = 0
    for case, path in made.items():
        if case.startswith(("fine_", "record_")) and case not in ("record_none", "record_no_csv"):
            ours = codes(inspect(path)) & {"record_hash", "record_missing", "record_unlisted"}
            assert bool(ours) == record_is_bad(path), case
            seen += 1
    assert seen > 20


@pytest.mark.parametrize("path", own_wheels(), ids=lambda path: path.name)
def test_own_wheel(path, tmp_path):
    report = inspect(path)
    assert ("bad_zip" in codes(report)) == zip_is_bad(path)
    assert bool(codes(report) & {"record_hash", "record_missing", "record_unlisted"}) == \
        record_is_bad(path)
    for binary in report["binaries"]:
        if binary["format"] == "elf":
            assert_readelf_agrees(path, binary, tmp_path)
    if "linux" in path.name and shutil.which("auditwheel"):
        assert_auditwheel_agrees(path, report)


def assert_readelf_agrees(path, binary, folder):
    with zipfile.ZipFile(path) as archive:
        (folder / "image").write_bytes(archive.read(binary["path"]))
    text = subprocess.run(["readelf", "-dlVW", str(folder / "image")], capture_output=True,
                          check=True).stdout.decode()
    assert binary["needs"] == re.findall(r"\(NEEDED\).*\[(.*)\]", text)
    aligns = [int(line.split()[-1], 16) for line in text.splitlines() if line.startswith("  LOAD ")]
    assert binary["page_size"] == min(aligns)
    versions = [tuple(map(int, v.split("."))) for v in re.findall(r"Name: GLIBC_([\d.]+) ", text)]
    if "libc.musl" not in text:
        floor = ".".join(map(str, max(versions)[:2])) if versions else None
        assert binary["glibc"] == floor


def assert_auditwheel_agrees(path, report):
    done = subprocess.run(["auditwheel", "show", "--json", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    theirs = json.loads(done.stdout[done.stdout.index("{"):])
    tag = theirs["overall_tag"]
    ours = report["manylinux"]
    if tag.startswith("linux_"):
        assert ours is None
    else:
        assert ours == tag


SOURCE = """
#include <stddef.h>
#include <pthread.h>
%s
int PyInit_fast(void) { return %s; }
"""
VARIANTS = {
    "nothing": ("", "0"),
    "memcpy": ("#include <string.h>\nvolatile size_t n; char buffer[9];", "memcpy(buffer, buffer + 1, n) != NULL"),
    "threads": ("static void *f(void *a) { return a; }",
                "(int)(pthread_create(&(pthread_t){0}, NULL, f, NULL))"),
    "arc4random": ("unsigned arc4random(void);", "(int)arc4random()"),
    "strlcpy": ("size_t strlcpy(char *, const char *, size_t); char b[3];", "(int)strlcpy(b, b, 1)"),
    "zlib": ("const char *zlibVersion(void);", "zlibVersion() != NULL"),
    "private": ("int inflate_table(void); int zlibVersion(void);", "inflate_table() + zlibVersion()"),
}


@pytest.mark.skipif(not shutil.which("auditwheel") or not shutil.which("gcc"),
                    reason="needs auditwheel and gcc")
@pytest.mark.parametrize("variant", VARIANTS)
def test_policy_agrees_with_auditwheel(variant, tmp_path):
    machine = os.uname().machine
    head, value = VARIANTS[variant]
    (tmp_path / "fast.c").write_text(SOURCE % (head, value))
    suffix = f"cpython-313-{machine}-linux-gnu.so"
    library = tmp_path / f"fast.{suffix}"
    link = ["-Wl,--no-as-needed", "-l:libz.so.1"] if variant in ("zlib", "private") else []
    done = subprocess.run(["gcc", "-shared", "-fPIC", "-O0", "-o", str(library),
                           str(tmp_path / "fast.c"), *link, "-Wl,--allow-shlib-undefined"],
                          capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(done.stderr.splitlines()[-1])
    sys.path.insert(0, str(MAKE.parent))
    from wheel_kit import Wheel
    name = f"demo-1.0-cp313-cp313-linux_{machine}.whl"
    Wheel(name, {f"demo/{library.name}": library.read_bytes()}).save(str(tmp_path))
    report = inspect(tmp_path / name)
    assert report["ok"], report["problems"]
    assert_auditwheel_agrees(tmp_path / name, report)

"""`wheelfarm inspect` against others' answers. Made wheels: Python's zipfile and csv on archives and RECORD,
auditwheel on small libraries. Real wheels (pinned by hash, downloaded once): readelf and pefile on what a
binary says, auditwheel on policies, abi3audit on the Stable ABI; and some of them under names that lie.
Wheels of one's own can be added: WHEELFARM_WHEELS=FOLDER pytest …

auditwheel takes machine and C library from the file name, so it judges aarch64 on x86-64 too; here the
function is called whose answer its command prints."""

import base64
import csv
import fcntl
import functools
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

import inspect_oracles as oracles
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/data/inspect"))
import real_wheels  # noqa: E402
from wheel_kit import Wheel  # noqa: E402

WHEELFARM = os.environ.get("WHEELFARM", str(ROOT / "build/wheelfarm"))
MAKE = ROOT / "tests/data/inspect/make_wheels.py"
# What Python's zipfile reads although it should not, and why we don't.
STRICTER = {
    "zip_prefix": "bytes before the archive: a script, or another archive to another reader",
    "zip_prefix_adjusted": "the same, with offsets that take it into account",
    "zip_hidden": "a member that only its local header knows: pip does not see it, readers of streams do",
    "zip_trailing": "bytes after it, likewise",
    "zip_two_ends": "zipfile takes the last of two archives, others the first",
    "zip_end_in_comment": "the same, hidden in a comment",
    "zip_two_names": "a Unicode path extra field: zipfile takes one name, others the other",
    "zip_overlap": "two entries share their bytes",
    "bomb_overlap": "ten do",
    "zip_count": "the end record counts more entries than there are",
    "zip_million": "the same, by far",
    "zip_disks": "the end record speaks of a fourth disk",
    "zip_64_lie": "the two end records contradict each other",
    "zip_64_extra_cut": "a size is said to be in a field that is not there",
    "zip_latin1": "a name beyond ASCII without the mark of UTF-8",
    "zip_local_size": "local header and directory have two sizes",
    "zip_local_method": "or two methods",
    "zip_descriptor_lie": "or the descriptor has another CRC",
    "zip_less_inside": "fewer bytes than declared",
    "zip_folder_contents": "a folder with contents",
}
NO_RECORD = {"record_none", "record_no_csv", "record_other_place"}


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
            kind = "sha512" if listed[name][1].startswith("sha512=") else "sha256"
            text = base64.urlsafe_b64encode(hashlib.new(kind, data).digest()).decode().rstrip("=")
            if listed[name][1:] != [f"{kind}={text}", str(len(data))]:
                return True
        return listed[own][1:] != ["", ""]


def test_record_agrees_with_the_standard_library(made):
    seen = 0
    for case, path in made.items():
        if case.startswith(("fine_", "record_")) and case not in NO_RECORD:
            errors = [p for p in inspect(path)["problems"] if p["severity"] == "error"]
            assert bool(errors) == record_is_bad(path), case
            seen += 1
    assert seen > 20


# Which of the pinned wheels; the machines beside aarch64 are there to be renamed.
CHOSEN = {
    "aarch64": ["aiohttp", "bcrypt", "cffi", "contourpy", "greenlet", "kiwisolver", "lz4", "markupsafe",
                "msgpack", "numpy", "psutil", "pyyaml", "ujson", "xxhash"],
    "x86_64": ["bcrypt", "greenlet", "markupsafe", "psutil"],
    "win_arm64": ["bcrypt", "cffi", "contourpy", "kiwisolver", "markupsafe", "psutil", "ujson"],
    "win_amd64": ["kiwisolver", "markupsafe"],
}
# Those of more-wheel-requirements.txt: pip's options, names.
MORE = {
    "musllinux": (["--python-version", "3.13", "--abi", "cp313", "--abi", "abi3",
                   "--platform", "musllinux_1_2_aarch64", "--platform", "musllinux_1_1_aarch64"],
                  ["bcrypt", "kiwisolver", "markupsafe", "msgpack"]),
    "threaded": (["--python-version", "3.14", "--abi", "cp314t", "--platform", "manylinux_2_24_aarch64",
                  "--platform", "manylinux_2_17_aarch64", "--platform", "manylinux2014_aarch64"],
                 ["kiwisolver", "markupsafe"]),
    "threaded_windows": (["--python-version", "3.14", "--abi", "cp314t", "--platform", "win_arm64"],
                         ["markupsafe"]),
    "windows_311": (["--python-version", "3.11", "--abi", "cp311", "--platform", "win_arm64"], ["markupsafe"]),
}


def pinned(names):
    """Their part of the list, hashes and all."""
    blocks = re.split(r"\n(?=\S)", (MAKE.parent / "more-wheel-requirements.txt").read_text())
    return "\n".join(block for block in blocks if block.split("==")[0] in names)


def more_wheels(key):
    options, names = MORE[key]
    folder = real_wheels.cache_folder() / key
    folder.mkdir(parents=True, exist_ok=True)
    text = pinned(names)
    done = folder / ".complete"
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text() != text:
            (folder / "list.txt").write_text(text)
            subprocess.run(
                [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
                 "--no-deps", "--only-binary", ":all:", "--require-hashes", "--implementation", "cp",
                 *options, "--dest", str(folder), "--requirement", str(folder / "list.txt")], check=True)
            done.write_text(text)
    return sorted(folder.glob("*.whl"))


@functools.lru_cache
def wheel(key, name):
    paths = real_wheels.wheels(key) if key in CHOSEN else more_wheels(key)
    return next(path for path in paths if path.name.startswith(name.replace("-", "_") + "-"))


def real(*keys):
    table = {**CHOSEN, **{key: names for key, (_, names) in MORE.items()}}
    return [(key, name) for key in keys for name in table[key]]


def assert_binaries_agree(path, report, folder):
    """Every fact that the oracle has, of every binary."""
    with zipfile.ZipFile(path) as archive:
        for binary in report["binaries"]:
            data = archive.read(binary["path"])
            if binary["format"] == "elf":
                (folder / "image").write_bytes(data)
                theirs = oracles.readelf(folder / "image")
            else:
                theirs = oracles.pe_facts(data)
            ours = {key: binary[key] for key in theirs}
            for key in ("python_symbols", "init_functions"):
                ours[key] = sorted(ours[key])
            assert ours == theirs, binary["path"]


def abi3_of(report):
    """{binary: [number of foreign symbols, are there newer ones]} by our problems."""
    found = {pathlib.PurePosixPath(binary["path"]).name: [0, False] for binary in report["binaries"]}
    for problem in report["problems"]:
        if problem["code"] == "abi3_violation":
            row = found[pathlib.PurePosixPath(problem["path"]).name]
            if match := re.match(r"it takes (\d+) symbol", problem["detail"]):
                row[0] = int(match[1])
            elif "whose Stable ABI lacks" in problem["detail"]:
                row[1] = True
    return found


def assert_abi3_agrees(path, report):
    """abi3audit also counts what a library defines itself or may do without (weak); we count what it
    takes, so only that is compared. It knows names, not conditions: what only Windows has is fine to it
    on Linux, and no wheel here uses such a thing. True if there are violations."""
    theirs = oracles.abi3audit(path)
    taken = {pathlib.PurePosixPath(b["path"]).name: set(b["python_symbols"]) for b in report["binaries"]}
    ours = abi3_of(report)
    assert theirs
    for name, (foreign, newer) in theirs.items():
        assert ours[name] == [len(foreign & taken[name]), bool(set(newer) & taken[name])], name
    return any(foreign or newer for foreign, newer in theirs.values())


@pytest.mark.parametrize("key, name", real(*CHOSEN, *MORE))
def test_real_wheel(key, name, tmp_path):
    path = wheel(key, name)
    report = inspect(path)
    errors = [p for p in report["problems"] if p["severity"] == "error"]
    assert not errors and not zip_is_bad(path) and not record_is_bad(path)
    assert report["binaries"]
    assert_binaries_agree(path, report, tmp_path)
    if "linux" in path.name:
        assert report["manylinux"] == oracles.auditwheel_policy(path)
    if "-abi3-" in path.name:
        assert not assert_abi3_agrees(path, report)


def lie(path, folder, *changes):
    """A copy under another name; WHEEL and RECORD inside stay what they are."""
    name = path.name
    for old, new in changes:
        name = name.replace(old, new)
    assert name != path.name
    return shutil.copy(path, folder / name)


@pytest.mark.parametrize("key, name", [row for row in real("aarch64", "win_arm64") if row[1] != "numpy"])
def test_lying_abi3(key, name, tmp_path):
    """A wheel for one Python that says it is for all: the same symbols are wrong to abi3audit and to us."""
    path = wheel(key, name)
    if "-abi3-" in path.name:  # for Pythons before those it was made for
        python = re.search(r"-(cp\d+)-abi3-", path.name)[1]
        lying = lie(path, tmp_path, (f"-{python}-abi3-", "-cp32-abi3-"))
    else:
        lying = lie(path, tmp_path, ("-cp313-cp313-", "-cp313-abi3-"))
    report = inspect(lying)
    is_wrong = assert_abi3_agrees(lying, report)
    assert is_wrong == ("abi3_violation" in codes(report)) and "wheel_tag_mismatch" in codes(report)
    assert is_wrong or name == "lz4"  # which happens to use nothing but the Stable ABI on Linux


@pytest.mark.parametrize("key, name", real("x86_64", "win_amd64"))
def test_lying_machine(key, name, tmp_path):
    path = wheel(key, name)
    report = inspect(lie(path, tmp_path, ("x86_64", "aarch64"), ("win_amd64", "win_arm64")))
    assert {"machine_mismatch", "wheel_tag_mismatch"} <= codes(report)
    named = {binary["path"] for binary in report["binaries"]}
    assert {p["path"] for p in report["problems"] if p["code"] == "machine_mismatch"} == named


@pytest.mark.parametrize("key, name", real("aarch64"))
def test_lying_floor(key, name, tmp_path):
    """Under the oldest tag of its machine: too new just if auditwheel's policy is a higher one."""
    path = wheel(key, name)
    *front, _ = path.name.split("-")
    lying = shutil.copy(path, tmp_path / ("-".join(front) + "-manylinux_2_17_aarch64.whl"))
    higher = oracles.auditwheel_policy(lying) != "manylinux_2_17_aarch64"
    assert bool({"glibc_too_new", "library_not_allowed"} & codes(inspect(lying))) == higher


@pytest.mark.parametrize("path", own_wheels(), ids=lambda path: path.name)
def test_own_wheel(path, tmp_path):
    report = inspect(path)
    assert ("bad_zip" in codes(report)) == zip_is_bad(path)
    assert bool(codes(report) & {"record_hash", "record_missing", "record_unlisted"}) == \
        record_is_bad(path)
    assert_binaries_agree(path, report, tmp_path)
    if "linux" in path.name:
        assert report["manylinux"] == oracles.auditwheel_policy(path)


def test_the_stable_abi_is_what_abi3info_says():
    """The kept list is what its writer makes of the pinned package."""
    folder = ROOT / "core/inspect"
    done = subprocess.run([sys.executable, str(folder / "stable_abi_update.py")], capture_output=True,
                          text=True, check=True)
    assert done.stdout == (folder / "stable_abi.txt").read_text()


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
    name = f"demo-1.0-cp313-cp313-linux_{machine}.whl"
    Wheel(name, {f"demo/{library.name}": library.read_bytes()}).save(str(tmp_path))
    report = inspect(tmp_path / name)
    assert report["ok"], report["problems"]
    assert report["manylinux"] == oracles.auditwheel_policy(tmp_path / name)

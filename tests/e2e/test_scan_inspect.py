"""`wheelfarm scan --inspect`: the published wheels of a loopback index, judged and kept."""

import hashlib
import json
import sqlite3
import sys

import pytest
from conftest import ROOT, wheelfarm

sys.path.insert(0, str(ROOT / "tests/data/inspect"))
from images import elf, pe  # noqa: E402
from wheel_kit import Wheel, module, windows_module  # noqa: E402

LINUX = "demo-1.0-cp311-abi3-manylinux_2_17_aarch64.manylinux_2_28_aarch64.whl"
WINDOWS = "demo-1.0-cp313-cp313-win_arm64.whl"
PYD = "demo/fast.cp313-win_arm64.pyd"
SO = "demo/fast.abi3.so"


def publish(index, folder, wheels):
    """A page for demo; file names with their bytes, or with (bytes, sha256 that the page tells)."""
    files = []
    for name, data in wheels.items():
        data, told = data if isinstance(data, tuple) else (data, hashlib.sha256(data).hexdigest())
        index.answers[f"/files/{name}"] = (200, "application/octet-stream", data)
        files.append({"filename": name, "url": f"/files/{name}", "hashes": {"sha256": told},
                      "size": len(data), "upload-time": "2026-01-01T00:00:00Z"})
    index.pages["demo"] = {"meta": {"api-version": "1.1"}, "name": "demo", "files": files}


def made(folder, name, files):
    Wheel(name, files).save(folder)
    return (folder / name).read_bytes()


@pytest.fixture
def linux_wheel(tmp_path):
    return made(tmp_path, LINUX, {SO: module(), "demo.libs/libz-1a2b.so.1": elf(soname="libz-1a2b.so.1")})


def scan(db, state, index, *options):
    return wheelfarm("scan", "demo", "--db", db, "--index", index.url, "--rate", "0", *options,
                     env=state)


def targets(db, state):
    shown = json.loads(wheelfarm("show", "demo", "--db", db, "--json", env=state).stdout)
    return {target["target"]: target for target in shown["targets"]}


def fetched(index):
    return [path for path, _ in index.requests if path.startswith("/files/")]


@pytest.mark.parametrize("option, depth", [("--inspect", "headers"), ("--inspect=full", "full")])
def test_each_file_once_and_never_again(tmp_path, state, index, linux_wheel, option, depth):
    db = tmp_path / "facts.db"
    publish(index, tmp_path, {LINUX: linux_wheel})
    done = scan(db, state, index, option)
    assert done.returncode == 0, done.stderr
    assert "1 wheel inspected" in done.stdout
    assert len(fetched(index)) == 1  # this server knows no ranges; twelve targets share the file
    wheel = targets(db, state)["cp313-manylinux_2_28_aarch64"]["wheel"]
    assert (wheel["depth"], wheel["machine"], wheel["page_size"]) == (depth, "aarch64", 65536)
    assert wheel["bundled"] == ["libz-1a2b.so.1"]
    assert wheel["glibc"] == ("2.17" if depth == "full" else None)
    assert wheel["problems"] == [] and wheel["broken"] is None
    assert targets(db, state)["cp312-manylinux_2_39_aarch64"]["wheel"] == wheel
    assert targets(db, state)["cp313-win_arm64"]["wheel"] is None
    again = scan(db, state, index, option)
    assert "0 wheels inspected, 1 known" in again.stdout
    assert len(fetched(index)) == 1


def test_full_looks_again_at_what_only_headers_were_read_of(tmp_path, state, index, linux_wheel):
    db = tmp_path / "facts.db"
    publish(index, tmp_path, {LINUX: linux_wheel})
    scan(db, state, index, "--inspect")
    assert "1 wheel inspected" in scan(db, state, index, "--inspect=full").stdout
    assert "1 known" in scan(db, state, index, "--inspect").stdout


def test_new_rules_and_new_columns(tmp_path, state, index, linux_wheel):
    db = tmp_path / "facts.db"
    publish(index, tmp_path, {LINUX: linux_wheel})
    scan(db, state, index, "--inspect=full")
    with sqlite3.connect(db) as facts:
        before = facts.execute("SELECT machine, glibc, page_size, bundled FROM wheel").fetchall()
        facts.execute("UPDATE wheel SET columns = 0, machine = 'x', glibc = NULL, bundled = '[]'")
    done = scan(db, state, index, "--inspect=full")
    assert "1 known" in done.stdout and len(fetched(index)) == 1  # from the stored report alone
    with sqlite3.connect(db) as facts:
        assert facts.execute("SELECT machine, glibc, page_size, bundled FROM wheel").fetchall() == before
        facts.execute("UPDATE wheel SET rules = rules - 1")
    assert "1 wheel inspected" in scan(db, state, index, "--inspect").stdout


def test_bytes_against_the_tag_are_broken(tmp_path, state, index, linux_wheel):
    db = tmp_path / "facts.db"
    wrong = made(tmp_path, WINDOWS, {PYD: windows_module(machine=0x8664)})
    publish(index, tmp_path, {LINUX: linux_wheel, WINDOWS: wrong})
    done = scan(db, state, index, "--inspect")
    assert done.returncode == 0
    assert "2 wheels inspected, 1 with errors" in done.stdout
    assert "demo: " + WINDOWS + ": machine_mismatch: " in done.stderr
    after = targets(db, state)
    assert after["cp313-win_arm64"]["headline"] == "broken"
    assert after["cp313-win_arm64"]["wheel"]["broken"] == "machine_mismatch"
    problem = after["cp313-win_arm64"]["wheel"]["problems"][0]
    assert problem["code"] == "machine_mismatch" and problem["path"] == PYD and problem["advice"]
    assert after["cp313-manylinux_2_28_aarch64"]["headline"] == "ready"
    text = wheelfarm("show", "demo", "--db", db, "--target", "win_arm64", env=state).stdout
    assert "machine_mismatch" in text and "→" in text
    # a new release with right bytes mends it, once it was looked into or not
    publish(index, tmp_path, {WINDOWS: made(tmp_path, WINDOWS, {PYD: windows_module()})})
    scan(db, state, index)
    assert targets(db, state)["cp313-win_arm64"]["headline"] == "ready"


def test_a_newer_glibc_outgrows_what_breaks_it_elsewhere(tmp_path, state, index):
    db = tmp_path / "facts.db"
    name = "demo-1.0-cp313-cp313-manylinux_2_17_aarch64.whl"
    so = "demo/fast.cpython-313-aarch64-linux-gnu.so"
    data = made(tmp_path, name, {so: module(versions={"libc.so.6": ["GLIBC_2.34"]})})
    publish(index, tmp_path, {name: data})
    scan(db, state, index, "--inspect=full")
    after = targets(db, state)
    assert after["cp313-manylinux_2_28_aarch64"]["wheel"]["broken"] == "glibc_too_new"
    assert after["cp313-manylinux_2_28_aarch64"]["headline"] == "broken"
    assert after["cp313-manylinux_2_39_aarch64"]["headline"] == "ready"


def test_another_hash_is_said_and_not_kept(tmp_path, state, index, linux_wheel):
    db = tmp_path / "facts.db"
    publish(index, tmp_path, {LINUX: (linux_wheel, "0" * 64)})
    done = scan(db, state, index, "--inspect=full")
    assert done.returncode == 1
    assert "1 not as promised" in done.stdout and "not the 0000" in done.stderr
    assert targets(db, state)["cp313-manylinux_2_28_aarch64"]["wheel"] is None


def test_one_bad_wheel_is_one_line(tmp_path, state, index, linux_wheel):
    db = tmp_path / "facts.db"
    publish(index, tmp_path, {LINUX: linux_wheel, WINDOWS: b"no zip at all"})
    del index.answers[f"/files/{LINUX}"]
    done = scan(db, state, index, "--inspect")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 2, done.stderr
    assert "1 wheel inspected, 1 with errors, 1 not as promised" in done.stdout
    assert targets(db, state)["cp313-win_arm64"]["headline"] == "ready"  # bad_zip is no lie of a tag


def test_wrong_word(tmp_path, state, index):
    done = scan(tmp_path / "f.db", state, index, "--inspect=some")
    assert done.returncode == 2 and "headers or full" in done.stderr


def test_folder(tmp_path, state, linux_wheel):
    """Wheels beside the pages of an index in a folder; none outside of it."""
    db = tmp_path / "facts.db"
    folder = tmp_path / "index"
    folder.mkdir()
    (folder / LINUX).write_bytes(linux_wheel)
    outside = tmp_path / WINDOWS
    outside.write_bytes(b"secret")
    told = {"sha256": hashlib.sha256(linux_wheel).hexdigest()}
    page = {"meta": {"api-version": "1.1"}, "name": "demo", "files": [
        {"filename": LINUX, "url": LINUX, "hashes": told},
        {"filename": WINDOWS, "url": outside.as_uri(), "hashes": {"sha256": "1" * 64}}]}
    (folder / "demo.json").write_text(json.dumps(page))
    done = wheelfarm("scan", "demo", "--db", db, "--index", folder, "--inspect=full", env=state)
    assert "1 wheel inspected, 1 not as promised" in done.stdout, done.stderr
    assert "outside of the index's folder" in done.stderr

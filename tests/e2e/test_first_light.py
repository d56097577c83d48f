"""The whole chain: recorded pages, two real sdists, both targets, real builds, real imports."""

import json
import os
import signal
import sqlite3
import struct
import subprocess
import sys
import time
import zipfile

import pytest

from conftest import WHEELFARM, wheelfarm

LINUX = "cp313-manylinux_2_28_aarch64"
WINDOWS = "cp313-win_arm64"
CONFIG = """\
schema: 1
state: {state}
index: {index}
listen: 127.0.0.1:{port}
packages: [{packages}]
targets: [{targets}]
build: all
agents:
  local: 1
  slots: 2
  retry_s: 2
{more}"""


def write_config(folder, index, packages, targets=(LINUX, WINDOWS), port=0, more=""):
    file = folder / "farm.yaml"
    file.write_text(CONFIG.format(
        state=folder / "farm", index=index, packages=", ".join(packages), port=port,
        targets=", ".join(targets), more=more))
    return file


def show(folder, name, state):
    done = wheelfarm("show", name, "--json", "--db", folder / "farm/facts.db", env=state)
    assert done.returncode == 0, done.stderr
    return {t["target"]: t for t in json.loads(done.stdout)["targets"]}


def query(folder, sql):
    with sqlite3.connect(f"file:{folder}/farm/facts.db?mode=ro", uri=True) as db:
        return db.execute(sql).fetchall()


def blob(folder, sha256):
    return folder / "farm/store" / sha256[:2] / sha256[2:]


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    """One run of the whole chain that several tests look at."""
    from conftest import Index
    folder = tmp_path_factory.mktemp("first-light")
    index = Index()
    index.add("markupsafe", "markupsafe-3.0.4.tar.gz")
    index.add("simplejson", "simplejson-4.3.0.tar.gz")
    config = write_config(folder, index.url, ["markupsafe", "simplejson"], more="scan: {dependencies: true}\n")
    state = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "NO_COLOR": "1"}
    done = wheelfarm("run", "--config", config, env=state, timeout=900)
    yield folder, config, state, done, index
    index.close()


def test_everything_is_built_and_the_linux_ones_import(farm):
    folder, _, state, done, _ = farm
    assert done.returncode == 0, done.stdout + done.stderr
    assert "markupsafe" in done.stdout and "simplejson" in done.stdout
    for name, native, tests in [("markupsafe", "markupsafe._speedups", 50),
                                ("simplejson", "simplejson._speedups", 15)]:
        facts = show(folder, name, state)
        linux, windows = facts[LINUX], facts[WINDOWS]
        assert linux["build"]["state"] == "pass", linux
        assert linux["build"]["mode"] == "cross"
        assert linux["test"]["executor"] == "qemu"
        assert native in linux["test"]["imports"]
        assert linux["proven"] is True
        # Their recipes run their own test suites, and know about how many tests those have.
        assert linux["test"]["passed"] >= tests and linux["test"]["failed"] == 0
        assert windows["build"]["state"] == "pass", windows
        assert windows["test"] is None and windows["proven"] is False
        # Only its source is published; that it can be had from the farm was found out as the wheels came.
        for told in (linux, windows):
            assert (told["dependencies"], told["dependencies_with_built"]) == ("unknown", "ok")


def test_the_wheels_are_what_others_say_they_are(farm, tmp_path):
    folder, *_ = farm
    wheels = query(folder, "SELECT filename, sha256 FROM artefact WHERE kind = 'wheel'")
    assert len(wheels) == 4
    for filename, sha256 in wheels:
        wheel = tmp_path / filename
        wheel.write_bytes(blob(folder, sha256).read_bytes())
        with zipfile.ZipFile(wheel) as archive:
            assert archive.testzip() is None
            binaries = [n for n in archive.namelist() if n.endswith((".so", ".pyd"))]
            assert binaries
            machines = {machine(archive.read(n)) for n in binaries}
        if filename.endswith("win_arm64.whl"):
            assert machines == {0xAA64}
            assert all(n.endswith(".cp313-win_arm64.pyd") for n in binaries)
        else:
            assert machines == {183}
            assert all(n.endswith(".cpython-313-aarch64-linux-gnu.so") for n in binaries)
            said = subprocess.run(
                [sys.executable, "-m", "auditwheel", "show", str(wheel)],
                capture_output=True, text=True, check=True).stdout
            assert "manylinux_2_17_aarch64" in said or "manylinux_2_28_aarch64" in said, said
            assert "manylinux_2_28_aarch64" in filename
        assert wheelfarm("inspect", wheel).returncode == 0


def machine(data):
    if data[:4] == b"\x7fELF":
        return struct.unpack_from("<H", data, 18)[0]
    offset = struct.unpack_from("<I", data, 0x3C)[0]
    return struct.unpack_from("<H", data, offset + 4)[0]


def test_each_result_says_where_it_comes_from(farm):
    folder, *_ = farm
    rows = query(folder, "SELECT body, log_blob, log_size FROM result")
    assert len(rows) == 4
    for body, log, size in rows:
        result = json.loads(body)
        assert result["toolchain"].startswith("cross-zig") or "zig" in result["toolchain"]
        assert len(result["builder_image"]) == 64
        assert "bubblewrap" in result["sandbox"]
        assert "fence" not in result or not result["fence"]
        assert size > 0 and blob(folder, log).exists()
        stages = {s["stage"]: s["status"] for s in result["stages"]}
        assert list(stages) == ["fetch", "unpack", "prepare", "build", "repair", "inspect",
                                "install", "import", "test"]
        assert stages["build"] == stages["repair"] == stages["inspect"] == "pass"


def test_a_second_run_builds_nothing_and_asks_only_for_what_changed(farm):
    folder, config, state, _, index = farm
    index.requests.clear()
    start = time.monotonic()
    done = wheelfarm("run", "--config", config, env=state, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - start < 60
    assert query(folder, "SELECT count(*) FROM lease") == [(4,)]
    # wheels that this index names and has not got may come yet, so their metadata is asked for again
    again = [path for path, headers in index.requests if "If-None-Match" not in headers and index.answer(path)[0] != 404]
    assert index.requests and again == []
    assert not [path for path, _ in index.requests if path.startswith("/files/")]


def test_a_token_is_nowhere_in_the_database(farm):
    folder, *_ = farm
    hashes = [h for (h,) in query(folder, "SELECT token_hash FROM agent")]
    assert hashes and all(len(h) == 64 for h in hashes)


def children(pid):
    out = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(pid)],
                         capture_output=True, text=True, check=False).stdout
    return [(int(line.split()[0]), line) for line in out.splitlines()]


def wait_for(predicate, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if predicate():
            return True
        time.sleep(0.1)
    return False


def stage_of_a_lease(folder):
    try:
        return query(folder, "SELECT stage FROM lease WHERE ended IS NULL AND stage IS NOT NULL")
    except sqlite3.OperationalError:
        return []


@pytest.mark.parametrize("victim", ["coordinator", "agent"])
def test_killed_in_the_middle_nothing_is_lost_and_nothing_done_twice(
        tmp_path, index, state, victim):
    index.add("simplejson", "simplejson-4.3.0.tar.gz")
    config = write_config(tmp_path, index.url, ["simplejson"], targets=(WINDOWS,))
    run = subprocess.Popen(
        [str(WHEELFARM), "run", "--config", str(config)], env=state, cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    try:
        assert wait_for(lambda: stage_of_a_lease(tmp_path), 120)
        agents = [pid for pid, line in children(run.pid) if "wheelfarm-agent" in line]
        assert agents
        if victim == "agent":
            os.kill(agents[0], signal.SIGKILL)
            output, _ = run.communicate(timeout=600)
            assert run.returncode == 0, output.decode()
        else:
            run.kill()
            run.communicate()
            assert wait_for(lambda: not os.path.exists(f"/proc/{agents[0]}"), 20), \
                "an agent outlived its coordinator"
    finally:
        if run.poll() is None:
            run.kill()
    if victim == "coordinator":
        again = wheelfarm("run", "--config", config, env=state, timeout=600)
        assert again.returncode == 0, again.stdout + again.stderr
    assert query(tmp_path, "SELECT count(*), count(DISTINCT job) FROM result WHERE final") == [(1, 1)]
    assert query(tmp_path, "SELECT count(*) FROM job WHERE state != 'done'") == [(0,)]
    assert query(tmp_path, "SELECT count(*) FROM lease WHERE ended IS NULL") == [(0,)]
    assert query(tmp_path, "PRAGMA integrity_check") == [("ok",)]
    assert len(query(tmp_path, "SELECT id FROM lease")) >= 2, "nothing was interrupted"


def test_interrupt_ends_at_once_and_the_next_run_goes_on(tmp_path, index, state):
    index.add("markupsafe", "markupsafe-3.0.4.tar.gz")
    config = write_config(tmp_path, index.url, ["markupsafe"], targets=(WINDOWS,))
    run = subprocess.Popen(
        [str(WHEELFARM), "run", "--config", str(config)], env=state,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    assert wait_for(lambda: stage_of_a_lease(tmp_path), 120)
    start = time.monotonic()
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=30)
    assert run.returncode == 130
    assert time.monotonic() - start < 10
    assert wheelfarm("run", "--config", config, env=state, timeout=300).returncode == 0
    assert query(tmp_path, "SELECT count(*) FROM result WHERE final") == [(1,)]

"""Modules that Windows on ARM would not load, or not as their tags say: inspect finds why, from the bytes, and the Wine
bench, where it can be told by an import."""

import hashlib
import io
import json
import os
import subprocess
import tarfile
import zipfile

import pytest
import wine_bench
import wrong_wheels
from conftest import WHEELFARM, wheelfarm
from test_first_light import WINDOWS, query, write_config

# In the bench, by its Python: the import of each in a process of its own.
RUNNER = """\
import json, subprocess, sys
for name in sys.argv[1:]:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import demo.fast"
    try:
        done = subprocess.run(
            [sys.executable, "-IB", "-c", code, "/wheels/" + name], capture_output=True, text=True, timeout=600)
        answer = [done.returncode, done.stderr[-300:]]
    except subprocess.TimeoutExpired:
        answer = [-1, "no end"]
    print(json.dumps([name, *answer]), flush=True)
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    return wrong_wheels.make(tmp_path_factory.mktemp("wrong"))


def inspect(path):
    done = subprocess.run([WHEELFARM, "inspect", "--json", path], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", wrong_wheels.CASES)
def test_inspect_says_what_is_wrong(wheels, name):
    report = inspect(wheels[name])
    found = {problem["code"] for problem in report["problems"]}
    assert found == ({wrong_wheels.CASES[name].code} - {""})
    # the runtime of Visual C++ may be there: all else is an error
    assert report["ok"] == (not found or name == "dll_msvcp")


def test_there_are_enough_of_them():
    assert sum(bool(case.code) for case in wrong_wheels.CASES.values()) >= 16


@pytest.fixture(scope="module")
def imports(wheels, tmp_path_factory):
    """{case: how its import ended}."""
    folder = tmp_path_factory.mktemp("imports")
    for name, wheel in wheels.items():
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder / "wheels" / name)
    (folder / "tmp").mkdir()
    done = wine_bench.start(
        folder / "tmp", ["-IB", "-c", RUNNER, *wrong_wheels.CASES], [(folder / "wheels", "/wheels")])
    said, errors = done.communicate(timeout=3600)
    ends = {}
    for name, code, error in map(json.loads, said.splitlines()):
        ends[name] = "ok" if code == 0 else error if code == 1 else "limit"
    assert set(ends) == set(wrong_wheels.CASES), said + errors
    return ends


@pytest.mark.skipif(not wine_bench.identity().exists(), reason=wine_bench.MISSING)
@pytest.mark.parametrize("name", wrong_wheels.CASES)
def test_how_the_import_of_a_wrong_wheel_ends(imports, name):
    assert wrong_wheels.CASES[name].bench in imports[name]


def test_what_wine_takes_and_windows_does_not_the_bytes_say():
    """Wine has functions where Windows has none until they are called, and a runtime that Windows has not got."""
    taken = {name for name, case in wrong_wheels.CASES.items() if case.bench == "ok" and case.code}
    assert {wrong_wheels.CASES[name].code for name in taken} == {"missing_dll", "missing_export", "binary_in_pure"}


BACKEND = """\
import glob, os, shutil
def build_wheel(folder, config_settings=None, metadata_directory=None):
    return os.path.basename(shutil.copy(glob.glob("*.whl")[0], folder))
"""


def add_sdist(index, name, wheel):
    """A package of an sdist alone, whose build leaves this wheel, under its own name."""
    with zipfile.ZipFile(wheel) as archive:
        binary = archive.read(wrong_wheels.PYD)
    made = wrong_wheels.Wheel(
        f"{name}-1.0-cp313-cp313-win_arm64.whl", {wrong_wheels.PYD: binary}, info=f"{name}-1.0.dist-info",
        metadata=f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n".encode())
    made.save(wheel.parent)
    build = b'[build-system]\nrequires = []\nbuild-backend = "here"\nbackend-path = ["."]\n'
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path, data in (("pyproject.toml", build), ("here.py", BACKEND.encode()),
                           (made.name, (wheel.parent / made.name).read_bytes())):
            member = tarfile.TarInfo(f"{name}-1.0/{path}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    file = f"{name}-1.0.tar.gz"
    index.answers[f"/files/{file}"] = (200, "application/octet-stream", packed.getvalue())
    index.pages[name] = {
        "meta": {"api-version": "1.1"}, "name": name, "versions": ["1.0"], "files": [{
            "filename": file, "url": f"/files/{file}", "size": len(packed.getvalue()), "yanked": False,
            "hashes": {"sha256": hashlib.sha256(packed.getvalue()).hexdigest()}, "upload-time": "2026-01-01T00:00:00Z"}]}


@pytest.mark.skipif(os.getuid() != 0 or not wine_bench.identity().exists(), reason=wine_bench.MISSING)
def test_a_wheel_whose_bytes_are_wrong_is_tried_in_the_bench_too(wheels, tmp_path, state, index):
    """Wine imports one and refuses the other. The bytes count for both, and the page says where the two disagree."""
    tmp_path.chmod(0o755)
    add_sdist(index, "taken", wheels["kernel_export"])
    add_sdist(index, "refused", wheels["machine_x64"])
    config = write_config(tmp_path, index.url, ["taken", "refused"], targets=(WINDOWS,),
                          more=f"testers: [{wine_bench.IMAGE}]\n")
    done = wheelfarm("run", "--config", config, env=state, timeout=1800)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    said = {}
    for name, job, stage, reason, proven, body in query(
            tmp_path, "SELECT p.name, j.id, r.stage, r.reason, r.proven, r.body FROM result r JOIN job j ON j.id = r.job"
                      " JOIN package p ON p.id = j.package WHERE r.final AND j.kind = 'build'"):
        stages = {one["stage"]: one["status"] for one in json.loads(body)["stages"]}
        said[name] = job, (stage, reason, proven), (stages["inspect"], stages["import"], stages["test"])
    assert said["taken"][1:] == (("inspect", "wrong_wheel", 0), ("fail", "pass", "not_run"))
    assert said["refused"][1:] == (("inspect", "tag_lies", 0), ("fail", "fail", "not_run"))
    site = tmp_path / "site"
    done = wheelfarm("report", "--out", site, "--db", tmp_path / "farm/facts.db", env=state)
    assert done.returncode == 0, done.stderr
    told = {name: (json.loads((site / f"job/{job}.json").read_text())["disagree"],
                   "Bytes and run disagree" in (site / f"job/{job}.html").read_text())
            for name, (job, *_) in said.items()}
    assert told == {"taken": ("bytes", True), "refused": (None, False)}

"""Modules that Windows on ARM would not load, or not as their tags say: inspect finds why, from the bytes, and the Wine
bench, where it can be told by an import."""

import dataclasses
import hashlib
import io
import json
import os
import subprocess
import tarfile

import pytest
import wine_bench
import wrong_wheels
from conftest import WHEELFARM, Index, wheelfarm
from test_first_light import WINDOWS, query, write_config

LIMIT = "executor_limit: "

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
    assert report["ok"] != wrong_wheels.CASES[name].is_error


def test_there_are_enough_of_them():
    assert sum(bool(case.code) for case in wrong_wheels.CASES.values()) >= 16


BACKEND = """\
import glob, os, shutil
def build_wheel(folder, config_settings=None, metadata_directory=None):
    return os.path.basename(shutil.copy(glob.glob("*.whl")[0], folder))
"""


def add_file(index, package, name, data):
    """A package of one file."""
    index.answers[f"/files/{name}"] = (200, "application/octet-stream", data)
    index.pages[package] = {
        "meta": {"api-version": "1.1"}, "name": package, "versions": ["1.0"], "files": [{
            "filename": name, "url": f"/files/{name}", "size": len(data), "yanked": False,
            "hashes": {"sha256": hashlib.sha256(data).hexdigest()}, "upload-time": "2026-01-01T00:00:00Z"}]}


def add_sdist(index, package, wheel):
    """Its build leaves this wheel."""
    build = b'[build-system]\nrequires = []\nbuild-backend = "here"\nbackend-path = ["."]\n'
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path, data in (("pyproject.toml", build), ("here.py", BACKEND.encode()), (wheel.name, wheel.read_bytes())):
            member = tarfile.TarInfo(f"{package}-1.0/{path}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    add_file(index, package, f"{package}-1.0.tar.gz", packed.getvalue())


def name_of(case):
    return "wrong-" + case.replace("_", "-")


@dataclasses.dataclass
class Ran:
    """A wheel that went through a farm: what the results say, and what the pages."""
    stage: str
    reason: str
    stages: dict
    imported: dict
    job: dict
    job_page: str
    target: dict
    package_page: str


BUILT = {"taken": "kernel_export", "refused": "machine_x64"}


@pytest.fixture(scope="module")
def ran(wheels, tmp_path_factory):
    """{package: Ran} of one run: each wheel as what its package publishes, and two as what a build left. Wheels are looked
    into first, as a night's scan does, and tested in the bench then."""
    folder = tmp_path_factory.mktemp("farm")
    folder.chmod(0o755)
    state = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "NO_COLOR": "1"}
    index = Index()
    for case, wheel in wheels.items():
        made = wrong_wheels.renamed(wheel, name_of(case), folder)
        add_file(index, name_of(case), made.name, made.read_bytes())
    for package, case in BUILT.items():
        add_sdist(index, package, wrong_wheels.renamed(wheels[case], package, folder))
    (folder / "farm").mkdir()
    database = folder / "farm/facts.db"
    done = wheelfarm("scan", "--inspect=full", "--index", index.url, "--db", database, *map(name_of, wheels), env=state)
    assert done.returncode == 0, done.stderr
    config = write_config(folder, index.url, index.pages, targets=(WINDOWS,),
                          more=f"testers: [{wine_bench.IMAGE}]\ntests: [published]\n")
    done = wheelfarm("run", "--config", config, env=state, timeout=3600)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    index.close()
    site = folder / "site"
    assert wheelfarm("report", "--out", site, "--db", database, env=state).returncode == 0
    found = {}
    for package, job, stage, reason, body in query(
            folder, "SELECT p.name, j.id, r.stage, r.reason, r.body FROM result r JOIN job j ON j.id = r.job"
                    " JOIN package p ON p.id = j.package WHERE r.final"):
        said = json.loads(body)
        page = json.loads((site / f"package/{package}.json").read_text())
        found[package] = Ran(
            stage, reason, {one["stage"]: one["status"] for one in said["stages"]},
            {one["module"]: one for one in said["imports"]}, json.loads((site / f"job/{job}.json").read_text()),
            (site / f"job/{job}.html").read_text(), next(t for t in page["targets"] if t["target"] == WINDOWS),
            (site / f"package/{package}.html").read_text())
    assert set(found) == {*map(name_of, wheels), *BUILT}
    return found


needs_bench = pytest.mark.skipif(os.getuid() != 0 or not wine_bench.identity().exists(), reason=wine_bench.MISSING)


@needs_bench
@pytest.mark.parametrize("name", wrong_wheels.CASES)
def test_a_wrong_wheel_goes_through_a_farm(ran, name):
    """The bytes, the bench and the headline that follows from both (facts.md): Wine's word alone makes nothing broken."""
    case, one = wrong_wheels.CASES[name], ran[name_of(name)]
    [said] = one.imported.values()
    assert (said["module"], said["ok"]) == ("demo.fast", case.bench == "ok")
    assert case.bench == "ok" or (LIMIT if case.bench == "limit" else case.bench) in said["error"]
    by_bytes = wrong_wheels.REASONS[case.code] if case.is_error else None
    by_run = {"ok": None, "limit": "executor_limit"}.get(case.bench, "import_error")
    assert (one.stage, one.reason) in ((("inspect", by_bytes),) if by_bytes else ((None, None),) if by_run is None else
                                       (("import", by_run), ("import", "missing_c_library")))
    assert one.stages["inspect"] == ("fail" if by_bytes else "pass")
    assert one.stages["import"] == ("pass" if case.bench == "ok" else "fail")
    broken = case.code in wrong_wheels.CONTRADICT or (by_bytes and case.bench not in ("ok", "limit"))
    assert one.target["headline"] == ("broken" if broken else "ready")
    disagree = "bytes" if by_bytes and not by_run else "run" if by_run == "import_error" and not by_bytes else None
    assert (one.target["disagree"], one.job["disagree"]) == (disagree, disagree)
    assert ("Bytes and run disagree" in one.package_page, "Bytes and run disagree" in one.job_page) == (bool(disagree),) * 2
    if case.bench == "limit" and not by_bytes:
        assert one.target["test"] is None and "which says nothing of it" in one.package_page
    else:
        assert (one.target["test"]["of"], one.target["test"]["executor"]) == ("published", "wine")


def test_what_wine_takes_and_windows_does_not_the_bytes_say():
    """Wine has functions where Windows has none until they are called, and a runtime that Windows has not got."""
    taken = {name for name, case in wrong_wheels.CASES.items() if case.bench == "ok" and case.code}
    assert {wrong_wheels.CASES[name].code for name in taken} == {"missing_dll", "missing_export", "binary_in_pure"}


@needs_bench
def test_a_built_wheel_whose_bytes_are_wrong_is_tried_in_the_bench_too(ran):
    """Wine imports one and refuses the other. The bytes count for both, and the page says where the two disagree."""
    for package, reason, ends, disagree in (("taken", "wrong_wheel", "pass", "bytes"), ("refused", "tag_lies", "fail", None)):
        one = ran[package]
        assert (one.stage, one.reason, one.job["build"]["proven"]) == ("inspect", reason, False)
        assert (one.stages["inspect"], one.stages["import"], one.stages["test"]) == ("fail", ends, "not_run")
        assert (one.job["disagree"], "Bytes and run disagree" in one.job_page) == (disagree, bool(disagree))

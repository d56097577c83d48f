"""Modules that Windows on ARM would not load, or not as their tags say: inspect finds why, from the bytes, and the Wine
bench, where it can be told by an import."""

import json
import subprocess
import zipfile

import pytest
import wine_bench
import wrong_wheels
from conftest import WHEELFARM

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

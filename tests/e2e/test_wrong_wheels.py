"""Modules that Windows on ARM would not load, or not as their tags say: inspect finds why, from the bytes."""

import json
import subprocess

import pytest
import wrong_wheels
from conftest import WHEELFARM


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

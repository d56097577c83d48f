"""The zoo of wheels.txt through the program itself: each is judged as the table says, whatever is cut off
it or changed in it ends with an answer, and no claim of theirs costs memory: every run has a limit."""

import json
import os
import pathlib
import random
import re
import resource
import subprocess
import sys

import pytest
from conftest import ROOT, WHEELFARM

MAKE = ROOT / "tests/data/inspect/make_wheels.py"
TABLE = ROOT / "tests/data/inspect/wheels.txt"
MEMORY_MAX = 512 << 20  # of address space, whatever a wheel claims
PATIENCE = 200  # seconds until a run counts as hanging
PROGRAM = os.environ.get("WHEELFARM_INSPECT", str(WHEELFARM))  # one with sanitizers, say


def rows():
    """(case, target, codes) of each line."""
    lines = [line.split() for line in TABLE.read_text().splitlines() if line and line[0] != "#"]
    return [(words[0], words[1], words[3:]) for words in lines]


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zoo") / "made"
    subprocess.run([sys.executable, str(MAKE), str(folder)], check=True)
    return {path.parent.name: path for path in folder.glob("*/*.whl")}


def limit():
    if PROGRAM == str(WHEELFARM):  # a sanitizer's shadow has no room in any limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))


def inspect(*arguments):
    done = subprocess.run([PROGRAM, "inspect", "--json", *map(str, arguments)], capture_output=True,
                          text=True, timeout=PATIENCE, check=False, preexec_fn=limit)
    assert done.returncode in (0, 1), (arguments, done.returncode, done.stderr[-2000:])
    assert done.stderr == "", done.stderr[-2000:]
    return done.returncode, json.loads(done.stdout)


def test_the_zoo_is_large(zoo):
    hostile = {case for case, target, codes in rows() if codes != ["fine"]}
    assert len(hostile) >= 150 and hostile <= set(zoo)


def test_every_code_has_a_wheel_and_a_line_in_the_docs():
    header = (ROOT / "core/inspect/problem.h").read_text()
    known = set(re.findall(r'\tX\([A-Z0-9_]+, "([a-z0-9_]+)"', header))
    documented = set(re.findall(r"`([a-z0-9_]+)`", (ROOT / "docs/inspect.md").read_text()))
    used = {code.split("/")[0] for _, _, codes in rows() for code in codes} - {"fine"}
    assert len(known) > 25 and used == known and known <= documented


def test_each_is_found_with_exactly_its_codes(zoo):
    wrong = []
    for case, target, codes in rows():
        arguments = [zoo[case]] if target == "-" else ["--target", target, zoo[case]]
        code, report = inspect(*arguments)
        found = {problem["code"] for problem in report["problems"]}
        errors = [p for p in report["problems"] if p["severity"] == "error"]
        expected = {code.split("/")[0] for code in codes} - {"fine"}
        if found != expected or code != bool(errors) or report["ok"] == bool(errors):
            wrong.append((case, sorted(found), code))
        for problem in report["problems"]:
            assert 0 < len(problem["detail"]) <= 1001 and "\n" not in problem["detail"], case
    assert not wrong


def test_many_at_once(zoo):
    paths = [path for case, path in sorted(zoo.items())]
    code, reports = inspect(*paths)
    assert code == 1 and [report["file"] for report in reports] == [path.name for path in paths]


def changed(data, chance):
    """Some bytes of it are others; or a piece is gone, or there twice."""
    data = bytearray(data)
    kind = chance.random()
    if kind < 0.2:
        return data[:chance.randrange(len(data) + 1)]
    if kind < 0.4:
        at = chance.randrange(len(data))
        end = at + chance.randrange(1, 200)
        return data[:at] + data[end:] if kind < 0.3 else data[:end] + data[at:]
    for _ in range(chance.randrange(1, 12)):
        data[chance.randrange(len(data))] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)])
    return data


def test_whatever_is_changed_in_them_ends_with_an_answer(zoo, tmp_path):
    chance = random.Random(20261123)
    small = [path for case, path in sorted(zoo.items()) if 0 < path.stat().st_size < 20000]
    paths = []
    for i in range(600):
        path = chance.choice(small)
        folder = tmp_path / str(i)
        folder.mkdir()
        paths.append(folder / path.name)
        paths[-1].write_bytes(changed(path.read_bytes(), chance))
    for i in range(0, len(paths), 100):
        code, reports = inspect(*paths[i:i + 100])
        assert len(reports) == 100


def test_file_names_that_are_none(zoo, tmp_path):
    source = zoo["fine_pure"].read_bytes()
    for name in ("demo.whl", "demo-1.0-py3-none.whl", "demo-x-py3-none-any.whl", "-.whl", ".whl",
                 "demo-1.0-py3-none-any.whl.whl", "demo-1.0--none-any.whl", "dé-1.0-py3-none-any.whl"):
        path = tmp_path / name
        path.write_bytes(source)
        code, report = inspect(path)
        assert {problem["code"] for problem in report["problems"]} & \
            {"wheel_tag_mismatch", "bad_metadata", "bad_dist_info"}, name
        assert code == 1


def test_what_is_no_wheel_is_wrong_use(tmp_path):
    other = tmp_path / "demo-1.0.tar.gz"
    other.write_bytes(b"x")
    for path in (other, tmp_path / "gone-1.0-py3-none-any.whl", pathlib.Path("/")):
        done = subprocess.run([PROGRAM, "inspect", "--json", str(path)], capture_output=True, text=True,
                              check=False, timeout=PATIENCE)
        assert done.returncode == 2 and done.stdout == "" and len(done.stderr.splitlines()) == 1

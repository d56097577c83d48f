"""`wheelfarm recipe try` on sdists whose backend lies within them: no index, no network."""

import io
import json
import os
import pathlib
import shutil
import subprocess
import tarfile

import pytest

from conftest import image_is_there
from test_hostile_sdists import BACKEND, PYPROJECT, ROOT

WHEELFARM = ROOT / "build/wheelfarm"

pytestmark = [
    pytest.mark.skipif(os.getuid() != 0, reason="slots have users of their own only under root"),
    pytest.mark.skipif(not image_is_there("trixie-arm64-test"),
                       reason="no image to test in (./farm prepare)"),
]

TESTS = '''
import unittest, hostile
class Demo(unittest.TestCase):
    def test_from_the_wheel(self):
        self.assertIn("/site/", hostile.__file__)
    def test_more(self):
        pass
    @unittest.skip("never")
    def test_skipped(self):
        pass
'''
RECIPE = "schema: 1\nname: hostile\nrevision: 1\n"
TEST = "test:\n  command: [python, -m, unittest, discover, -s, tests]\n  sources: [tests]\n"


class Tries:
    def __init__(self, folder):
        self.folder = folder
        self.tree = folder / "recipes"
        shutil.copytree(ROOT / "recipes", self.tree, ignore=shutil.ignore_patterns("*.c", "*.h"))
        shutil.rmtree(self.tree / "packages")
        (self.tree / "packages").mkdir()
        self.dir = folder / "try"

    def recipe(self, text):
        (self.tree / "packages/hostile.yaml").write_text(RECIPE + text)

    def run(self, code="", tests=TESTS, more=()):
        source = self.folder / "hostile-1.0.tar.gz"
        with tarfile.open(source, "w:gz") as archive:
            for name, text in (("pyproject.toml", PYPROJECT), ("evil.py", BACKEND + code),
                               ("tests/test_demo.py", tests), ("hostile/__init__.py", "1 / 0")):
                info = tarfile.TarInfo(f"hostile-1.0/{name}")
                info.size = len(text)
                archive.addfile(info, io.BytesIO(text.encode()))
        return subprocess.run(
            [WHEELFARM, "recipe", "try", "hostile", "--source", source, "--recipes", self.tree,
             "--dir", self.dir, *more], capture_output=True, text=True, timeout=900)


@pytest.fixture
def tries(tmp_path):
    tmp_path.chmod(0o755)
    return Tries(tmp_path)


def test_a_pass_keeps_the_wheel_alone(tries):
    tries.recipe(TEST + "skip:\n  - {target: '*', code: crash, reason: it did, "
                 "link: 'https://example.invalid/1', review_by: 9999-01-01}\n")
    done = tries.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passes" in done.stdout and "2 passed, 0 failed, 1 skipped" in done.stdout
    assert "unexpected: the recipe skips this target" in done.stdout
    assert [p.name for p in tries.dir.glob("*.whl")] == ["hostile-1.0-py3-none-any.whl"]
    assert not (tries.dir / "work").exists()


def test_a_failure_says_why_and_lets_you_in(tries):
    tries.recipe("")
    done = tries.run(code="def build(folder):\n    print('src/a.c:3:1: error: odd')\n    sys.exit(1)\n")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "fails at build: compile_error (package)" in done.stdout
    assert "\n  src/a.c:3:1: error: odd\n" in done.stdout
    enter = next((tries.dir / "work").glob("*/enter.sh"))
    assert str(enter) in done.stdout
    inside = subprocess.run(["bash", enter], input="ls /wheelfarm/src; echo $((40 + 2)); id -u; exit\n",
                            capture_output=True, text=True, timeout=60)
    assert "hostile-1.0" in inside.stdout and "\n42\n" in inside.stdout
    assert "\n0\n" not in inside.stdout


def test_a_test_that_fails_is_named(tries):
    tries.recipe(TEST)
    done = tries.run(tests=TESTS.replace("pass\n    @", "self.fail('odd')\n    @"))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "fails at test: test_failed (package)" in done.stdout
    assert "FAIL: test_more" in done.stdout and "1 passed, 1 failed, 1 skipped" in done.stdout


def test_no_tests_are_a_failure(tries):
    tries.recipe(TEST)
    done = tries.run(tests="\n", more=["--json"])
    result = json.loads(done.stdout)
    assert (done.returncode, result["stage"], result["reason"]) == (1, "test", "no_tests")


def test_a_recipe_that_does_not_load(tries):
    tries.recipe("colour: red\n")
    done = tries.run()
    assert done.returncode == 2
    assert f"{tries.tree}/packages/hostile.yaml:4: " in done.stderr


def test_a_runner_that_is_not_there_is_the_recipes_fault(tries):
    tries.recipe(TEST.replace("unittest, discover", "no_such_runner, discover"))
    done = tries.run()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "fails at test: recipe_invalid (recipe)" in done.stdout
    assert "No module named no_such_runner" in done.stdout

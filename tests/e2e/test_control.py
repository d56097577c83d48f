"""Broken on ARM, or broken: what fails its tests there is built and tested once more on x86-64, in the same farm."""

import hashlib
import io
import json
import os
import re
import shutil
import tarfile

import pytest

from conftest import ROOT, image_is_there, wheelfarm
from test_first_light import LINUX, query, show, write_config
from test_hostile_sdists import BACKEND, BUILDER, PYPROJECT

pytestmark = [
    pytest.mark.skipif(os.getuid() != 0, reason="slots have users of their own only under root"),
    pytest.mark.skipif(not image_is_there("trixie-arm64-test"),
                       reason="no image to test in (./farm prepare)"),
]

TEST = "import platform, unittest\nclass Demo(unittest.TestCase):\n    def test_it(self):\n        self.assertTrue(%s)\n"
PACKAGES = {"everywhere": "False", "onlyarm": "platform.machine() == 'x86_64'", "fine": "True"}
RECIPE = """\
schema: 1
name: {name}
revision: 1
test:
  command: [python, -m, unittest, discover, -s, tests]
  sources: [tests]
"""


def add_package(index, name, condition):
    """A page NAME.json with an sdist that needs no compiler and nothing from elsewhere."""
    file = index / f"{name}-1.0.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        for path, text in (("pyproject.toml", PYPROJECT), ("evil.py", BACKEND.replace("hostile", name)),
                           ("tests/test_demo.py", TEST % condition)):
            info = tarfile.TarInfo(f"{name}-1.0/{path}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    page = {"meta": {"api-version": "1.1"}, "name": name, "files": [{
        "filename": file.name, "url": file.name,
        "hashes": {"sha256": hashlib.sha256(file.read_bytes()).hexdigest()}}]}
    (index / f"{name}.json").write_text(json.dumps(page))


def make_recipes(folder):
    """The builder's image is the control's too: nothing here needs the compilers that the real one has."""
    shutil.copytree(ROOT / "recipes", folder, ignore=shutil.ignore_patterns("*.c", "*.h", "packages"))
    (folder / "packages").mkdir()
    for name in PACKAGES:
        (folder / f"packages/{name}.yaml").write_text(RECIPE.format(name=name))
    image = folder / f"images/{BUILDER}.yaml"
    text, changed = re.subn(r"(?m)^role: builder$", "role: control\ntarget: cp313-manylinux_2_41_x86_64",
                            image.read_text())
    assert changed == 1
    image.write_text(text)


def test_what_fails_is_tried_on_x86(tmp_path):
    index = tmp_path / "index"
    index.mkdir()
    for name, condition in PACKAGES.items():
        add_package(index, name, condition)
    make_recipes(tmp_path / "recipes")
    config = write_config(tmp_path, index, PACKAGES, targets=(LINUX,),
                          more=f"recipes: {tmp_path / 'recipes'}\ncontrol: {BUILDER}\n")
    state = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "NO_COLOR": "1"}
    done = wheelfarm("run", "--config", config, env=state, timeout=600)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "planned 2 controls on x86-64" in done.stderr

    reasons = {name: show(tmp_path, name, state)[LINUX] for name in PACKAGES}
    assert reasons["everywhere"]["build"]["reason"] == "fails_everywhere"
    assert reasons["onlyarm"]["build"]["reason"] == "test_failed"
    assert reasons["fine"]["build"]["state"] == "pass"
    # A failed suite does not undo the wheel that was built.
    assert {facts["headline"] for facts in reasons.values()} == {"builds"}
    controls = query(tmp_path, "SELECT name, state, stage, executor, tests_passed, target FROM build "
                               "WHERE kind = 'control' ORDER BY name")
    assert controls == [("everywhere", "fail", "test", "native", 0, LINUX),
                        ("onlyarm", "pass", None, "native", 1, LINUX)]

    again = wheelfarm("run", "--config", config, env=state, timeout=600)
    assert "planned 2 controls" not in again.stderr  # each once
    assert query(tmp_path, "SELECT count(*) FROM job") == [(5,)]

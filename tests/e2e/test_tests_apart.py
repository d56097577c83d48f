"""Wheels that one agent builds and another one tests: how a machine that only runs proves what was cross-built."""

import contextlib
import hashlib
import io
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tarfile
import time
import urllib.request

import pytest
import wine_bench
from conftest import CACHE, ROOT, image_is_there, image_revision, wheelfarm
from test_first_light import LINUX, WINDOWS, show
from test_hostile_sdists import AGENT, BACKEND, BUILDER, PYPROJECT
from test_operate import free_port, serving

TESTER = "trixie-arm64-test"
pytestmark = [
    pytest.mark.skipif(os.getuid() != 0, reason="slots have users of their own only under root"),
    pytest.mark.skipif(subprocess.run(["unshare", "--mount", "true"], check=False).returncode != 0,
                       reason="needs the right to mount"),
    pytest.mark.skipif(not image_is_there(TESTER), reason="no image to test in (./farm prepare)"),
]
# Where the bench is at hand it is Windows that is tested.
TARGETS = {WINDOWS: "wine"} if wine_bench.identity().exists() else {LINUX: "qemu"}

TESTS = "import sys, unittest, NAME\nclass Demo(unittest.TestCase):\n    def test_it(self):\n        self.assertIn('site', NAME.__file__)\n"
RECIPE = """\
schema: 1
name: {name}
revision: 1
patches:
  - {{file: fix.patch, sha256: {sha256}, strip: 1, upstream: 'https://example.invalid/1'}}
test:
  command: [python, -m, unittest, discover, -s, tests]
  sources: [tests]
"""
# The tests pass as patched alone: who unpacks them patches them too.
PATCH = b"--- a/tests/test_demo.py\n+++ b/tests/test_demo.py\n@@ -1 +1 @@\n-import nothing_here\n+\n"
PACKAGES = {"good": "", "bad": "import nothing_there\\n"}


def add_package(index, name, code):
    """An sdist that needs no compiler; `code` is what its module does when it is imported."""
    packed = io.BytesIO()
    backend = BACKEND.replace("hostile", name) + f"\ndef build(folder):\n    return write_wheel(folder, code='{code}')\n"
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path, text in (("pyproject.toml", PYPROJECT), ("evil.py", backend),
                           ("tests/test_demo.py", "import nothing_here\n" + TESTS.replace("NAME", name))):
            info = tarfile.TarInfo(f"{name}-1.0/{path}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    data = packed.getvalue()
    index.answers[f"/files/{name}-1.0.tar.gz"] = (200, "application/octet-stream", data)
    index.pages[name] = {
        "meta": {"api-version": "1.1"}, "name": name, "versions": ["1.0"], "files": [{
            "filename": f"{name}-1.0.tar.gz", "url": f"/files/{name}-1.0.tar.gz", "size": len(data), "yanked": False,
            "hashes": {"sha256": hashlib.sha256(data).hexdigest()}, "upload-time": "2026-01-01T00:00:00Z"}]}


def make_recipes(folder):
    shutil.copytree(ROOT / "recipes", folder, ignore=shutil.ignore_patterns("*.c", "*.h", "packages"))
    (folder / "packages").mkdir()
    for name in PACKAGES:
        (folder / "patches" / name).mkdir(parents=True)
        (folder / "patches" / name / "fix.patch").write_bytes(PATCH)
        (folder / f"packages/{name}.yaml").write_text(RECIPE.format(name=name, sha256=hashlib.sha256(PATCH).hexdigest()))


# In a mount namespace of its own, which ends with it: a cache with some parts of this machine's. $0 is the agent.
START = """
set -e
config=$1 cache=$2 from=$3
shift 3
for part; do
	[ -d "$from/$part" ] && mkdir -p "$cache/$part" || { mkdir -p "$cache"; : >"$cache/$part"; }
	mount --bind "$(readlink -f "$from/$part")" "$cache/$part"
done
exec "$0" --config "$config"
"""


@contextlib.contextmanager
def working(folder, port, token, parts):
    """The real agent, where of the cache only these parts are."""
    folder.mkdir()
    (folder / "token").write_text(token, encoding="ascii")
    (folder / "token").chmod(0o600)
    (folder / "agent.json").write_text(json.dumps({
        "coordinator": f"http://127.0.0.1:{port}", "token_file": str(folder / "token"), "name": folder.name, "slots": 2,
        "workspace": str(folder / "work"), "cache": str(folder / "cache"), "min_free_mb": 64,
        "uid_base": 61100}), encoding="utf-8")
    with open(folder / "log", "w", encoding="utf-8") as log:
        agent = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", START, AGENT, folder / "agent.json", folder / "cache", CACHE, *parts],
            stdin=subprocess.DEVNULL, stderr=log)
        try:
            yield
        finally:
            agent.terminate()
            agent.wait(120)


def test_one_builds_and_another_tests(tmp_path, state, index):
    tmp_path.chmod(0o755)
    for name, code in PACKAGES.items():
        add_package(index, name, code)
    make_recipes(tmp_path / "recipes")
    port = free_port()
    wine = f"testers: [{wine_bench.IMAGE}]\n" if WINDOWS in TARGETS else ""
    config = tmp_path / "farm.yaml"
    config.write_text(
        f"schema: 1\nindex: {index.url}\nstate: {tmp_path / 'farm'}\nlisten: 127.0.0.1:{port}\nrecipes: {tmp_path / 'recipes'}\n"
        f"packages: [{', '.join(PACKAGES)}]\ntargets: [{', '.join(TARGETS)}]\ntests: [built]\nagents: {{local: 0, retry_s: 1}}\n{wine}")
    builder = f"images/{BUILDER}-{image_revision(BUILDER)}"
    testers = [f"images/{TESTER}-{image_revision(TESTER)}", *([f"images/{wine_bench.identity().parent.name}"] if wine else [])]

    def query(sql):
        with contextlib.closing(sqlite3.connect(tmp_path / "farm/facts.db")) as db:
            return db.execute(sql).fetchall()

    def wait_for(kind, states, seconds=900):
        """A bound, not a measure."""
        end = time.monotonic() + seconds
        wanted = sorted((state, ) for state in states)
        while sorted(query(f"SELECT state FROM job WHERE kind = '{kind}'")) != wanted:
            assert time.monotonic() < end, pathlib.Path(tmp_path / "serve.log").read_text()
            time.sleep(0.1)

    def page(path):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}") as answer:
            return answer.read().decode()

    def token(name):
        return wheelfarm("agent", "add", name, "--config", config, env=state).stdout.strip()

    many = len(PACKAGES) * len(TARGETS)
    with serving(tmp_path, config, state):
        with working(tmp_path / "builder", port, token("builder"), [builder, "zig", "zig-version", "zig-seed", "sdk"]):
            wait_for("build", ["done"] * many)
            assert query("SELECT DISTINCT state, stage, line FROM result") == [("pass", None, None)]
            # its test comes with the result, and nobody here can do it
            wait_for("test_built", ["queued"] * many)
        before = show(tmp_path, "good", state)
        assert {t: (before[t]["headline"], before[t]["proven"], before[t]["test"]) for t in TARGETS} == {
            t: ("builds", False, None) for t in TARGETS}
        assert page("package/good").count("its import has not run there yet") == len(TARGETS)
        with working(tmp_path / "tester", port, token("tester"), [builder, *testers]):
            wait_for("test_built", ["done"] * many)
        good, bad = show(tmp_path, "good", state), show(tmp_path, "bad", state)
        for target, executor in TARGETS.items():
            [(wheel, build)] = query("SELECT a.sha256, r.job FROM artefact a JOIN result r ON r.id = a.result JOIN build b ON b.result = r.id"
                                     f" WHERE a.kind = 'wheel' AND b.name = 'good' AND b.target = '{target}'")
            test = good[target]["test"]
            assert (good[target]["headline"], good[target]["proven"], good[target]["build"]["state"]) == ("builds", True, "pass")
            assert {key: test[key] for key in ("state", "of", "sha256", "mode", "executor", "imports", "passed", "failed")} == {
                "state": "pass", "of": "built", "sha256": wheel, "mode": "emulated", "executor": executor, "imports": ["good"],
                "passed": 1, "failed": 0}
            said = json.loads(page(f"job/{build}.json"))
            assert said["tested"] == test["job"] and f"/job/{test['job']}" in page(f"job/{build}")
            said = json.loads(page(f"job/{test['job']}.json"))
            assert (said["kind"], said["after"], said["source_sha256"], said["agent"]) == ("test_built", build, wheel, "tester")
            assert f"/job/{build}" in page(f"job/{test['job']}")
            # what fails there is told, and the wheel stays what it was
            assert (bad[target]["headline"], bad[target]["proven"], bad[target]["test"]["state"]) == ("builds", False, "fail")
            assert (bad[target]["test"]["stage"], bad[target]["disagree"]) == ("import", None)
        assert "it failed at <b>import</b>" in page("package/bad")
    agents = query("SELECT DISTINCT j.kind, a.name FROM lease l JOIN job j ON j.id = l.job JOIN agent a ON a.id = l.agent ORDER BY 1")
    assert agents == [("build", "builder"), ("test_built", "tester")]
    # a farm that starts again plans nothing twice
    with serving(tmp_path, config, state):
        end = time.monotonic() + 120
        while "planned" not in (tmp_path / "serve.log").read_text():
            assert time.monotonic() < end
            time.sleep(0.1)
    assert query("SELECT kind, count(*) FROM job GROUP BY kind ORDER BY kind") == [("build", many), ("test_built", many)]

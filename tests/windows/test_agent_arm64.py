"""The agent for ARM64, in the Wine bench's root under emulation, where the build's Python is a real one: what of the scenarios
the smaller machine's time allows."""

import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess

import pytest
from conftest import ROOT
from farm import TARGET, WHEELFARM, Agent, Farm, real_python, wait_until, wheel_of

BUILD = ROOT / "build-win-arm64"
CHILD = BUILD / "tests/windows/child.exe"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
IMAGE = (ROOT / "recipes/images/bookworm-arm64-wine.yaml").read_text(encoding="utf-8")
REVISION = re.search(r"^revision: (\d+)", IMAGE, re.MULTILINE)[1]
BENCH = CACHE / f"wheelfarm/images/bookworm-arm64-wine-{REVISION}"
# as tools/prepare/wine/python.sh has it; its output is a pipe, as nothing starts there with a file
START = """
export WINEPREFIX=/tmp/.wine-prefix WINEDEBUG=-all PROCESSOR_ARCHITECTURE=ARM64 PROCESSOR_ARCHITEW6432=ARM64
export PATH=/usr/lib/wine:/usr/bin:/bin
[ -e "$WINEPREFIX" ] || cp -R /opt/wheelfarm/prefix "$WINEPREFIX"
wine64 "$@" 2>&1 | cat
[ ! -e /tmp/stay ] || sleep 3600
"""


class Bench:
    """What the tests know of a Wine, for the root of the bench: one sandbox a start, which ends all in it. With a file
    `stay` it outlives the program, so that one sees what that leaves behind."""

    def __init__(self, folder):
        self.folder = folder
        self.prefix = folder / ".wine-prefix"
        self.sandbox = None

    def start(self, program, *words, **options):
        root = [part for name in ("usr", "bin", "lib", "etc", "opt")
                for part in ("--ro-bind", BENCH / "root" / name, f"/{name}")]
        self.sandbox = subprocess.Popen(
            ["bwrap", "--unshare-pid", "--unshare-ipc", "--die-with-parent", *root, "--proc", "/proc", "--dev", "/dev",
             "--bind", self.folder, "/tmp", "--bind", self.folder, self.folder, "--ro-bind", BUILD, BUILD, "--chdir", "/tmp",
             "--clearenv", "--setenv", "HOME", "/tmp", "--setenv", "LANG", "C.UTF-8",
             "/bin/sh", "-c", START, "sh", f"Z:{program}", *words], stdin=subprocess.DEVNULL,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **options})
        return self.sandbox

    def processes(self, name):
        """The numbers of those in the sandbox whose command line has the name, its shell aside."""
        found = []
        try:
            number = self.sandbox.pid
            [inside] = pathlib.Path(f"/proc/{number}/task/{number}/children").read_text(encoding="ascii").split()
            space = os.readlink(f"/proc/{inside}/ns/pid")
        except (OSError, ValueError):  # not there yet, or not any more
            return found
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                line = (folder / "cmdline").read_bytes()
                ours = os.readlink(folder / "ns/pid") == space
                if ours and name.encode() in line and b"/bin/sh\0" not in line and folder.name != inside:
                    found.append(int(folder.name))
            except OSError:  # it ended while we looked
                pass
        return found


PYTHON = real_python(BENCH / "root/opt/wheelfarm/python3.13", "/opt/wheelfarm/python3.13", BUILD)


@pytest.fixture
def bench(tmp_path):
    if not (BENCH / "identity").exists() or not (BUILD / "wheelfarm-agent.exe").exists():
        pytest.skip("needs the Wine bench's image and ./farm build windows")
    made = Bench(tmp_path)
    yield made
    if made.sandbox:
        made.sandbox.kill()
        made.sandbox.wait()


@pytest.fixture
def farm(index, port, tmp_path):
    made = Farm(tmp_path, index, port, "arm64")
    yield made
    if made.server and made.server.poll() is None:
        made.stop()


@pytest.mark.parametrize("name", ["posix", "process"])
def test_program(bench, name):
    process = bench.start(BUILD / f"tests/windows/test_{name}.exe")
    output = process.communicate(timeout=600)[0].decode(errors="replace")
    assert "[  PASSED  ]" in output and "[  FAILED  ]" not in output, output


def test_a_job_on_arm64(bench, farm, tmp_path):
    process = bench.start(BUILD / "wheelfarm-agent.exe", "--version")
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0 and b"wheelfarm-agent 0.1.0" in output.splitlines(), output  # qemu may add a word of its own
    wheel = wheel_of("passes", tmp_path)
    farm.add("passes", ["echo hello from cmd", f"copy /b {wheel.name} %1 >nul"], {wheel.name: wheel.read_bytes()})
    farm.start()
    Agent(bench, farm, "arm", BUILD, PYTHON).start()
    wait_until(lambda: farm.jobs() == {"passes": "done"}, 400)
    assert farm.results() == {"passes": ["pass", None, None]}


# A path of over 260 characters, names of other scripts, and a file that only patches make
FAR = "/".join(["\u00fcber-\u65e5\u672c-" + "0123456789" * 6] * 4) + "/\u0444.txt"
BACKEND = """\
import os, platform, shutil, sys

def build_wheel(folder, config_settings=None, metadata_directory=None):
    print(sys.version, platform.machine(), flush=True)
    assert (os.name, sys.platform) == ("nt", "win32") and sys.prefix != sys.base_prefix
    far = "\\\\\\\\?\\\\" + os.path.abspath(FAR.replace("/", os.sep))
    assert len(far) > 260 and open(far, encoding="utf-8").read() == "far\\n"
    assert open("version.txt").read() == "patched\\n" and open("new/made.txt").read() == "made\\n"
    return shutil.copy(WHEEL, folder) and WHEEL
"""
PATCH = """\
--- a/version.txt
+++ b/version.txt
@@ -1 +1 @@
-plain
+patched
--- /dev/null
+++ b/new/made.txt
@@ -0,0 +1 @@
+made
"""


def test_a_build_by_python_itself(bench, farm, tmp_path):
    """From the canary's compiler call to a job's patch, every step that is Python's is done by CPython for ARM64."""
    wheel = wheel_of("real", tmp_path)
    farm.add("real", [], {
        "pyproject.toml": b'[build-system]\nrequires = []\nbuild-backend = "here"\nbackend-path = ["."]\n',
        "here.py": f"FAR = {FAR!r}\nWHEEL = {wheel.name!r}\n{BACKEND}".encode(), FAR: b"far\n", "version.txt": b"plain\n",
        wheel.name: wheel.read_bytes()}, patch=PATCH.encode())
    farm.start()
    agent = Agent(bench, farm, "arm", BUILD, PYTHON).start()
    wait_until(lambda: farm.jobs() == {"real": "done"}, 1800)
    assert farm.results() == {"real": ["pass", None, None]}
    wait_until(lambda: agent.left_behind() == [])


def test_what_is_ended_on_arm64(bench, farm, tmp_path):
    """A time limit with a grandchild that nobody tells to end; an agent that is killed; one that is revoked: each tree
    ends, and nothing is lost."""
    go = tmp_path / "go"
    wheel = wheel_of("again", tmp_path)
    files = {"child.exe": CHILD.read_bytes(), wheel.name: wheel.read_bytes()}
    farm.add("tree", ["child.exe leave", "child.exe sleep 600000"], files, wall_s=60)
    farm.add("again", [f"if exist Z:{go} goto made", "child.exe leave", "child.exe sleep 600000", ":made",
                       f"copy /b {wheel.name} %1 >nul"], files)
    farm.start()
    (tmp_path / "stay").touch()
    # two slots: a job that broke a limit is tried once more, while the other one waits for its sign
    agent = Agent(bench, farm, "arm", BUILD, PYTHON, slots=2).start()
    wait_until(lambda: farm.jobs().get("tree") == "done", 900)
    assert farm.results() == {"tree": ["fail", "build", "limit_time"]}
    wait_until(lambda: farm.jobs().get("again") == "leased" and len(bench.processes("child.exe")) == 2, 300)
    for number in bench.processes("wheelfarm-agent.exe"):
        os.kill(number, signal.SIGKILL)
    wait_until(lambda: bench.processes("child.exe") == [], 300)
    assert agent.left_behind() != [] and bench.sandbox.poll() is None
    agent.kill()
    agent.start()
    wait_until(lambda: len(bench.processes("child.exe")) == 2, 900)
    farm.ask("agent", "revoke", "arm")
    wait_until(lambda: bench.processes("wheelfarm-agent.exe") == [], 300)
    assert bench.processes("child.exe") == [] and agent.left_behind() == [] and bench.sandbox.poll() is None
    agent.kill()
    go.touch()
    Agent(bench, farm, "other", BUILD, PYTHON).start()
    wait_until(lambda: farm.jobs().get("again") == "done", 600)
    assert farm.results()["again"] == ["pass", None, None]


RECIPE = """\
schema: 1
name: markupsafe
revision: 1
patches:
  - {file: plain.patch, sha256: %s, strip: 1, upstream: 'https://example.invalid/1'}
test:
  command: [python, -m, unittest, discover, -s, tests, -p, 'plain*.py']
  sources: [tests]
"""
# Tests that want nothing: what a machine downloads is not what is tried here.
PLAIN = b"""\
--- /dev/null
+++ b/tests/plain.py
@@ -0,0 +1,8 @@
+import os
+import sysconfig
+import unittest
+import markupsafe._speedups
+class Plain(unittest.TestCase):
+    def test_it(self):
+        self.assertEqual((os.name, sysconfig.get_platform()), ("nt", "win-arm64"))
+        self.assertIn("site", markupsafe._speedups.__file__)
"""


def test_a_wheel_that_was_cross_built_on_linux_is_tested_on_windows(bench, farm, tmp_path):
    """The builder knows no Windows and the tester has no compiler: what one built the other installs by its own pip,
    imports, and tests with what the sdist and the recipe's patch bring."""
    tmp_path.chmod(0o755)
    farm.index.add("markupsafe", "markupsafe-3.0.4.tar.gz")
    farm.names.append("markupsafe")
    farm.cross_build("testers: [windows-arm64]\n")
    (farm.recipes / "patches/markupsafe").mkdir()
    (farm.recipes / "patches/markupsafe/plain.patch").write_bytes(PLAIN)
    (farm.recipes / "packages/markupsafe.yaml").write_text(RECIPE % hashlib.sha256(PLAIN).hexdigest(), encoding="ascii")
    farm.start()
    wait_until(lambda: farm.jobs() == {"markupsafe": "done"}, 900)
    assert farm.results() == {"markupsafe": ["pass", None, None]}
    agent = Agent(bench, farm, "arm", BUILD, PYTHON, compiler=False).start()
    wait_until(lambda: farm.query("SELECT state FROM job WHERE kind = 'test_built'") == [("done",)], 1800)
    shown = json.loads(subprocess.run(
        [WHEELFARM, "show", "markupsafe", "--json", "--target", TARGET, "--db", farm.folder / "farm/facts.db"],
        capture_output=True, check=True, text=True).stdout)["targets"][0]
    assert (shown["headline"], shown["proven"]) == ("ready", True)
    test = {key: shown["test"][key] for key in ("state", "of", "mode", "executor", "imports", "passed", "failed")}
    assert test == {"state": "pass", "of": "built", "mode": "native", "executor": "native",
                    "imports": ["markupsafe", "markupsafe._speedups"], "passed": 1, "failed": 0}
    wait_until(lambda: agent.left_behind() == [])

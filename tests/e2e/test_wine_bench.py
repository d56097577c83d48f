"""Wheels for Windows on ARM in the Wine bench: what runs there, and what is its limit and not the wheel's fault.

Making the bench takes long, so these tests run where it is in the cache already: `./farm run`, whose example asks for
it, puts it there."""

import json
import os

import pytest
import wine_bench
from conftest import wheelfarm
from test_first_light import WINDOWS, query, show, write_config
from test_inspect_differential import wheel
from test_recipe_try import Tries

pytestmark = [
    pytest.mark.skipif(os.getuid() != 0, reason="slots have users of their own only under root"),
    pytest.mark.skipif(not wine_bench.identity().exists(), reason=wine_bench.MISSING),
]

TESTS = """
import hashlib, os, shutil, socket, ssl, subprocess, sys, sysconfig, tempfile, unittest, venv, hostile
class Demo(unittest.TestCase):
    def test_where(self):
        self.assertEqual((os.name, sys.platform, sysconfig.get_platform()), ("nt", "win32", "win-arm64"))
        self.assertIn("site", hostile.__file__)

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "\\u03a9\\xe9.txt")
            with open(path, "w") as file:
                file.write("text")
            shutil.copy2(path, path + "2")
            self.assertEqual(sorted(os.listdir(folder)), ["\\u03a9\\xe9.txt", "\\u03a9\\xe9.txt2"])
            self.assertRaises(OSError, os.symlink, path, path + "3")

    def test_it_is_installed_as_on_windows(self):
        self.assertTrue(os.path.isfile(sysconfig.get_config_h_filename()))
        library = "python%d%d.lib" % sys.version_info[:2]
        self.assertTrue(os.path.isfile(os.path.join(sys.base_prefix, "libs", library)))
        with tempfile.TemporaryDirectory() as folder:
            venv.create(folder)
            done = subprocess.run([os.path.join(folder, "Scripts", "python.exe"), "-c", "import sys; print(sys.prefix)"],
                                  capture_output=True, text=True, check=True)
            self.assertTrue(os.path.samefile(done.stdout.strip(), folder))

    def test_sockets_that_have_a_time(self):
        with socket.create_server(("localhost", 0)) as server:
            server.settimeout(60)
            with socket.create_connection(("localhost", server.getsockname()[1]), timeout=60) as client:
                with server.accept()[0] as peer:
                    peer.sendall(b"word")
                    self.assertEqual(client.recv(4), b"word")

    def test_openssl(self):
        self.assertTrue(ssl.OPENSSL_VERSION.startswith("OpenSSL 3."))
        self.assertEqual(hashlib.new("sha512_256", b"").hexdigest()[:16], "c672b8d1ef56ed28")
"""
TEST = "test:\n  command: [python, -m, unittest, discover, -s, tests]\n  sources: [tests]\n"
LIMIT = "executor_limit: "


@pytest.fixture
def tries(tmp_path):
    tmp_path.chmod(0o755)
    return Tries(tmp_path)


def attempt(tries, module, **options):
    code = f"def build(folder):\n    return write_wheel(folder, code={module!r})\n"
    done = tries.run(code=code, more=["--target", WINDOWS, "--json"], **options)
    return json.loads(done.stdout)


def test_a_module_and_its_tests_run_as_on_windows(tries):
    tries.recipe(TEST)
    result = attempt(tries, "import ctypes, socket, struct\n", tests=TESTS)
    assert (result["state"], result["executor"], result["tests_passed"]) == ("pass", "wine", 5), result
    # what it ran in: the root's packages, Wine, our C runtime beside it, the Python
    for part in ("Wine 8.0", "ucrtshim ", "CPython 3.13."):
        assert part in result["tester_image"]


def test_what_python_itself_says_is_the_wheels_fault(tries):
    tries.recipe("")
    result = attempt(tries, "import ctypes\nctypes.CDLL('nowhere.dll')\n")
    assert (result["state"], result["stage"], result["executor"]) == ("fail", "import", "wine"), result
    assert "nowhere.dll" in result["line"]


# The bad address is read in a frame that Wine cannot unwind, and it tries for ever: silence is a limit too.
@pytest.mark.parametrize("module", [
    "import os\nos._exit(77)\n",
    "import ctypes\nctypes.string_at(8)\n",
])
def test_what_ends_without_pythons_word_is_the_executors_limit(tries, module):
    tries.recipe(TEST + "limits:\n  idle_s: 30\n")
    result = attempt(tries, module, tests=TESTS)
    # the wheel is built, and nothing is said of it beyond that: no failure, no proof, no tests
    assert result["state"] == "pass" and result["reason"] is None, result
    stages = {s["stage"]: s["status"] for s in result["stages"]}
    assert (stages["inspect"], stages["import"], stages["test"]) == ("pass", "not_run", "not_run")
    assert [i["error"].startswith(LIMIT) for i in result["imports"]] == [True]


def publish(index, path):
    page = index.add("markupsafe", "markupsafe-3.0.4.tar.gz")  # which has the tests
    for file in page["files"]:
        if file["filename"] == path.name:
            file["url"] = f"/files/{path.name}"
    index.answers[f"/files/{path.name}"] = 200, "application/octet-stream", path.read_bytes()


@pytest.mark.parametrize("target, key, image", [
    (WINDOWS, "win_arm64", wine_bench.IMAGE),
    # which nothing builds for: a builder of another Python's has the pip that installs it
    ("cp311-win_arm64", "windows_311", wine_bench.IMAGE_311),
])
def test_a_published_wheel(tmp_path, state, index, target, key, image):
    publish(index, wheel(key, "markupsafe"))
    done = wheelfarm("recipe", "try", "markupsafe", "--published", "--target", target, "--index", index.url,
                     "--dir", tmp_path / "try", "--json", env=state, timeout=600)
    result = json.loads(done.stdout)
    assert (done.returncode, result["state"]) == (0, "pass"), done.stdout + done.stderr
    imports = [(item["module"], item["native"], item["ok"]) for item in result["imports"]]
    if wine_bench.identity(image).exists():
        assert result["executor"] == "wine" and f"CPython {target[2]}.{target[3:5]}." in result["tester_image"]
        assert ("markupsafe._speedups", True, True) in imports
    else:
        assert (result["executor"], imports) == ("", [])


@pytest.mark.skipif(not wine_bench.identity(wine_bench.IMAGE_311).exists(), reason=wine_bench.MISSING)
def test_a_farm_tests_what_is_published_for_a_python_it_builds_nothing_for(tmp_path, state, index):
    publish(index, wheel("windows_311", "markupsafe"))
    config = write_config(tmp_path, index.url, ["markupsafe"], targets=("cp311-win_arm64",),
                          more=f"tests: [published]\ntesters: [{wine_bench.IMAGE_311}]\n")
    done = wheelfarm("run", "--config", config, env=state, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert query(tmp_path, "SELECT state, executor FROM result") == [("pass", "wine")]


def test_a_farm_proves_what_it_cross_built(tmp_path, state, index):
    index.add("markupsafe", "markupsafe-3.0.4.tar.gz")
    config = write_config(
        tmp_path, index.url, ["markupsafe"], targets=(WINDOWS,), more=f"testers: [{wine_bench.IMAGE}]\n")
    needs = wheelfarm("recipe", "needs", config)
    assert needs.stdout.splitlines() == [f"image {wine_bench.IMAGE}"]
    done = wheelfarm("run", "--config", config, env=state, timeout=1800)
    assert done.returncode == 0, done.stdout + done.stderr
    windows = show(tmp_path, "markupsafe", state)[WINDOWS]
    assert windows["proven"] is True
    assert (windows["test"]["executor"], windows["test"]["mode"]) == ("wine", "emulated")
    assert "markupsafe._speedups" in windows["test"]["imports"] and windows["test"]["passed"] >= 50
    assert query(tmp_path, "SELECT count(*) FROM result WHERE state = 'pass'") == [(1,)]

"""What pip and uv themselves would install from the recorded pages, on a loopback index, against the
published fact: the very file where we say wheel or pure; nothing of that release where we say sdist;
nothing at all where we say none.

WHEELFARM_INSTALLER_TARGETS: how many targets each of the two is asked about (seconds each).
"""

import io
import json
import os
import random
import subprocess
import sys
import urllib.parse
import zipfile

import pytest
from packaging.utils import parse_wheel_filename

from conftest import PAGES, Index, wheelfarm
from machines import FILES, Machine

SEED = os.environ.get("WHEELFARM_SEED", "1")
TARGETS = int(os.environ.get("WHEELFARM_INSTALLER_TARGETS", "2"))
NAMES = sorted(path.name.removesuffix(".json.gz") for path in PAGES.glob("*.json.gz"))
UV_PLATFORMS = {
    "win_arm64": "aarch64-pc-windows-msvc",
    "manylinux_2_28_aarch64": "aarch64-manylinux_2_28",
    "manylinux_2_39_aarch64": "aarch64-manylinux_2_39",
    "musllinux_1_2_aarch64": "aarch64-unknown-linux-musl",
}


class Wheels(Index):
    """Recorded pages; every wheel on them is there, with the smallest content that is a wheel."""

    def add(self, name, sdist=None):
        page = super().add(name, sdist)
        for file in page["files"]:
            file["url"] = "/files/" + urllib.parse.quote(file["filename"])
            file["hashes"] = {}
            file.pop("size", None)
            file["core-metadata"] = file["filename"].endswith(".whl")

    def answer(self, path):
        text = urllib.parse.unquote(path).removeprefix("/files/")
        if text.endswith(".whl.metadata"):
            return 200, "text/plain", self.metadata(text.removesuffix(".metadata"))
        if text.endswith(".whl"):
            return 200, "application/zip", self.wheel(text)
        return super().answer(path)

    def metadata(self, filename):
        name, version, _, _ = parse_wheel_filename(filename)
        [file] = [f for f in self.pages[name]["files"] if f["filename"] == filename]
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        if file.get("requires-python"):
            text += f"Requires-Python: {file['requires-python']}\n"
        return text.encode()

    def wheel(self, filename):
        name, version, _, tags = parse_wheel_filename(filename)
        folder = f"{name.replace('-', '_')}-{version}.dist-info"
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(f"{folder}/METADATA", self.metadata(filename))
            archive.writestr(f"{folder}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\n"
                             + "".join(f"Tag: {tag}\n" for tag in tags))
            archive.writestr(f"{folder}/RECORD", "")
        return out.getvalue()

    def fetched(self):
        """The wheels that were asked for, whole or their metadata, in order."""
        found = [urllib.parse.unquote(path) for path, _ in self.requests]
        found = [path.removeprefix("/files/").removesuffix(".metadata") for path in found
                 if path.startswith("/files/")]
        return list(dict.fromkeys(found))


@pytest.fixture(scope="module")
def wheels():
    served = Wheels()
    for name in NAMES:
        served.add(name)
    # `none` takes a project without sdists, and none is recorded: this one loses its own.
    left = served.pages["httptools"]
    left["files"] = [file for file in left["files"]
                     if not file["filename"].endswith((".tar.gz", "win_arm64.whl"))]
    yield served
    served.close()


@pytest.fixture(scope="module")
def facts(wheels, tmp_path_factory):
    """What we say, by package and target, read from that same index."""
    db = tmp_path_factory.mktemp("installers") / "facts.db"
    done = wheelfarm("scan", "--index", wheels.url, "--db", db, *NAMES)
    assert done.returncode == 0, done.stderr
    found = {}
    for name in NAMES:
        shown = json.loads(wheelfarm("show", name, "--db", db, "--json").stdout)
        found[name] = {row["target"]: row["published"] for row in shown["targets"]}
    return found


def run(arguments, folder):
    environment = {key: value for key, value in os.environ.items()
                   if not key.startswith(("PIP_", "UV_"))}
    environment |= {"PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1", "HOME": str(folder),
                    "UV_CACHE_DIR": str(folder / "cache"), "UV_PYTHON_DOWNLOADS": "never"}
    return subprocess.run(arguments, env=environment, cwd=folder, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=120, check=False)


def ask_pip(wheels, folder, requirements, machine):
    """The wheels that `pip install --dry-run` would take for that machine; none if it cannot."""
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    platforms = [word for platform in machine.platforms() for word in ("--platform", platform)]
    done = run([
        sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps",
        "--only-binary=:all:", "--disable-pip-version-check", "--no-cache-dir", "--quiet",
        "--report", report, "--target", folder / "target", "--index-url", wheels.url, *platforms,
        "--python-version", machine.full, "--implementation", "cp", "--abi", machine.abi,
        *requirements], folder)
    if done.returncode != 0:
        assert "No matching distribution found" in done.stderr, done.stderr
        return set()
    urls = [item["download_info"]["url"] for item in json.loads(report.read_text())["install"]]
    return {urllib.parse.unquote(url.rsplit("/", 1)[1]) for url in urls}


def ask_uv(wheels, folder, requirements, machine):
    """The wheels whose metadata `uv pip compile` settles on; none if it cannot."""
    wheels.requests.clear()
    (folder / "in.txt").write_text("".join(text + "\n" for text in requirements))
    done = run([
        os.path.join(os.path.dirname(sys.executable), "uv"), "pip", "compile",
        "--only-binary", ":all:", "--default-index", wheels.url, "--no-cache", "--quiet",
        "--python", sys.executable, "--python-version", machine.full,
        "--python-platform", UV_PLATFORMS[machine.platform], "--no-header", "--no-annotate",
        "in.txt"], folder)
    if done.returncode != 0:
        assert "No solution found" in done.stderr, done.stderr
        return set()
    files = wheels.fetched()
    said = {f"{name}=={version}" for name, version, *_ in map(parse_wheel_filename, files)}
    assert said == set(done.stdout.split()), done.stdout
    return set(files)


# uv has no option that names another machine's free-threaded Python.
TOOLS = {"pip": (ask_pip, list(FILES)), "uv": (ask_uv, [n for n in FILES if "t-" not in n])}


def choose(tool):
    """Some targets, no two of one platform as long as there are others."""
    targets = list(TOOLS[tool][1])
    pick = random.Random(f"{tool} {SEED}")
    pick.shuffle(targets)
    platforms = [target.split("-")[1] for target in targets]
    order = [(platforms[:n].count(platforms[n]), target) for n, target in enumerate(targets)]
    return [(tool, target) for _, target in sorted(order)[:TARGETS]]


@pytest.mark.parametrize("tool, target", choose("pip") + choose("uv"))
def test_same_files(tool, target, facts, wheels, tmp_path):
    """Five packages that have a wheel there, in one process."""
    rows = {name: facts[name][target] for name in NAMES}
    right = {name: row["file"] for name, row in rows.items() if row["state"] in ("wheel", "pure")}
    right = dict(random.Random(f"{target} {SEED}").sample(sorted(right.items()), 5))
    assert TOOLS[tool][0](wheels, tmp_path, list(right), Machine(target)) == set(right.values())


@pytest.mark.parametrize("tool", TOOLS)
def test_nothing_without_a_wheel(tool, facts, wheels, tmp_path):
    """A package in each of the states in which no wheel of the release looked at fits."""
    pick = random.Random(f"{tool} without {SEED}")
    for state in ("sdist", "none"):
        known = [(name, target, facts[name][target]) for name in NAMES for target in TOOLS[tool][1]
                 if facts[name][target]["state"] == state]
        assert known, state
        for name, target, fact in pick.sample(known, min(TARGETS, len(known))):
            requirement = f"{name}=={fact['version']}" if state == "sdist" else name
            assert TOOLS[tool][0](wheels, tmp_path, [requirement], Machine(target)) == set(), target


@pytest.mark.parametrize("tool", TOOLS)
def test_last_release_with_a_wheel(tool, facts, wheels, tmp_path):
    """Where wheels vanished, an installer that may not build takes the release that we name."""
    pick = random.Random(f"{tool} vanished {SEED}")
    known = [(name, target) for name in NAMES for target in TOOLS[tool][1]
             if facts[name][target]["vanished"] and facts[name][target]["state"] == "sdist"]
    assert known
    for name, target in pick.sample(known, min(TARGETS, len(known))):
        [file] = TOOLS[tool][0](wheels, tmp_path, [name], Machine(target))
        assert str(parse_wheel_filename(file)[1]) == facts[name][target]["vanished"], target

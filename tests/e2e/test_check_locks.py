"""What `wheelfarm check` says of lock files against `packaging`, whose reading of PEP 751 is the oracle: of
a pylock.toml as it stands, of a uv.lock as uv itself exports it. The locks are real ones, and drawn
changes of them: fewer wheels, other markers. WHEELFARM_SEED draws others, WHEELFARM_LOCKS so many."""

import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
from packaging import pylock
from packaging.requirements import Requirement
from packaging.tags import parse_tag
from packaging.utils import canonicalize_name, parse_wheel_filename

from conftest import ROOT, WHEELFARM
from machines import Machine

DATA = ROOT / "tests/data/check"
UV = pathlib.Path(sys.executable).parent / "uv"
SEED = int(os.environ.get("WHEELFARM_SEED", "1"))
LOCKS = int(os.environ.get("WHEELFARM_LOCKS", "12"))
TARGETS = ["cp313-win_arm64", "cp313-manylinux_2_28_aarch64", "cp311-win_arm64",
           "cp312-musllinux_1_2_aarch64", "cp314t-manylinux_2_39_aarch64",
           "cp310-manylinux_2_28_aarch64"]
MARKERS = ["sys_platform == 'win32'", "python_version < '3.13'", "os_name == 'java'",
           "platform_machine == 'aarch64' or platform_machine == 'ARM64'",
           "python_full_version >= '3.12' and sys_platform != 'win32'",
           "implementation_name == 'pypy'", "platform_machine in 'aarch64 x86_64'"]


@pytest.fixture(scope="module")
def machines():
    """Their environments and tags."""
    made = {name: Machine(name) for name in TARGETS}
    return {name: (machine.environment(), [tag for text in machine.tags() for tag in parse_tag(text)])
            for name, machine in made.items()}


def check(folder, name):
    """{target: {(name, version): installable}}, and the names of what was not checked."""
    done = subprocess.run(
        [WHEELFARM, "check", name, "--json", "--offline", "--db", folder / "facts.db",
         *[f"--target={target}" for target in TARGETS]],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 1), done.stderr
    document = json.loads(done.stdout)
    told = {target: {} for target in TARGETS}
    for item in document["items"]:
        name, version = item["requirement"].split("==")
        told[item["target"]][name, version] = item["installable"]
        assert item["installable"] == (not item["blockers"])
    assert document["ok"] == (done.returncode == 0)
    return told, {skipped["why"].split(": ")[1] for skipped in document["not_checked"]}


@pytest.fixture(scope="module", autouse=True)
def database(tmp_path_factory):
    """--offline reads a database: an empty one."""
    folder = tmp_path_factory.mktemp("db")
    (folder / "pages").mkdir()
    subprocess.run([WHEELFARM, "scan", "nobody", "--index", folder / "pages", "--db",
                    folder / "facts.db"], capture_output=True, check=False)
    return folder / "facts.db"


def select_of(document, packages, environment, tags):
    lock = pylock.Pylock.from_dict(document | {"packages": packages})
    groups = set(re.findall(r"'([\w-]+)' in (?:extras|dependency_groups)", str(document)))
    return {(canonicalize_name(p.name), str(p.version)): isinstance(file, pylock.PackageWheel)
            for p, file in lock.select(environment=environment, tags=tags, extras=groups,
                                       dependency_groups=groups)
            if not isinstance(file, pylock.PackageDirectory)}


def select(document, environment, tags):
    """What packaging takes there, {(name, version): is it a wheel}; None: the lock is not for it. Two
    versions of a package that both apply are an error there, so each is asked about alone."""
    rounds = {}
    for package in document["packages"]:
        if "directory" not in package:  # to have no source at all is an error too
            package.setdefault("sdist", {"hashes": {"sha256": "0" * 64}, "path": (
                f"{package['name'].replace('-', '_')}-{package['version']}.tar.gz")})
        rounds.setdefault(sum(package["name"] == p["name"] for all in rounds.values() for p in all),
                          []).append(package)
    chosen = {}
    try:
        for packages in rounds.values():
            chosen |= select_of(document, packages, environment, tags)
    except pylock.PylockSelectError as problem:
        assert "Python version" in str(problem), problem
        return None
    return chosen


def compare(told, document, machines):
    for target, (environment, tags) in machines.items():
        right = select(document, environment, tags)
        if right is None:
            assert not any(told[target].values()), target
        else:
            assert told[target] == right, target


def drawn(text, dice):
    """Without some of its wheels, and with other markers."""
    lines = []
    for line in text.splitlines():
        if line.startswith("    { url = ") and dice.random() < 0.3:
            continue
        lines.append(re.sub(
            r"""marker = (".*?"|'.*?')""",
            lambda found: f'marker = "{dice.choice(MARKERS)}"' if dice.random() < 0.5 else found[0],
            line))
    return "\n".join(lines) + "\n"


def test_a_pylock(machines, tmp_path, database):
    shutil.copy(database, tmp_path / "facts.db")
    shutil.copy(DATA / "uv/pylock.toml", tmp_path)
    told, skipped = check(tmp_path, "pylock.toml")
    assert skipped == {"demo-lib"}
    compare(told, tomllib.loads((tmp_path / "pylock.toml").read_text()), machines)
    assert told["cp313-win_arm64"]["pywin32", "312"] is True
    assert told["cp313-win_arm64"]["ujson", "5.4.0"] is False
    assert ("uvloop", "0.23.0") not in told["cp313-win_arm64"]


@pytest.mark.parametrize("seed", range(SEED, SEED + LOCKS))
def test_drawn_pylocks(machines, tmp_path, database, seed):
    shutil.copy(database, tmp_path / "facts.db")
    dice = random.Random(seed)
    text = drawn((DATA / "uv/pylock.toml").read_text(), dice)
    # an array of no wheels is none
    text = re.sub(r"^wheels = \[\n\]\n", "", text, flags=re.M)
    for package in dice.sample(re.findall(r'^name = ".*"\nversion = .*\n(?!marker)', text, re.M), 8):
        text = text.replace(package, package + f'marker = "{dice.choice(MARKERS)}"\n')
    (tmp_path / "pylock.toml").write_text(text)
    told, _ = check(tmp_path, "pylock.toml")
    compare(told, tomllib.loads(text), machines)


def exported(folder):
    """The lock as uv itself turns it into a pylock.toml."""
    done = subprocess.run(
        [UV, "export", "--frozen", "--offline", "--no-config", "--quiet", "--format", "pylock.toml",
         "--all-extras", "--all-groups", "--no-header"], cwd=folder, capture_output=True, text=True,
        check=False)
    assert done.returncode == 0, done.stderr
    return tomllib.loads(done.stdout)


@pytest.mark.parametrize("seed", range(SEED - 1, SEED + LOCKS))
def test_a_uv_lock(machines, tmp_path, database, seed):
    """The first is the lock as it is; in the others markers of the project's dependencies differ."""
    folder = shutil.copytree(DATA / "uv", tmp_path / "uv")
    shutil.copy(database, folder / "facts.db")
    if seed >= SEED:
        text = drawn((folder / "uv.lock").read_text(), random.Random(seed))
        (folder / "uv.lock").write_text(text)
    told, _ = check(folder, "uv.lock")
    compare(told, exported(folder), machines)


def right_of_poetry(lock, exported, environment, tags):
    """What Poetry itself says is installed there, with the files of its lock."""
    files = {(p["name"], p["version"]): [f["file"] for f in p["files"]] for p in lock["package"]}
    right = {}
    for line in exported.splitlines():
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate(environment):
            continue
        [specifier] = requirement.specifier
        key = canonicalize_name(requirement.name), specifier.version
        right[key] = any(name.endswith(".whl") and parse_wheel_filename(name)[-1] & tags
                         for name in files[key])
    return right


def test_a_poetry_lock(machines, tmp_path, database):
    folder = shutil.copytree(DATA / "poetry", tmp_path / "poetry")
    shutil.copy(database, folder / "facts.db")
    told, skipped = check(folder, "poetry.lock")
    lock = tomllib.loads((folder / "poetry.lock").read_text())
    for target, (environment, tags) in machines.items():
        if target.startswith("cp310"):
            assert not any(told[target].values())  # the lock is for 3.11 and later
        else:
            right = right_of_poetry(
                lock, (folder / "exported.txt").read_text(), environment, set(tags))
            assert told[target] == right and len(right) > 20, target

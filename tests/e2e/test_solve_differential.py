"""`wheelfarm check` against `uv pip compile --only-binary :all:` on made-up indexes, a third of them of what
real packages require: can a set be installed on a target or not; every yes is looked through with
`packaging`; every no that names blockers is a yes when they are gone.

WHEELFARM_SOLVE_SETS: how many sets (each on six targets); WHEELFARM_SEED: others.
"""

import concurrent.futures
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

import solve_index
from conftest import WHEELFARM
from machines import Machine

SEED = os.environ.get("WHEELFARM_SEED", "1")
SETS = int(os.environ.get("WHEELFARM_SOLVE_SETS", "24"))
SETS_AN_INDEX = 8
PLATFORMS = {
    "win_arm64": ("aarch64-pc-windows-msvc", "windows"),
    "manylinux_2_28_aarch64": ("aarch64-manylinux_2_28", "glibc"),
    "musllinux_1_2_aarch64": ("aarch64-unknown-linux-musl", "musl"),
}
TARGETS = [f"{python}-{platform}" for python in ("cp311", "cp313") for platform in PLATFORMS]


def environment(machine):
    windows = machine.windows
    return {
        "implementation_name": "cpython", "implementation_version": machine.full,
        "os_name": "nt" if windows else "posix",
        "platform_machine": "ARM64" if windows else "aarch64",
        "platform_system": "Windows" if windows else "Linux", "platform_release": "",
        "platform_version": "", "python_full_version": machine.full,
        "platform_python_implementation": "CPython",
        "python_version": "%d.%d" % machine.version[:2],
        "sys_platform": "win32" if windows else "linux", "extra": "",
    }


def ask_us(index, asked, targets, folder, *more):
    done = subprocess.run(
        [WHEELFARM, "check", "--json", "--rules", "uv", "--index", index.url, "--db",
         folder / "facts.db", "--fresh", "86400", *more,
         *[word for target in targets for word in ("--target", target)], "--", *asked],
        capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 1), (done.returncode, done.stderr, asked)
    return json.loads(done.stdout)


def ask_uv(index, asked, target, folder):
    """None if it cannot, else name to version."""
    machine = Machine(target)
    done = subprocess.run(
        [pathlib.Path(sys.executable).parent / "uv", "pip", "compile", "--only-binary", ":all:",
         "--index-url", index.url, "--python-platform", PLATFORMS[machine.platform][0],
         "--python-version", machine.full, "--no-header", "--no-annotate", "--quiet",
         "--no-python-downloads", "--python", sys.executable, "-"],
        input="\n".join(asked), capture_output=True, text=True, timeout=120, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "UV_CACHE_DIR": str(folder / "uv"),
             "UV_NO_CONFIG": "1"})
    if done.returncode == 0:
        return dict(line.split("==") for line in done.stdout.split())
    assert "No solution found" in done.stderr, done.stderr
    return None


def fits(release, machine):
    """By the kinds that solve_index made."""
    if release.python and not lower_bound_admits(release.python, machine):
        return False
    kind = PLATFORMS[machine.platform][1]
    return "any" in release.kinds or kind in release.kinds or (
        "abi3" in release.kinds and kind in ("glibc", "windows"))


def lower_bound_admits(text, machine):
    return all(Version(machine.full) >= Version(s.version) for s in SpecifierSet(text)
               if s.operator == ">=")


def problems(index, asked, picks, target):
    """What is wrong with a yes."""
    machine = Machine(target)
    wrong, open_, seen = [], [(Requirement(text), "") for text in asked], set()
    installed = {}
    for name, version in picks.items():
        found = [r for r in index.releases[name] if Version(r.version) == Version(version)]
        installed[name] = found[0]
        if not fits(found[0], machine):
            wrong.append(f"{name} {version} does not fit")
    reached = set()
    while open_:
        requirement, extra = open_.pop()
        if requirement.marker and not requirement.marker.evaluate(
                {**environment(machine), "extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        if name not in installed or not requirement.specifier.contains(
                installed[name].version, prereleases=True):
            wrong.append(f"{requirement} is not met by {picks.get(name)}")
            continue
        reached.add(name)
        for wanted in ("", *requirement.extras):
            if (name, wanted) not in seen:
                seen.add((name, wanted))
                open_ += [(Requirement(text), wanted) for text in installed[name].requires]
    return wrong + [f"{name} is not needed" for name in set(picks) - reached]


def without(releases, blockers):
    """The index when those packages have been mended: every version a wheel that fits, admitted, not
    yanked; a missing one is there, in every version that somebody speaks of. What a release without any
    wheel requires nobody could read."""
    mended = dict(releases)
    for name in blockers:
        known = releases.get(name) or [solve_index.Release(name, version, ["any"])
                                       for version in spoken_of(releases, name)]
        mended[name] = [solve_index.Release(r.name, r.version, ["any"],
                                            r.requires if r.wheels() else (), None, False, r.extras)
                        for r in known]
    return mended


def spoken_of(releases, name):
    requirements = (Requirement(text) for all_of in releases.values() for r in all_of
                    for text in r.requires if name.split("-")[0] in text.lower())
    return sorted({s.version.removesuffix(".*") for r in requirements
                   if canonicalize_name(r.name) == name for s in r.specifier} | {"1.0"}, key=Version)


def compare_set(index, asked, folder):
    """A list of differences, and how many were a yes."""
    told = ask_us(index, asked, TARGETS, folder)
    differences, yes = [], 0
    for target in TARGETS:
        picks = told["together"][target]
        theirs = ask_uv(index, asked, target, folder)
        if (picks is None) != (theirs is None):
            differences.append((target, asked, "we say no" if picks is None else "uv says no"))
        if picks is not None:
            yes += 1
            differences += [(target, asked, line) for line in problems(index, asked, picks, target)]
    return told, differences, yes


def check_blockers(releases, told, folder):
    """Of each item that names blockers and no conflict: alone, with them mended, it can be installed."""
    wrong, tried = [], 0
    for item in told["items"]:
        names = {b["name"] for b in item["blockers"] if b["reason"] != "conflict"}
        if item["installable"] or not names or len(names) != len(item["blockers"]):
            continue
        index = solve_index.SolveIndex(without(releases, names))
        try:
            db = pathlib.Path(tempfile.mkdtemp(dir=folder))
            again = ask_us(index, [item["requirement"]], [item["target"]], db)
            if again["together"][item["target"]] is None:
                wrong.append((item["target"], item["requirement"], sorted(names)))
        finally:
            index.close()
        tried += 1
        if tried == 3:
            break
    return wrong, tried


def run_index(number, folder):
    draw = random.Random(f"{SEED} {number}")
    releases = solve_index.recorded() if number % 3 == 2 else solve_index.generate(
        f"{SEED} {number}", packages=draw.choice((30, 80, 200)))
    index = solve_index.SolveIndex(releases)
    results = {"differences": [], "yes": 0, "sets": 0, "blockers": 0, "conflicts": 0}
    try:
        for _ in range(min(SETS_AN_INDEX, SETS - number * SETS_AN_INDEX)):
            asked = solve_index.draw_set(draw, releases, draw.choice((1, 1, 2, 3, 5, 10, 30, 150)))
            told, differences, yes = compare_set(index, asked, folder)
            wrong, tried = check_blockers(releases, told, folder)
            results["differences"] += differences + wrong
            results["yes"] += yes
            results["sets"] += 1
            results["blockers"] += tried
            results["conflicts"] += sum(b["reason"] == "conflict" and bool(b["path"])
                                        for i in told["items"] for b in i["blockers"])
    finally:
        index.close()
    return results


def test_uv_agrees(tmp_path):
    count = -(-SETS // SETS_AN_INDEX)
    folders = [tmp_path / str(i) for i in range(count)]
    for folder in folders:
        folder.mkdir()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = list(pool.map(run_index, range(count), folders))
    differences = [line for results in found for line in results["differences"]]
    total = {key: sum(r[key] for r in found) for key in ("sets", "yes", "blockers", "conflicts")}
    print(total)
    assert not differences, (len(differences), differences[:3], total)
    if SETS >= 3 * SETS_AN_INDEX:  # of a few sets all may well be the one or the other
        assert total["yes"] and total["yes"] < total["sets"] * len(TARGETS)

"""The PEP engine against packaging and uv's crates: the same lines, each in a loop of one process.

filenames   wheel and sdist names parsed
versions    versions parsed and sorted
specifiers  a version and a specifier set parsed, and matched
matches     the same pairs matched, everything parsed before
markers     markers parsed and evaluated for one target

packaging is the pinned one of the tests' environment; it keeps parsed markers and versions of its own
where it can. The crates (pep440_rs, pep508_rs) are compiled with the versions and hashes of
pep_rs/Cargo.lock; where cargo or the crates cannot be had, their column stays empty. Processor time of
the fastest of some rounds, so that a busy machine matters little. The programs also have to agree.

Usage: pep.py [--sizes 1000,10000,100000] [--rounds 5]
"""

import argparse
import gzip
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.pop(0)  # this folder: its inspect.py would hide Python's own

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import parse_sdist_filename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "wheelfarm"
TARGET = "cp313-manylinux_2_28_aarch64"
ENVIRONMENT = {
    "implementation_name": "cpython", "implementation_version": "3.13.0", "os_name": "posix",
    "platform_machine": "aarch64", "platform_python_implementation": "CPython",
    "platform_release": "", "platform_system": "Linux", "platform_version": "",
    "python_full_version": "3.13.0", "python_version": "3.13", "sys_platform": "linux"}
GOAL = "goal: ahead of both in every line"


def recorded_files():
    files = []
    for page in sorted((ROOT / "tests/data/pages").glob("*.json.gz")):
        files += json.loads(gzip.decompress(page.read_bytes()))["files"]
    return files


def make_version(r):
    release = ".".join(str(r.choice((0, 1, 2, 3, 10, 25, 2024))) if r.random() < 0.7
                       else str(r.randrange(120)) for _ in range(r.choice((2, 3, 3, 3, 4))))
    suffix = r.choice(("",) * 8 + ("a1", "b2", "rc1", ".post1", ".dev3", "rc2.dev1", "+local.7"))
    return release + suffix


def make_specifiers(r, recorded):
    if r.random() < 0.5:
        return r.choice(recorded)
    low = f"{r.randrange(4)}.{r.randrange(30)}"
    return r.choice((f">={low}", f">={low},<{r.randrange(1, 6)}", f"~={low}.{r.randrange(9)}",
                     f"=={low}.*", f"=={make_version(r)}", f"!={low},>={low}.1", f"<{low}"))


def make_marker(r, depth=0):
    one = r.choice((
        'python_version < "3.{}"', "python_version >= '3.{}'", "python_full_version < '3.{}.1'",
        "sys_platform == 'win32'", 'sys_platform == "linux"', 'platform_system != "Darwin"',
        "platform_machine == 'aarch64'", 'extra == "dev{}"', "os_name == 'nt'",
        'platform_python_implementation == "CPython"', "implementation_name == 'pypy'",
    )).format(r.randrange(6, 16))
    if depth < 3 and r.random() < 0.35:
        both = f"{one} {r.choice(('and', 'or'))} {make_marker(r, depth + 1)}"
        return f"({both})" if r.random() < 0.3 else both
    return one


def write_inputs(folder, size, files):
    """`size` lines of each kind, the same for every run: seeded."""
    r = random.Random(size)
    recorded = sorted({f["requires-python"] for f in files if f.get("requires-python")})
    names = []
    while len(names) < size:
        name = r.choice(files)["filename"]
        if name.endswith((".whl", ".tar.gz", ".zip")):
            names.append(re.sub(r"-\d+(\.\d+)*", lambda _: "-" + make_version(r), name, count=1)
                         if r.random() < 0.5 else name)
    lines = {
        "filenames": names,
        "versions": [make_version(r) for _ in range(size)],
        "specifiers": [f"{make_version(r)}\t{make_specifiers(r, recorded)}" for _ in range(size)],
        "markers": [make_marker(r) for _ in range(size)],
        "target": [TARGET],
        "environment": [f"{key}\t{value}" for key, value in ENVIRONMENT.items()],
    }
    for name, some in lines.items():
        (folder / f"{name}.txt").write_text("".join(f"{line}\n" for line in some))
    return lines


def is_filename(name):
    try:
        (parse_wheel_filename if name.endswith(".whl") else parse_sdist_filename)(name)
    except ValueError:
        return False
    return True


def sorted_versions(lines):
    versions = []
    for line in lines:
        try:
            versions.append(Version(line))
        except InvalidVersion:
            pass
    versions.sort()
    return sum(a != b for a, b in zip(versions, versions[1:]))


def with_packaging(lines, rounds):
    pairs = [line.split("\t") for line in lines["specifiers"]]
    parsed = [(Version(v), SpecifierSet(s)) for v, s in pairs]
    environment = {**ENVIRONMENT, "extra": ""}
    tasks = {
        "filenames": lambda: sum(map(is_filename, lines["filenames"])),
        "versions": lambda: sorted_versions(lines["versions"]),
        "specifiers": lambda: sum(
            SpecifierSet(s).contains(Version(v), prereleases=True) for v, s in pairs),
        "matches": lambda: sum(s.contains(v, prereleases=True) for v, s in parsed),
        "markers": lambda: sum(Marker(m).evaluate(environment) for m in lines["markers"]),
    }
    found = {}
    for name, run in tasks.items():
        least = None
        for _ in range(rounds):
            start = time.process_time_ns()
            answer = run()
            took = time.process_time_ns() - start
            least = took if least is None else min(least, took)
        found[name] = (least, answer)
    return found


def with_program(program, folder, rounds):
    out = subprocess.run([program, folder, str(rounds)], check=True, stdout=subprocess.PIPE,
                         text=True).stdout
    found = {}
    for line in out.splitlines():
        name, _, took, answer = line.split("\t")
        found[name] = (int(took), int(answer))
    return found


def build_crate():
    """The Rust program, or None and why not. Its lock names an example registry: cargo's own name for
    the one of this machine takes its place."""
    cargo = shutil.which("cargo") or shutil.which(pathlib.Path.home() / ".cargo/bin/cargo")
    if cargo is None:
        return None, "no cargo here"
    folder = CACHE / "bench-pep-rs"
    shutil.copytree(HERE / "pep_rs", folder, dirs_exist_ok=True)
    lock = folder / "Cargo.lock"
    lock.unlink(missing_ok=True)
    tool = {"cwd": folder, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True,
            "check": False}
    made = subprocess.run([cargo, "generate-lockfile"], **tool)
    source = re.search(r'^source = "(.*)"$', lock.read_text(), re.M) if lock.exists() else None
    if made.returncode != 0 or source is None:
        return None, "the crates cannot be had: " + made.stdout.strip().splitlines()[-1]
    pinned = (HERE / "pep_rs/Cargo.lock").read_text()
    lock.write_text(pinned.replace("registry+https://registry.example/index", source[1]))
    built = subprocess.run([cargo, "build", "--release", "--locked", "--quiet"], **tool)
    if built.returncode != 0:
        return None, "the crates do not build: " + built.stdout.strip().splitlines()[-1]
    return folder / "target/release/pep_rs", ""


def print_size(size, own, others):
    for task, (took, answer) in own.items():
        cells = [f"{size:>8} {task:11} {size * 1e9 / took:12,.0f}"]
        for found in others:
            if task not in found:
                cells.append(f"{'':>12} {'':>7}")
                continue
            other, said = found[task]
            cells.append(f"{size * 1e9 / other:12,.0f} {other / took:6.1f}x")
            if said != answer:
                cells.append(f"(answers differ: {answer} here, {said} there)")
        print(" ".join(cells).rstrip(), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    subprocess.run(["ninja", "-C", ROOT / "build", "tests/bench/pep_speed"], check=True,
                   stdout=subprocess.DEVNULL)
    crate, why = build_crate()
    if crate is None:
        print(f"without uv's crates: {why}")
    files = recorded_files()
    print(f"{'items':>8} {'':11} {'a second':>12} {'packaging':>12} {'ratio':>7}"
          f" {'uv crates':>12} {'ratio':>7}   ({GOAL})")
    for size in map(int, options.sizes.split(",")):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            lines = write_inputs(folder, size, files)
            own = with_program(ROOT / "build/tests/bench/pep_speed", folder, options.rounds)
            others = [with_packaging(lines, min(options.rounds, 2))]
            if crate is not None:
                others.append(with_program(crate, folder, options.rounds))
            print_size(size, own, others)


if __name__ == "__main__":
    main()

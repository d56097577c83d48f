"""`wheelfarm check` against `uv pip compile --only-binary :all:` and `pip install --dry-run`: the same
requirement sets, the same made-up index on loopback, every cache warm, a process each.

Usage: check.py [--sets N]   prints seconds of wall and processor time, and ratios, for three sizes
"""

import argparse
import os
import pathlib
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
import solve_index

SIZES = (50, 200, 1000)
TARGET, PLATFORM, PYTHON = "cp313-win_arm64", "aarch64-pc-windows-msvc", "3.13.15"
PIP_SETS = 5


def run(command, text=None, **environment):
    """(wall, processor time, exit code) of a child."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], **environment})
    wall = time.monotonic() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            done.returncode)


def ask_us(index, asked, folder):
    return run([ROOT / "build/wheelfarm", "check", "--json", "--rules", "uv", "--index", index.url,
                "--fresh", "86400", "--db", folder / "facts.db", "--target", TARGET, "--", *asked])


def ask_uv(index, asked, folder):
    return run([pathlib.Path(sys.executable).parent / "uv", "pip", "compile", "--only-binary",
                ":all:", "--index-url", index.url, "--python-platform", PLATFORM,
                "--python-version", PYTHON, "--python", sys.executable, "--quiet", "-"],
               "\n".join(asked), HOME=str(folder), UV_CACHE_DIR=str(folder / "uv"), UV_NO_CONFIG="1")


def ask_pip(index, asked, folder):
    return run([sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet",
                "--only-binary", ":all:", "--platform", "win_arm64", "--python-version", PYTHON,
                "--target", folder / "t", "--index-url", index.url, "--cache-dir", folder / "pip",
                *asked], HOME=str(folder), PIP_CONFIG_FILE=os.devnull)


def counting(index):
    """Counts what is asked of the index: with warm caches it should be nothing."""
    answer, asked = index.answer, []
    index.answer = lambda path: asked.append(path) or answer(path)
    return asked


def summary(times):
    return statistics.mean(times), statistics.median(times), max(times)


def measure(size, sets):
    draw = random.Random(f"bench {size}")
    releases = solve_index.generate(f"bench {size}", packages=size)
    index = solve_index.SolveIndex(releases)
    requests = counting(index)
    ours, theirs, agree = [], [], 0
    fetched = {"wheelfarm": 0, "uv": 0}
    with tempfile.TemporaryDirectory(prefix="wheelfarm-bench-") as text:
        folder = pathlib.Path(text)
        asked = [solve_index.draw_set(draw, releases, draw.choice((1, 2, 5, 10, 30, 150)))
                 for _ in range(sets)]
        for requirements in asked:  # once to fill the caches
            ask_us(index, requirements, folder)
            ask_uv(index, requirements, folder)
        for requirements in asked:
            before = len(requests)
            ours.append(ask_us(index, requirements, folder))
            between = len(requests)
            theirs.append(ask_uv(index, requirements, folder))
            fetched["wheelfarm"] += between - before
            fetched["uv"] += len(requests) - between
            agree += (ours[-1][2] == 0) == (theirs[-1][2] == 0)
        few = [r for r in asked if len(r) <= 5][:PIP_SETS]
        pip = [ask_pip(index, r, folder) for r in few for _ in range(2)][1::2]
        few_ours = [ask_us(index, r, folder) for r in few]
    index.close()
    print(f"{size} packages, {sets} sets; exit codes agree on {agree}"
          " (a set may install while its newest release does not); requests to the index: "
          + ", ".join(f"{name} {n}" for name, n in fetched.items()))
    for label, i in (("wall", 0), ("processor", 1)):
        us, uv = summary([t[i] for t in ours]), summary([t[i] for t in theirs])
        print(f"  {label:9} ms  mean/median/max  wheelfarm "
              + " / ".join(f"{t * 1000:.1f}" for t in us) + "   uv "
              + " / ".join(f"{t * 1000:.1f}" for t in uv) + "   uv : wheelfarm "
              + " / ".join(f"{b / a:.2f}" for a, b in zip(us, uv)))
    if few:
        print(f"  pip : wheelfarm, processor, {len(few)} small sets: "
              f"{sum(t[1] for t in pip) / sum(t[1] for t in few_ours):.1f}")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=100)
    asked = parser.parse_args()
    print("goal: faster than uv in mean, median and maximum; far ahead of pip")
    for size in SIZES:
        measure(size, asked.sets)


if __name__ == "__main__":
    main()

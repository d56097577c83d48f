"""What `wheelfarm inspect` takes, against the tools that people use, on real wheels (tests/data/inspect):

- Linux wheels for x86-64 against `auditwheel show` (which refuses a foreign machine's);
- Windows wheels against pefile (every binary in it, parsed whole) and, for stable-ABI ones, abi3audit.

Each tool is a fresh process with a wheel's path, warm file cache; medians of RUNS (3). The warm column sets
the Python tool's own work, its interpreter's start and imports left out (and abi3audit's), against our
whole process. A last part fetches a wheel of
100 MB from loopback at `--depth headers` and counts the bytes that the server sent.

Usage: inspect_wheels.py [PACKAGE…]: only the wheels of these (file names as in wheel-requirements.txt, '_'
for '-'); RUNS=N.

Nothing fails here but what does not run. Goals: 50 x auditwheel, 20 x pefile and abi3audit, under 1 MB.
"""

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
sys.path[:0] = [str(ROOT / "tests/data/inspect"), str(ROOT / "tests/e2e")]
from wheel_kit import LINUX, Wheel, module  # noqa: E402
from range_server import RangeServer  # noqa: E402
from real_wheels import wheels  # noqa: E402

INSPECT = [str(ROOT / "build/wheelfarm"), "inspect"]
RUNS = int(os.environ.get("RUNS", "3"))

PEFILE = """
import sys, zipfile, pefile
def work(path):
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith((".pyd", ".dll", ".exe")):
                pe = pefile.PE(data=archive.read(name))
                pe.close()
"""
AUDITWHEEL = """
import contextlib, io, sys
from auditwheel.main import main
def work(path):
    sys.argv[1:] = ["show", path]
    with contextlib.redirect_stdout(io.StringIO()):
        main()
"""
# one look a process: auditwheel keeps what it read of a file
TIMED = """
import time
start = time.monotonic()
work(sys.argv[1])
print(time.monotonic() - start)
"""


def spent(command):
    """Wall and CPU seconds of a process and its children."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        raise SystemExit(f"{command} ended with {done.returncode}\n{done.stderr[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, done.stdout


def measure(*commands):
    """Medians of the sum of the commands' wall and CPU."""
    runs = []
    for _ in range(RUNS):
        parts = [spent(command) for command in commands]
        runs.append((sum(p[0] for p in parts), sum(p[1] for p in parts)))
    return [statistics.median(values) for values in zip(*runs)]


def tool(name):
    return str(pathlib.Path(sys.executable).with_name(name))


def warm(script, path):
    try:
        return float(spent([sys.executable, "-I", "-c", script + TIMED, str(path)])[2].split()[-1])
    except SystemExit as failed:
        print(f"    warm: {failed}", file=sys.stderr)
        return None


def others(path):
    """The commands of the tools for a wheel, and the script of the warm column."""
    if "win" not in path.name:
        return [[tool("auditwheel"), "show", str(path)]], AUDITWHEEL
    commands = [[sys.executable, "-I", "-c", PEFILE + "work(sys.argv[1])", str(path)]]
    if "-abi3-" in path.name:
        commands.append([tool("abi3audit"), str(path)])
    return commands, PEFILE


def row(name, size, ours, theirs, warmed):
    ratio, cpu = theirs[0] / ours[0], theirs[1] / max(ours[1], 0.001)
    shown = f"{warmed / ours[0]:8.1f}" if warmed else "       -"
    print(f"{name:32.32} {size / 1e6:7.2f} {ours[0] * 1e3:9.1f} {theirs[0] * 1e3:9.0f} {ratio:7.0f} x"
          f" {ours[1] * 1e3:9.1f} {theirs[1] * 1e3:9.0f} {cpu:7.0f} x {shown} x", flush=True)


HEAD = (f"{'':32} {'':>7} {'ours':>9} {'theirs':>9} {'':>9} {'ours':>9} {'theirs':>9} {'':>9} {'warm':>10}\n"
        f"{'wheel':32} {'MB':>7} {'wall ms':>9} {'wall ms':>9} {'wall':>9} {'CPU ms':>9} {'CPU ms':>9}"
        f" {'CPU':>9} {'wall':>10}")


def compare(title, paths):
    """Three sizes one by one, then the sum of all of them."""
    paths = [path for path in paths if not sys.argv[1:] or path.name.split("-")[0] in sys.argv[1:]]
    paths.sort(key=lambda path: path.stat().st_size)
    chosen = {paths[0], paths[len(paths) // 2], paths[-1]}
    print(f"\n{title}\n{HEAD}")
    sums = [[0, 0], [0, 0]]
    warm_sum = 0
    for path in paths:
        commands, script = others(path)
        ours, theirs = measure([*INSPECT, str(path)]), measure(*commands)
        for total, part in zip(sums, (ours, theirs)):
            total[0] += part[0]
            total[1] += part[1]
        warmed = warm(script, path)
        warm_sum += warmed or 0
        if path in chosen:
            row(path.name.split("-cp")[0], path.stat().st_size, ours, theirs, warmed)
    size = sum(path.stat().st_size for path in paths)
    row(f"all {len(paths)}, one by one", size, *sums, warm_sum)
    row(f"all {len(paths)} of ours in one call", size, measure([*INSPECT, *map(str, paths)]), sums[1],
        warm_sum)


def remote(folder, binaries=300, fill=340_000):
    """A wheel of 100 MB on loopback."""
    noise = random.Random(1)
    files = {f"demo/part{i}.cpython-313-aarch64-linux-gnu.so":
             module(defined=[f"PyInit_part{i}"]) + noise.randbytes(fill) for i in range(binaries)}
    Wheel(LINUX, files).save(folder)
    data = (pathlib.Path(folder) / LINUX).read_bytes()
    print(f"\nremote, loopback: a wheel of {len(data) / 1e6:.1f} MB with {binaries} binaries")
    for depth in ("headers", "full"):
        server = RangeServer(data)
        wall, cpu, out = spent([*INSPECT, "--depth", depth, f"{server.url}/honest/{LINUX}"])
        server.close()
        print(f"  {depth:8} {server.sent:>11,} bytes sent, {len(server.requests)} requests, "
              f"{wall * 1e3:.0f} ms wall, {cpu * 1e3:.0f} ms CPU")


def main():
    print(f"medians of {RUNS}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    compare("Linux x86-64, against auditwheel show", wheels("x86_64"))
    compare("Windows, against pefile and (stable ABI) abi3audit",
            wheels("win_amd64") + wheels("win_arm64"))
    with tempfile.TemporaryDirectory() as folder:
        remote(folder)


if __name__ == "__main__":
    main()

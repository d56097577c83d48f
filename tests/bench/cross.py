"""The same wheels cross-compiled by zig and built by GCC in the emulated ARM64 root: are they the same, and how much
sooner does the first way end?

Jobs are planned by a farm (`modes: [cross, emulated]`), then `wheelfarm-agent --job FILE` does each build, ways in turn,
without the tests, which run in the same place whatever built. Times are the agent's own, of the job from its sdist to
the inspected wheel, and of the build stage in it. What two compilers must agree on is compared: names and tags,
files, and of each module which functions it exports and which libraries it needs.

Usage: cross.py [PACKAGE…]; RUNS=N builds each way (3). Ends with 1 if two wheels differ.
"""

import json
import os
import pathlib
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "wheelfarm"
PACKAGES = sys.argv[1:] or ["markupsafe", "ujson", "msgpack", "multidict", "yarl"]
RUNS = int(os.environ.get("RUNS", "3"))
TARGET = "cp313-manylinux_2_28_aarch64"
MODES = ("cross", "emulated")
GOAL = 5
# Parts of the C library itself, which are always there; whether they are asked for by name is the linker's habit, and some
# functions of libm lie in zig's own runtime.
C_LIBRARY = {"ld-linux-aarch64.so.1", "libdl.so.2", "libm.so.6", "libpthread.so.0", "librt.so.1"}
# What every linker defines in every file, by its own habits.
LINKERS_OWN = {"_init", "_fini", "_edata", "_end", "__bss_start", "__bss_start__", "__bss_end__", "__end__", "_bss_end__"}


def run(arguments, **options):
    return subprocess.run([str(a) for a in arguments], capture_output=True, text=True, errors="replace", check=False,
                          **options)


def plan(folder):
    """{(package, mode): job}, as the coordinator would send it; nothing is built."""
    (folder / "farm.yaml").write_text(
        f"schema: 1\nstate: {folder}/farm\nlisten: 127.0.0.1:0\nbuild: all\npackages: [{', '.join(PACKAGES)}]\n"
        f"targets: [{TARGET}]\nmodes: [{', '.join(MODES)}]\n")
    # an agent without images can do none of them, and so the run ends
    done = run([ROOT / "build/wheelfarm", "run", "--config", folder / "farm.yaml"],
               env={**os.environ, "XDG_CACHE_HOME": str(folder / "empty")})
    with sqlite3.connect(folder / "farm/facts.db") as db:
        jobs = {(package, mode): json.loads(spec) for package, mode, spec in db.execute(
            "SELECT package.name, job.mode, job_spec.spec FROM job JOIN package ON package.id = job.package"
            " JOIN job_spec ON job_spec.job = job.id")}
    if len(jobs) != len(PACKAGES) * len(MODES):
        raise SystemExit(f"{len(jobs)} jobs were planned\n{done.stderr[-2000:]}")
    return jobs


def build(job, folder):
    """(seconds of the job, seconds of its build stage, the wheel's path)"""
    job = {**job, "executor": "", "tester": {"name": "", "revision": 0},
           "recipe": {**job["recipe"], "test_command": [], "test_requires": []}}
    (folder / "job.json").write_text(json.dumps(job))
    run(["rm", "-rf", folder / "work"])
    done = run([ROOT / "build/wheelfarm-agent", "--job", folder / "job.json", "--config", folder / "agent.json"])
    try:
        result = json.loads(done.stdout)
    except ValueError:
        result = {"state": "none"}
    if result["state"] != "pass":
        raise SystemExit(f"{job['package']}, {job['mode']}: fails\n{done.stderr[-3000:]}")
    stages = {stage["stage"]: stage["wall_s"] for stage in result["stages"]}
    wheel = next((folder / "work").rglob("out/*.whl"))
    kept = folder / "wheels" / job["mode"] / wheel.name
    kept.parent.mkdir(parents=True, exist_ok=True)
    wheel.rename(kept)
    return sum(stages.values()), stages["build"], kept


def functions(names):
    """Exported names without what the compilers add by their own habits: the linker's, the runtime's of C++ (std::, new and
    delete), and all but one of the variants of a constructor or destructor, which are the same function."""
    own = (name for name in names if name not in LINKERS_OWN and not re.match(r"_Z(T[VISvc])?N?K?S[a-z0-9]|_ZG|_Z(n|d)[wla]", name))
    return sorted({re.sub(r"(?<=\d)([A-Za-z_]\w*?)([CD])[0-3](?=E)", r"\1\2", name) for name in own})


def facts(wheel, folder):
    """What must be equal, in words that can be compared and shown."""
    out = {"name": wheel.name}
    with zipfile.ZipFile(wheel) as archive:
        out["files"] = sorted(archive.namelist())
        for name in archive.namelist():
            if name.endswith(".dist-info/WHEEL"):
                out["tags"] = sorted(re.findall(r"^Tag: (.+)$", archive.read(name).decode(), re.M))
            if name.endswith(".so"):
                path = pathlib.Path(archive.extract(name, folder / "unpacked"))
                exported = {line.split()[-1] for line in run(["nm", "-D", "--defined-only", path]).stdout.splitlines()}
                out[f"{name}: exports"] = functions(exported)
                needed = re.findall(r"\(NEEDED\).*\[(.+)\]", run(["readelf", "-dW", path]).stdout)
                out[f"{name}: needs"] = sorted(set(needed) - C_LIBRARY)
    return out


def differences(ways):
    ours, theirs = (ways[mode] for mode in MODES)
    out = []
    for what in sorted(set(ours) | set(theirs)):
        a, b = (way.get(what) or [] for way in (ours, theirs))
        if a != b:
            more = [sorted(set(x) - set(y)) if isinstance(x, list) else x for x, y in ((a, b), (b, a))]
            out.append(f"{what}: {MODES[0]} alone {more[0]}, {MODES[1]} alone {more[1]}")
    return out


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        jobs = plan(folder)
        (folder / "agent.json").write_text(json.dumps({
            "name": "bench", "slots": 1, "workspace": str(folder / "work"), "cache": str(CACHE),
            "blobs": str(folder / "farm/store"), "uid_base": 60001 if os.getuid() == 0 else 0}))
        print(f"medians of {RUNS}; goal: cross at least {GOAL} times faster\n"
              f"{'package':16} {'cross s':>8} {'emulated':>9} {'ratio':>6}   build stage alone:"
              f" {'cross s':>8} {'emulated':>9} {'ratio':>6}  modules, the same?")
        ratios, wrong = [], 0
        for package in PACKAGES:
            times = {mode: [] for mode in MODES}
            ways = {}
            for _ in range(RUNS):
                for mode in MODES:
                    *seconds, wheel = build(jobs[package, mode], folder)
                    times[mode].append(seconds)
                    ways[mode] = facts(wheel, folder)
            whole, stage = ([statistics.median(pair[i] for pair in times[mode]) for mode in MODES] for i in (0, 1))
            ratios.append(whole[1] / whole[0])
            found = differences(ways)
            wrong += len(found)
            modules = sum(what.endswith(": exports") for what in ways["cross"])
            print(f"{package:16} {whole[0]:8.1f} {whole[1]:9.1f} {whole[1] / whole[0]:6.1f} {'':21}"
                  f"{stage[0]:8.1f} {stage[1]:9.1f} {stage[1] / stage[0]:6.1f}  {modules}, {'no' if found else 'yes'}")
            print("".join(f"  {line}\n" for line in found), end="", flush=True)
        print(f"median ratio {statistics.median(ratios):.1f}, smallest {min(ratios):.1f}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

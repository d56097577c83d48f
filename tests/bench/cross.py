"""The same wheel cross-built here and built inside an emulated ARM64 machine: processor time, wall time, and what differs.

A farm resolves the jobs once (`wheelfarm run`, aarch64 Linux). Each is then done twice by `wheelfarm-agent --job`: as it is,
by zig on this machine, and with an ARM64 Debian of the same suite as its builder, whose gcc and Python run under qemu. The
build stage alone is compared: what is fetched before is the same. Of the two wheels: the tags in their names, and of each
module the libraries it needs and the symbols it exports. gcc links C++ to the system's libstdc++, zig brings its own: a
library of that kind is named, as it is the one difference to be expected.

Usage: cross.py [PACKAGE…]
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

from elftools.elf.elffile import ELFFile

from agent_overhead import TARGET, resolve_jobs, run

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = sys.argv[1:] or ["markupsafe", "ujson", "msgpack", "multidict", "yarl"]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "wheelfarm"
BUILDER = {"name": "trixie-arm64-builder", "revision": 1}
# No image of the recipe tree: no job of a farm is built in it.
IMAGE = ["suite=trixie", "architecture=arm64", "variant=extract", *(f"package={name}" for name in (
    "base-files", "bash", "coreutils", "dash", "diffutils", "findutils", "g++", "gcc", "grep", "gzip", "libc6-dev",
    "libpython3.13-dev", "make", "mawk", "patch", "pkgconf", "python3", "python3-pip", "python3-venv", "sed", "tar", "xz-utils",
    "zlib1g"))]


def make_image():
    lines = [*(f"{key}={value}" for key, value in BUILDER.items()), *IMAGE]
    subprocess.run([ROOT / "tools/prepare/image.sh"], input="\n".join(lines) + "\n", text=True, check=True)


def without_tests(job):
    job["recipe"]["test_command"] = []
    job["tester"]["name"] = job["executor"] = ""
    return job


def emulated(job):
    job.update(mode="emulated", toolchain="image", builder=BUILDER)
    # Debian's scripts would have made the names cc and c++
    job["recipe"]["env"] += [{"name": "CC", "value": "gcc"}, {"name": "CXX", "value": "g++"}]
    return job


def build(folder, job):
    """The build stage's wall and processor seconds, and what is to be compared of the wheel."""
    work = folder / "work"
    run(["rm", "-rf", work])
    (folder / "job.json").write_text(json.dumps(job))
    done = run([ROOT / "build/wheelfarm-agent", "--job", folder / "job.json", "--config", folder / "agent.json"])
    stage = next(s for s in json.loads(done.stdout)["stages"] if s["stage"] == "build")
    wheel = next(path for path in sorted(work.rglob("*.whl"), key=lambda path: "out" not in path.parts)
                 if path.name.lower().startswith(job["package"].replace("-", "_")))
    return stage["wall_s"], stage["cpu_s"], facts(wheel)


def facts(wheel):
    found = {"tags": "-".join(wheel.stem.split("-")[-3:])}
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if not name.endswith(".so"):
                continue
            with archive.open(name) as file:
                elf = ELFFile(file)
                dynamic, symbols = elf.get_section_by_name(".dynamic"), elf.get_section_by_name(".dynsym")
                found[name + ": needs"] = sorted(t.needed for t in dynamic.iter_tags() if t.entry.d_tag == "DT_NEEDED")
                found[name + ": exports"] = sorted(s.name for s in symbols.iter_symbols() if s.entry.st_shndx != "SHN_UNDEF")
    return found


def main():
    make_image()
    print(f"{'package':12} {'cross s':>9} {'CPU':>8} {'emulated s':>11} {'CPU':>8} {'ratio':>7} {'CPU':>7}  wheels")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        jobs = resolve_jobs(folder, PACKAGES)
        (folder / "agent.json").write_text(json.dumps({
            "name": "bench", "slots": 1, "workspace": str(folder / "work"), "cache": str(CACHE),
            "blobs": str(folder / "farm/store"), "uid_base": 60001 if os.getuid() == 0 else 0}))
        for package in PACKAGES:
            wall, cpu, ours = build(folder, without_tests(json.loads(jobs[package])))
            slow_wall, slow_cpu, theirs = build(folder, emulated(without_tests(json.loads(jobs[package]))))
            unlike = sorted(key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key))
            print(f"{package:12} {wall:9.1f} {cpu:8.1f} {slow_wall:11.1f} {slow_cpu:8.1f} {slow_wall / wall:7.1f}"
                  f" {slow_cpu / cpu:7.1f}  {'equal' if not unlike else ''}", flush=True)
            for key in unlike:
                print(f"    {key}: cross {ours.get(key)}, emulated {theirs.get(key)}", flush=True)
    print(f"\n{TARGET}; to reach: equal, and at least 5 times faster")


if __name__ == "__main__":
    main()

"""Records what real packages require, for the differential against uv: the thirty of docs/thirty.md and
what pip takes in with them (propcache is among that, and younger than the first dates), as of several
dates. Asks an index through pip alone; no address is kept.

Usage: record.py OUT   (with the Python of the test environment; some minutes)
"""

import json
import pathlib
import subprocess
import sys
import tempfile

from packaging.utils import canonicalize_name

PACKAGES = """markupsafe pyyaml cffi psutil wrapt msgpack charset-normalizer multidict frozenlist yarl
    aiohttp[speedups] greenlet regex zstandard lz4 kiwisolver contourpy simplejson coverage[toml] rapidfuzz[all]
    ujson xxhash bitarray lxml[html5] bcrypt pydantic-core orjson numpy cryptography[ssh]""".split()
DATES = ("2023-10-01", "2024-12-01", "2025-07-01", None)
PLATFORMS = {
    "windows": ["win_arm64"],
    "glibc": ["manylinux2014_aarch64", *(f"manylinux_2_{n}_aarch64" for n in (17, 24, 26, 27, 28))],
    "musl": ["musllinux_1_1_aarch64", "musllinux_1_2_aarch64"],
}
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]


def taken(date, folder):
    """(metadata, name of the wheel) of what pip would install by then."""
    report = folder / "report.json"
    subprocess.run(
        [*PIP, "install", "--dry-run", "--ignore-installed", "--quiet", "--report", report,
         "--only-binary", ":all:", "--python-version", "3.11", "--target", folder / "t",
         *[f"--platform=manylinux_2_{n}_x86_64" for n in (17, 24, 26, 27, 28)],
         "--platform=manylinux2014_x86_64", *([f"--uploaded-prior-to={date}"] if date else []),
         *PACKAGES], check=True)
    return [(entry["metadata"], entry["download_info"]["url"].rsplit("/", 1)[-1])
            for entry in json.loads(report.read_text())["install"]]


def versions(name, tags):
    """Those with a wheel that fits."""
    done = subprocess.run(
        [*PIP, "index", "versions", name, "--json", "--only-binary", ":all:", "--python-version", "3.13",
         *[f"--platform={tag}" for tag in tags]],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    return set(json.loads(done.stdout)["versions"]) if done.returncode == 0 else set()


def main():
    found, kinds = {}, {}
    with tempfile.TemporaryDirectory() as text:
        for date in DATES:
            for metadata, wheel in taken(date, pathlib.Path(text)):
                key = canonicalize_name(metadata["name"]), metadata["version"]
                found[key] = metadata
                kinds[key] = ["any"] if wheel.endswith("-none-any.whl") else []
            print(date, len(found), flush=True)
    with open(sys.argv[1], "w") as out:
        compiled = sorted({name for name, version in found if not kinds[name, version]})
        for name in compiled:
            for kind, tags in PLATFORMS.items():
                fit = versions(name, tags)
                for key in found:
                    if key[0] == name and kinds[key] != ["any"] and key[1] in fit:
                        kinds[key].append(kind)
            print(name, flush=True)
        for (name, version), metadata in sorted(found.items()):
            out.write(json.dumps({
                "name": name, "version": version, "kinds": kinds[name, version] or ["x86"],
                "python": metadata.get("requires_python"), "requires": metadata.get("requires_dist", []),
                "extras": metadata.get("provides_extra", [])}) + "\n")


if __name__ == "__main__":
    main()

"""Real wheels for the differential tests and benchmarks: each of wheel-requirements.txt for four
platforms, downloaded once by pip (hashes checked) into XDG_CACHE_HOME/wheelfarm/test-wheels.

    python real_wheels.py [PLATFORM…]      downloads, prints the paths
"""

import fcntl
import os
import pathlib
import subprocess
import sys

LIST = pathlib.Path(__file__).with_name("wheel-requirements.txt")
GLIBC = ["2_28", "2_27", "2_26", "2_17", "2_12", "2_5"]
PLATFORMS = {
    "aarch64": [f"manylinux_{v}_aarch64" for v in GLIBC[:4]] + ["manylinux2014_aarch64"],
    "x86_64": [f"manylinux_{v}_x86_64" for v in GLIBC] + ["manylinux2014_x86_64", "manylinux1_x86_64"],
    "win_arm64": ["win_arm64"],
    "win_amd64": ["win_amd64"],
}


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "wheelfarm/test-wheels"


def wheels(platform):
    """The paths of one platform's wheels, by name; pip's error is raised if they cannot be had."""
    folder = cache_folder() / platform
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / ".complete"
    text = LIST.read_text()
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text() != text:
            for old in folder.glob("*.whl"):
                old.unlink()
            command = [sys.executable, "-m", "pip", "download", "--quiet",
                       "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:",
                       "--require-hashes", "--python-version", "3.13", "--implementation", "cp",
                       "--abi", "cp313", "--abi", "abi3", "--dest", str(folder),
                       "--requirement", str(LIST)]
            for tag in PLATFORMS[platform]:
                command += ["--platform", tag]
            subprocess.run(command, check=True)
            done.write_text(text)
    return sorted(folder.glob("*.whl"))


if __name__ == "__main__":
    for chosen in sys.argv[1:] or PLATFORMS:
        for path in wheels(chosen):
            print(path)

"""The Wine bench's Python, called by hand: in a sandbox like the agent's, from the image in the cache."""

import subprocess

from conftest import CACHE, wheelfarm

IMAGE = "bookworm-arm64-wine"
IMAGE_311 = "bookworm-arm64-wine-cp311"
PYTHON = "/opt/wheelfarm/bin/python3.13"
MISSING = "the Wine bench is not in the cache (./farm run makes it)"


def identity(image=IMAGE):
    """The file that a complete image has, whether it is there or not."""
    said = wheelfarm("recipe", "image", image).stdout.splitlines()
    revision = dict(line.split("=", 1) for line in said)["revision"]
    return CACHE / f"images/{image}-{revision}/identity"


def start(tmp, arguments, binds=(), stderr=subprocess.PIPE):
    """A process whose output is to be read: Python with `arguments`; `tmp` becomes /tmp, each (from, to) of `binds`
    is there to be read. Its end is the end of everything that Wine started."""
    root = identity().parent / "root"
    folders = [(root / name, f"/{name}") for name in ("usr", "bin", "lib", "etc", "opt")]
    options = [part for pair in (*folders, *binds) for part in ("--ro-bind", *pair)]
    return subprocess.Popen(
        ["bwrap", "--unshare-all", "--hostname", "wheelfarm", "--die-with-parent", *options, "--proc", "/proc", "--dev", "/dev",
         "--bind", tmp, "/tmp", "--chdir", "/tmp", "--clearenv", "--setenv", "HOME", "/tmp", "--setenv", "LANG", "C.UTF-8",
         PYTHON, *arguments], stdout=subprocess.PIPE, stderr=stderr, stdin=subprocess.DEVNULL, text=True,
        errors="replace")

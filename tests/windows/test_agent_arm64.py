"""The agent for ARM64, in the Wine bench's root under emulation: that it starts, takes a job, builds and says so."""

import os
import pathlib
import subprocess

import pytest
from conftest import ROOT
from farm import Agent, Farm, wait_until, wheel_of

BUILD = ROOT / "build-win-arm64"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
BENCH = CACHE / "wheelfarm/images/bookworm-arm64-wine-1"
# as tools/prepare/wine/python.sh has it; its output is a pipe, as nothing starts there with a file
START = """
export WINEPREFIX=/tmp/.wine-prefix WINEDEBUG=-all PROCESSOR_ARCHITECTURE=ARM64 PROCESSOR_ARCHITEW6432=ARM64
export PATH=/usr/lib/wine:/usr/bin:/bin
[ -e "$WINEPREFIX" ] || cp -R /opt/wheelfarm/prefix "$WINEPREFIX"
wine64 "$@" 2>&1 | cat
"""


class Bench:
    """What the tests know of a Wine, for the root of the bench: one sandbox a start, which ends all in it."""

    def __init__(self, folder):
        self.folder = folder
        self.prefix = folder / ".wine-prefix"

    def start(self, program, *words, **options):
        root = [part for name in ("usr", "bin", "lib", "etc", "opt")
                for part in ("--ro-bind", BENCH / "root" / name, f"/{name}")]
        return subprocess.Popen(
            ["bwrap", "--unshare-pid", "--unshare-ipc", "--die-with-parent", *root, "--proc", "/proc", "--dev", "/dev",
             "--bind", self.folder, "/tmp", "--bind", self.folder, self.folder, "--ro-bind", BUILD, BUILD,
             "--chdir", "/tmp", "--clearenv", "--setenv", "HOME", "/tmp", "--setenv", "LANG", "C.UTF-8",
             "/bin/sh", "-c", START, "sh", f"Z:{program}", *words], stdin=subprocess.DEVNULL,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **options})


@pytest.fixture
def bench(tmp_path):
    if not (BENCH / "identity").exists() or not (BUILD / "wheelfarm-agent.exe").exists():
        pytest.skip("needs the Wine bench's image and ./farm build windows")
    return Bench(tmp_path)


def test_a_job_on_arm64(bench, index, port, tmp_path):
    process = bench.start(BUILD / "wheelfarm-agent.exe", "--version")
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0 and output.split() == [b"wheelfarm-agent", b"0.1.0"]
    farm = Farm(tmp_path, index, port, "arm64")
    wheel = wheel_of("passes", tmp_path)
    farm.add("passes", ["echo hello from cmd", f"copy /b {wheel.name} %1 >nul"], {wheel.name: wheel.read_bytes()})
    farm.start()
    agent = Agent(bench, farm, "arm", BUILD)
    try:
        agent.start()
        wait_until(lambda: farm.jobs() == {"passes": "done"}, 400)
        assert farm.results() == {"passes": ["pass", None, None]}
    finally:
        agent.kill()
        farm.stop()

"""A real farm on loopback for an agent that runs under Wine: `wheelfarm serve`, an index, and sdists whose build is a
build.cmd of theirs. What stands in for images and the compiler are folders of the right names."""

import contextlib
import gzip
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time

import pip

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/data/inspect")]

from wheel_kit import PYD, Wheel, windows_module  # noqa: E402

WHEELFARM = ROOT / "build/wheelfarm"
TARGET = "cp313-win_arm64"


def wait_until(holds, seconds=120):
    """A bound, not a measure: Wine takes its time to start anything."""
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end
        time.sleep(0.1)
    return found


def wheel_of(name, folder, more=b""):
    """A right wheel for the target, with `more` bytes of data in it."""
    wheel = Wheel(f"{name}-1.0-cp313-cp313-win_arm64.whl", {PYD: windows_module(), "demo/data.bin": more},
                  info=f"{name}-1.0.dist-info",
                  metadata=f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n".encode())
    wheel.save(folder)
    return pathlib.Path(folder) / wheel.name


# A build that is cmd's, behind the hook that a build of Python's has.
BACKEND = b"""\
import os, subprocess, sys

def build_wheel(folder, config_settings=None, metadata_directory=None):
    code = subprocess.call(["cmd", "/d", "/c", "build.cmd", os.path.normpath(folder)])
    if code != 0:
        sys.exit(code)
    return next(name for name in os.listdir(folder) if name.endswith(".whl"))
"""


def sdist_of(name, build, files):
    """NAME-1.0.tar.gz with a build.cmd of these lines, and files (path to bytes)."""
    out = io.BytesIO()
    members = {"PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
               "pyproject.toml": b'[build-system]\nrequires = []\nbuild-backend = "here"\nbackend-path = ["."]\n',
               "here.py": BACKEND, "build.cmd": ("@echo off\r\n" + "\r\n".join(build) + "\r\n").encode(), **files}
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1, mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for path, data in members.items():
                info = tarfile.TarInfo(f"{name}-1.0/{path}")
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def real_python(made, inside, programs):
    """Fills a folder with a CPython for Windows: `made` by tools/prepare, and there `inside` the prefix; with what its makers'
    installer brings besides: pip, and a launcher for virtual environments."""
    def fill(root):
        for name in ("python.exe", "python3.dll", "python313.dll", "DLLs"):
            (root / name).symlink_to(f"{inside}/{name}")
        (root / "Lib").mkdir()
        for path in (made / "Lib").iterdir():
            if path.name not in ("venv", "site-packages"):
                (root / "Lib" / path.name).symlink_to(f"{inside}/Lib/{path.name}")
        shutil.copytree(made / "Lib/venv", root / "Lib/venv")
        shutil.copy(programs / "tests/windows/launcher.exe", root / "Lib/venv/scripts/nt/venvlauncher.exe")
        site = root / "Lib/site-packages"
        site.mkdir()
        shutil.copytree(pathlib.Path(pip.__file__).parent, site / "pip", ignore=shutil.ignore_patterns("__pycache__"))
    return fill


class Farm:
    """Packages are added before it starts. `agents()` are started and ended by the tests."""

    def __init__(self, folder, index, port, architecture="amd64"):
        self.folder = pathlib.Path(folder)
        self.index = index
        self.port = port
        self.names = []
        self.server = None
        self.local = 0
        self.more = ""
        self.recipes = self.folder / "recipes"
        shutil.copytree(ROOT / "recipes", self.recipes, ignore=shutil.ignore_patterns("*.c", "*.h"))
        self.config = self.folder / "farm.yaml"
        self.image = f"windows-{architecture}-1"
        # as docs/windows.md has it
        mode = "native" if architecture == "arm64" else "cross"
        line = f"  - {{mode: {mode}, toolchain: msvc, version: msvc-17, builder: windows-{architecture}}}"
        target = self.recipes / f"targets/{TARGET}.yaml"
        text, changed = re.subn(r"(?m)^  - \{mode: cross, .*\}$", line, target.read_text(encoding="utf-8"))
        assert changed == 1
        target.write_text(text, encoding="utf-8")

    def add(self, name, build, files=None, patch=None, **limits):
        data = sdist_of(name, build, files or {})
        file = f"{name}-1.0.tar.gz"
        self.names.append(name)
        self.index.answers[f"/files/{file}"] = (200, "application/octet-stream", data)
        self.index.pages[name] = {
            "meta": {"api-version": "1.1"}, "name": name, "versions": ["1.0"], "files": [{
                "filename": file, "url": f"/files/{file}", "size": len(data), "yanked": False,
                "hashes": {"sha256": hashlib.sha256(data).hexdigest()}, "upload-time": "2026-01-01T00:00:00Z"}]}
        recipe = f"schema: 1\nname: {name}\nrevision: 1\n"
        if limits:
            recipe += "limits: {%s}\n" % ", ".join(f"{key}: {value}" for key, value in limits.items())
        if patch:
            (self.recipes / "patches" / name).mkdir()
            (self.recipes / "patches" / name / "fix.patch").write_bytes(patch)
            recipe += ("patches:\n  - file: fix.patch\n    sha256: %s\n    strip: 1\n    upstream: https://example.invalid/1\n"
                       % hashlib.sha256(patch).hexdigest())
        if limits or patch:
            (self.recipes / f"packages/{name}.yaml").write_text(recipe, encoding="utf-8")

    def cross_build(self, more):
        """As the target's own file says, by an agent of this machine; `more` lines of configuration."""
        shutil.copy(ROOT / f"recipes/targets/{TARGET}.yaml", self.recipes / "targets")
        self.local = 1
        self.more = more

    def environment(self):
        return {**os.environ, "XDG_STATE_HOME": str(self.folder / "state"), "NO_COLOR": "1"}

    def start(self):
        if not self.config.exists():
            self.config.write_text(
                f"schema: 1\nindex: {self.index.url}\nstate: {self.folder / 'farm'}\nrecipes: {self.recipes}\n"
                f"listen: 127.0.0.1:{self.port}\npackages: [{', '.join(self.names)}]\ntargets: [{TARGET}]\n"
                f"build: all\nagents: {{local: {self.local}}}\n{self.more}", encoding="utf-8")
        link = self.folder / "farm/admin.json"
        with open(self.folder / "serve.log", "a", encoding="utf-8") as log:
            self.server = subprocess.Popen([WHEELFARM, "serve", "--config", self.config],
                                           env=self.environment(), stderr=log)
        wait_until(lambda: link.exists() or self.server.poll() is not None)
        assert link.exists(), (self.folder / "serve.log").read_text()
        return self

    def kill(self):
        self.server.send_signal(signal.SIGKILL)
        self.server.wait()
        (self.folder / "farm/admin.json").unlink(missing_ok=True)

    def stop(self):
        self.server.terminate()
        self.server.wait(60)

    def ask(self, *words):
        done = subprocess.run([WHEELFARM, *words, "--config", self.config], env=self.environment(), text=True,
                              capture_output=True, check=True)
        return done.stdout.strip()

    def query(self, sql, *values):
        with contextlib.closing(sqlite3.connect(self.folder / "farm/facts.db")) as db:
            return db.execute(sql, values).fetchall()

    def jobs(self):
        return dict(self.query("SELECT p.name, j.state FROM job j JOIN package p ON p.id = j.package"
                               " WHERE j.kind = 'build'"))

    def results(self):
        """Package to (state, stage, reason) of its final result."""
        return {name: rest for name, *rest in self.query(
            "SELECT p.name, r.state, r.stage, r.reason FROM result r JOIN job j ON j.id = r.job"
            " JOIN package p ON p.id = j.package WHERE r.final AND j.kind = 'build'")}


class Agent:
    """wheelfarm-agent.exe in a Wine prefix, with a cache that says what the farm's jobs want. `python` fills the folder of
    the machine's Python. Without a compiler it only tests."""

    def __init__(self, wine, farm, name, programs, python, compiler=True, **config):
        self.wine = wine
        self.name = name
        self.programs = programs
        self.folder = farm.folder / name
        self.process = None
        self.log = self.folder / "log"
        place = self.folder / "cache/images" / farm.image
        (place / "root").mkdir(parents=True)
        (place / "identity").write_text("of the tests\n", encoding="ascii")
        if compiler:
            self.add_compiler(self.folder / "cache/msvc/win_arm64-1")
        python(place / "root")
        (self.folder / "token").write_text(farm.ask("agent", "add", name), encoding="ascii")
        self.config = self.folder / "agent.json"
        self.work = f"C:/{farm.folder.name}/work"
        self.config.write_text(json.dumps({
            "coordinator": f"http://127.0.0.1:{farm.port}", "token_file": f"Z:{self.folder}/token", "name": name,
            "slots": 1, "workspace": self.work, "cache": f"Z:{self.folder}/cache", "min_free_mb": 64, **config}),
            encoding="utf-8")

    def add_compiler(self, msvc):
        (msvc / "libs").mkdir(parents=True)
        (msvc / "identity").write_text("of the tests\n", encoding="ascii")
        compiler = self.folder / "Microsoft Visual Studio/bin"
        compiler.mkdir(parents=True)
        shutil.copy(self.programs / "tests/windows/cl.exe", compiler)
        (compiler / "made.pyd").write_bytes(windows_module(exports=["PyInit_wheelfarm_canary"]))
        (msvc / "build.env").write_text(f"INCLUDE=C:\\nowhere\nPath=Z:{compiler};C:\\windows\n", encoding="ascii")

    def start(self, *words):
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = self.wine.start(self.programs / "wheelfarm-agent.exe", *words,
                                           "--config", f"Z:{self.config}", stdout=log, stderr=log)
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()

    def place(self):
        """Its workspace as Linux sees it."""
        return self.wine.prefix / "drive_c" / self.work.removeprefix("C:/")

    def left_behind(self):
        return [path.name for path in self.place().glob("slot*-job*")]

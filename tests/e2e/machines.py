"""pip's own code, told that it runs on the machine of a target: what `platform`, `sys`, `sysconfig`
and the C library answer there is put in the place of what they answer here."""

import contextlib
import os
import pathlib
import re
import sys
import types
from unittest import mock

from pip._internal.utils import compatibility_tags
from pip._vendor.packaging import _manylinux, _musllinux, markers, tags

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = {file.stem: file for file in sorted((ROOT / "recipes/targets").glob("*.yaml"))}


class Machine:
    """A target as its file names it: `cp313t-manylinux_2_28_aarch64` with Python 3.13.15."""

    def __init__(self, name):
        self.name = name
        self.full = re.search(
            r'^python_full_version: *"?([0-9.]+)', FILES[name].read_text(), re.MULTILINE)[1]
        self.version = tuple(map(int, self.full.split(".")))
        self.abi, self.platform = name.split("-", 1)
        self.free_threaded = self.abi.endswith("t")
        self.windows = self.platform == "win_arm64"
        found = re.fullmatch(r"(many|musl)linux_(\d+)_(\d+)_aarch64", self.platform)
        assert self.windows or found, name
        self.libc = None if self.windows else (found[1], int(found[2]), int(found[3]))

    @property
    def glibc(self):
        return self.libc[1:] if self.libc and self.libc[0] == "many" else (-1, -1)

    @property
    def musl(self):
        return self.libc[1:] if self.libc and self.libc[0] == "musl" else None

    def config(self, name, *_, **__):
        """sysconfig.get_config_var there."""
        return {
            "Py_GIL_DISABLED": int(self.free_threaded), "Py_DEBUG": 0,
            "py_version_nodot": "%d%d" % self.version[:2],
        }[name]

    @contextlib.contextmanager
    def running(self):
        """Within this, pip runs there."""
        system = "Windows" if self.windows else "Linux"
        python = types.SimpleNamespace(
            version_info=self.version, executable=sys.executable,
            implementation=types.SimpleNamespace(name="cpython", version=types.SimpleNamespace(
                major=self.version[0], minor=self.version[1], micro=self.version[2],
                releaselevel="final", serial=0)),
            platform="win32" if self.windows else "linux")
        with contextlib.ExitStack() as stack:
            put = lambda *what: stack.enter_context(mock.patch.object(*what))
            put(tags.platform, "system", lambda: system)
            put(tags.platform, "machine", lambda: "ARM64" if self.windows else "aarch64")
            put(tags.platform, "release", lambda: "")
            put(tags.platform, "version", lambda: "")
            put(tags.platform, "python_version", lambda: self.full)
            put(tags.platform, "python_version_tuple", lambda: tuple(self.full.split(".")))
            put(tags.platform, "python_implementation", lambda: "CPython")
            put(tags.sysconfig, "get_platform",
                lambda: "win-arm64" if self.windows else "linux-aarch64")
            put(tags, "_get_config_var", self.config)
            put(tags, "sys", python)
            put(markers, "sys", python)
            put(markers, "os", types.SimpleNamespace(name="nt" if self.windows else os.name))
            put(_manylinux, "_get_glibc_version", lambda: _manylinux._GLibCVersion(*self.glibc))
            put(_manylinux, "_have_compatible_abi", lambda *_: True)
            put(_manylinux, "_get_manylinux_module", lambda: None)
            put(_musllinux, "_get_musl_version",
                lambda *_: self.musl and _musllinux._MuslVersion(*self.musl))
            yield

    def tags(self):
        """The tags that pip accepts there, best first: pip's get_supported() without arguments."""
        with self.running():
            return [str(tag) for tag in compatibility_tags.get_supported()]

    def platforms(self):
        """The platform tags of that machine, best first."""
        with self.running():
            return list(tags.platform_tags())

    def environment(self):
        """The marker environment there."""
        with self.running():
            return dict(markers._cached_default_environment.__wrapped__())

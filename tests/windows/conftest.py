"""A Wine prefix of the tests' own, and the programs of build-win-amd64 in it."""

import importlib.util
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build-win-amd64"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "wheelfarm"
# The CPython for x64 that tools/prepare/wine_python.sh made last; None: it did not yet
PYTHON = max((path.parent for path in CACHE.glob("wine-python/3.13-win_amd64-*/build.txt")),
             key=lambda path: path.stat().st_mtime, default=None)
# What Wine starts by itself, and lets run for the next program.
OWN = (b"wineserver", b"services.exe", b"winedevice.exe", b"plugplay.exe", b"svchost.exe", b"rpcss.exe", b"explorer.exe",
       b"conhost.exe", b"wineboot", b"winemenubuilder")


class Wine:
    def __init__(self, prefix):
        self.prefix = prefix
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ},
            "WINEPREFIX": str(prefix), "WINEDEBUG": "-all", "LANG": "C.UTF-8",
            # no browser, no .NET, no menu entries: nothing is asked for or fetched
            "WINEDLLOVERRIDES": "mshtml,mscoree=;winemenubuilder.exe=d",
        }
        self.program = next(
            path for name in ("wine64", "/usr/lib/wine/wine64") if (path := shutil.which(name)))

    def start(self, *arguments, **options):
        return subprocess.Popen(
            [self.program, *map(str, arguments)], env=self.environment, stdin=subprocess.DEVNULL,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **options})

    def run(self, *arguments, timeout=300, **options):
        """To a file, not a pipe: who starts a prefix hands it to Wine's services, which keep it open."""
        with tempfile.TemporaryFile() as output:
            code = self.start(*arguments, stdout=output, **options).wait(timeout)
            output.seek(0)
            return code, output.read().decode(errors="replace")

    def lines(self):
        """Of all in this prefix: number to command line."""
        found = {}
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                line = (folder / "cmdline").read_bytes()
                # who has none has ended and waits for its parent
                if line and f"WINEPREFIX={self.prefix}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = line
            except OSError:  # it ended while we looked
                pass
        return found

    def processes(self, name):
        """The numbers of those in this prefix whose command line has the name."""
        return [number for number, line in self.lines().items() if name.encode() in line]

    def strangers(self):
        """Command lines of what is in this prefix and not Wine's own."""
        return [line for line in self.lines().values() if not any(one in line for one in OWN)]

    def server(self, option):
        server = next(
            path for name in ("wineserver", "/usr/lib/wine/wineserver64")
            if (path := shutil.which(name)))
        subprocess.run([server, option], env=self.environment, check=False)


@pytest.fixture(scope="session")
def wine(tmp_path_factory):
    if not (BUILD / "build.ninja").exists():
        pytest.fail("build-win-amd64 is not there: ./farm test windows makes it")
    if PYTHON is None:
        pytest.fail("CPython for win_amd64 is not in the cache: ./farm test windows puts it there")
    wine = Wine(tmp_path_factory.mktemp("wine") / "prefix")
    code, output = wine.run("wineboot", "--init")
    assert code == 0, output
    yield wine
    wine.server("-k")
    wine.server("-w")


@pytest.fixture
def port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def index():
    """The index of the end-to-end tests, whose conftest has the name of this one."""
    spec = importlib.util.spec_from_file_location("e2e_conftest", ROOT / "tests/e2e/conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    served = module.Index()
    yield served
    served.close()

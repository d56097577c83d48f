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

    def processes(self, name):
        """The numbers of those in this prefix whose command line has the name."""
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                ours = f"WINEPREFIX={self.prefix}".encode() in (folder / "environ").read_bytes().split(b"\0")
                if ours and name.encode() in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
            except OSError:  # it ended while we looked
                pass
        return found

    def server(self, option):
        server = next(
            path for name in ("wineserver", "/usr/lib/wine/wineserver64")
            if (path := shutil.which(name)))
        subprocess.run([server, option], env=self.environment, check=False)


@pytest.fixture(scope="session")
def wine(tmp_path_factory):
    if not (BUILD / "build.ninja").exists():
        pytest.fail("build-win-amd64 is not there: ./farm test windows makes it")
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

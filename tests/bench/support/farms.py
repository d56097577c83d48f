"""Databases for the benchmark of the dashboard: an index of N made-up packages as a scan leaves it, and the
same with what a year of a farm adds. Made once, kept under build/bench until the index, the schema or what
is added changes."""

import dataclasses
import hashlib
import pathlib
import shutil
import sqlite3
import subprocess

import served
from served import ROOT, local_index, server

DEMO = ROOT / "build/tests/browser/demo_server"
YEAR = pathlib.Path(__file__).with_name("farm_of.sql")


@dataclasses.dataclass
class Farm:
    index: local_index.LocalIndex
    folder: pathlib.Path

    @property
    def scanned(self):
        """The database of a scan alone."""
        return self.folder / "scanned/facts.db"

    @property
    def served(self):
        """The folder of the farm: facts.db, and the store of its logs."""
        return self.folder / "farm"

    def names(self):
        return self.index.names()

    def jobs(self):
        """Numbers of builds that have ended."""
        with sqlite3.connect(f"file:{self.served / 'facts.db'}?mode=ro", uri=True) as db:
            return [row[0] for row in db.execute("SELECT job FROM result ORDER BY job")]


def identity(index):
    digest = hashlib.sha256(f"{index.folder.name}".encode())
    for path in [YEAR, *sorted((ROOT / "sql/migrate").glob("*.sql"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def make(farm, site):
    farm.scanned.parent.mkdir(parents=True)
    subprocess.run(served.scan_command(farm.index, site.tls_url, farm.scanned),
                   env=served.environment(site), capture_output=True, check=True)
    farm.served.mkdir()
    for path in farm.scanned.parent.iterdir():
        shutil.copy(path, farm.served)
    with subprocess.Popen([DEMO, farm.served, YEAR], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        if not process.stdout.readline():
            raise SystemExit(f"{YEAR.name}: the year was not added")
        process.stdin.close()


def ensure(pages):
    index = local_index.ensure(pages)
    farm = Farm(index, ROOT / f"build/bench/{pages}-{identity(index)}")
    if not (farm.folder / "whole").exists():
        shutil.rmtree(farm.folder, ignore_errors=True)
        with server.Server(index) as site:
            make(farm, site)
        (farm.folder / "whole").touch()
    return farm

"""Some hundred pages that look like those of an index, quickly served; and what a database says of
them, in a form that two scans at different times have in common."""

import collections
import json
import sqlite3

from conftest import Index
from mutated_pages import Pages

PAGE_TYPE = "application/vnd.pypi.simple.v1+json"


class Served(Index):
    """demo0, demo1, …: recorded pages cut into pieces, and made-up ones."""

    def __init__(self, recorded, count, seed):
        super().__init__()
        self.server.handle_error = lambda *_: None  # a scan that was killed says no good-bye
        pages = Pages(seed, recorded)
        self.names = [f"demo{n}" for n in range(count)]
        for name in self.names:
            self.put(name, pages.page(name))

    def put(self, name, document):
        self.pages[name] = document
        self.answers[f"/simple/{name}/"] = (200, PAGE_TYPE, json.dumps(document).encode())

    def asked(self):
        """The names whose pages were asked for, in order."""
        return [path.split("/")[2] for path, _ in self.requests]

    def write(self, folder):
        """The same pages as an index folder."""
        for name in self.names:
            (folder / f"{name}.json").write_bytes(self.answers[f"/simple/{name}/"][2])
        return folder


# What is of the run and not of the pages: when it was, and in which order things came.
OF_THE_RUN = {"id", "scanned", "since", "at", "night", "last_change", "started", "ended", "updated"}
RUNS = {"night", "trend", "sqlite_sequence", "sqlite_stat1", "lease", "job"}


def dump(path):
    """{table: its rows and how often each is there}; packages and targets by their names."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    names = {table: dict(db.execute(f"SELECT id, name FROM {table}"))
             for table in ("package", "target")}
    out = {}
    tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for table in {name for name, in tables} - RUNS:
        cursor = db.execute(f"SELECT * FROM {table}")
        columns = [column[0] for column in cursor.description]
        out[table] = collections.Counter(
            tuple((column, names[column][value] if column in names else value)
                  for column, value in zip(columns, row) if column not in OF_THE_RUN)
            for row in cursor)
    db.close()
    return out


def compare(have, want):
    """Lines that say where two dumps differ, none if they do not."""
    lines = [f"only one has the table {table}" for table in have.keys() ^ want.keys()]
    for table in have.keys() & want.keys():
        extra, lacks = have[table] - want[table], want[table] - have[table]
        lines += [f"{table}: extra {row}" for row in list(extra)[:3]]
        lines += [f"{table}: lacks {row}" for row in list(lacks)[:3]]
    return lines


def progress(path):
    """(names of the packages that are stored, did a scan come to its end) of a database that a scan
    was killed over; nothing and False before there is one."""
    if not path.exists():
        return set(), False
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = db.execute("SELECT name FROM package WHERE scanned IS NOT NULL").fetchall()
        ended = db.execute("SELECT count(*) FROM night WHERE ended IS NOT NULL").fetchone()[0]
    except sqlite3.OperationalError:  # killed before its tables were made
        rows, ended = [], 0
    db.close()
    return {name for name, in rows}, ended > 0

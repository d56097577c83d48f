"""Databases of every schema before this one, as fixtures: brought up they are whole, have the shape of a
new one, and say what they said; one of a later schema is refused and left alone."""

import hashlib
import json
import sqlite3

import pytest
from conftest import ROOT, wheelfarm

SCHEMAS = sorted((ROOT / "tests/data/schema").glob("*.sql"))
NEWEST = len(list((ROOT / "sql/migrate").glob("*.sql")))

# What was known and must still be, whatever the schema.
FACTS = (
    "SELECT name, trusted, state, faults FROM agent WHERE id < 3 ORDER BY id",
    "SELECT key, kind, state, priority, attempts, farm_faults, avoid_agent FROM job ORDER BY id",
    "SELECT job, agent, attempt, fence, deadline, ended, outcome FROM lease ORDER BY id",
    "SELECT job, lease, state, reason, owner, line, proven, tests_passed, final, log_sha256"
    " FROM result ORDER BY id",
    "SELECT stage, status, wall_s, cpu_s, peak_memory FROM result_stage",
    "SELECT filename, sha256, size, kind FROM artefact",
    "SELECT module, ok, native FROM import_result",
    "SELECT name, rank, downloads, newest FROM package ORDER BY id",
    "SELECT package, target, headline FROM headline WHERE headline <> 'unknown' ORDER BY 1, 2",
)


def test_no_schema_is_left_out():
    numbers = [int(path.stem) for path in SCHEMAS]
    assert numbers == list(range(1, len(numbers) + 1)), \
        "tests/data/schema/make.py makes those that are not there"


@pytest.fixture
def farm(tmp_path):
    folder = tmp_path / "farm"
    folder.mkdir()
    config = tmp_path / "farm.yaml"
    config.write_text(
        f"schema: 1\nindex: http://127.0.0.1:9/simple/\nstate: {folder}\npackages: [demo]\n")
    return folder / "facts.db", config


def shape(db):
    """Tables, columns, indices, triggers and views, as SQLite understands them."""
    things = db.execute(
        "SELECT type, name, tbl_name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
        " ORDER BY 1, 2").fetchall()
    columns = {name: db.execute(f"PRAGMA table_info({name})").fetchall()
               for kind, name, _ in things if kind in ("table", "view")}
    return things, {name: sorted(row[1:] for row in rows) for name, rows in columns.items()}


def read(path, *questions):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return [db.execute(sql).fetchall() for sql in questions], shape(db)
    finally:
        db.close()


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.stem)
def test_an_earlier_schema_is_brought_up(tmp_path, state, farm, schema):
    path, config = farm
    db = sqlite3.connect(path)
    db.executescript(schema.read_text(encoding="utf-8"))
    db.close()
    before, _ = read(path, *FACTS)
    done = wheelfarm("agent", "add", "three", "--config", config, env=state)
    assert done.returncode == 0, done.stderr
    after, brought_up = read(
        path, *FACTS, "PRAGMA user_version", "PRAGMA integrity_check", "PRAGMA foreign_key_check")
    assert after[-3:] == [[(NEWEST,)], [("ok",)], []]
    assert after[:-3] == before
    shown = wheelfarm("show", "demo", "--db", path, "--json", env=state)
    assert shown.returncode in (0, 1), shown.stderr
    assert json.loads(shown.stdout)["name"] == "demo"

    fresh = tmp_path / "fresh"
    fresh.mkdir()
    config.write_text(config.read_text().replace(str(path.parent), str(fresh)))
    assert wheelfarm("agent", "add", "three", "--config", config, env=state).returncode == 0
    assert read(fresh / "facts.db")[1] == brought_up


def test_a_later_schema_is_refused(state, farm):
    path, config = farm
    db = sqlite3.connect(path)
    db.executescript(f"CREATE TABLE later (x); PRAGMA user_version = {NEWEST + 1};")
    db.close()
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    for words in (["agent", "add", "x", "--config", config], ["agent", "list", "--config", config],
                  ["show", "demo", "--db", path]):
        done = wheelfarm(*words, env=state)
        assert done.returncode == 3, (words, done)
        assert "made by a newer wheelfarm" in done.stderr and done.stderr.count("\n") == 1
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before

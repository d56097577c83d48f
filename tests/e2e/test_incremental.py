"""What a second scan changes, and what it leaves alone."""

import gzip
import json
import shutil
import sqlite3

import pytest

from conftest import PAGES, ROOT, wheelfarm
from served_pages import Served, compare, dump

COUNT = 6


class Night:
    """An index, a database, and scans of all its packages."""

    def __init__(self, folder, state):
        recorded = {name: json.loads(gzip.decompress((PAGES / f"{name}.json.gz").read_bytes()))
                    for name in ("markupsafe", "httptools")}
        self.index = Served(recorded, COUNT, "incremental")
        self.changed = self.index.names[3]
        self.index.put(self.changed, {
            "meta": {"api-version": "1.1"}, "name": self.changed, "files": [
                self.file("1.0-cp313-cp313-win_arm64.whl", "2025-01-01"),
                self.file("1.0.tar.gz", "2025-01-01")]})
        self.db = folder / "facts.db"
        self.state = state
        self.scan("6 read")

    def file(self, rest, day):
        name = f"{self.changed}-{rest}"
        return {"filename": name, "url": f"/files/{name}", "hashes": {},
                "upload-time": f"{day}T10:00:00Z"}

    def page(self):
        return self.index.pages[self.changed]

    def scan(self, says, code=0, env=None):
        self.index.requests.clear()
        done = wheelfarm("scan", "--index", self.index.url, "--rate", "0", "--db", self.db,
                         *self.index.names, env={**self.state, **(env or {})})
        assert done.returncode == code, done.stderr
        assert says in done.stdout, done.stdout

    def shown(self):
        """What is shown of every package, but for when it was looked at."""
        found = {}
        for name in self.index.names:
            done = wheelfarm("show", name, "--db", self.db, "--json", env=self.state)
            found[name] = json.loads(done.stdout)
            found[name].pop("scanned", None)
        return found

    def published(self, target="cp313-win_arm64"):
        [row] = [row for row in self.shown()[self.changed]["targets"] if row["target"] == target]
        return row["published"]


@pytest.fixture
def night(tmp_path, state):
    made = Night(tmp_path, state)
    yield made
    made.index.close()


def others(shown, name):
    return {key: value for key, value in shown.items() if key != name}


def test_nothing_changed(night):
    before, rows = night.shown(), dump(night.db)
    night.scan("6 unchanged")
    assert night.shown() == before
    found = [line for line in compare(dump(night.db), rows) if not line.startswith("package:")]
    assert not found  # a package's row says how it was settled: read, then unchanged


def test_one_file_more(night):
    before = night.shown()
    assert night.published()["version"] == "1.0"
    night.page()["files"].append(night.file("1.1-cp313-cp313-win_arm64.whl", "2026-02-03"))
    night.index.put(night.changed, night.page())
    night.scan("1 read, 5 unchanged")
    after = night.shown()
    assert others(after, night.changed) == others(before, night.changed)
    rows = {row["target"]: row for row in after[night.changed]["targets"]}
    for row in before[night.changed]["targets"]:
        if row["target"] != "cp313-win_arm64":
            # The release is new for all that have its Python; only one has a file of it that fits.
            assert rows[row["target"]]["published"]["file"] == row["published"]["file"]
            assert rows[row["target"]]["headline"] == row["headline"]
    new = rows["cp313-win_arm64"]["published"]
    assert new["version"] == new["newest_version"] == "1.1"
    assert new["newest_date"] == "2026-02-03" and new["behind"] == 0
    assert new["first_version"] == "1.0" and new["first_date"] == "2025-01-01"


def test_a_file_is_yanked(night):
    """The page has the same files; only a flag is another."""
    night.page()["files"][0]["yanked"] = "broken"
    night.index.put(night.changed, night.page())
    night.scan("1 read, 5 unchanged")
    fact = night.published()
    assert fact["state"] == "sdist" and fact["first_version"] is None and fact["behind"] is None


def test_a_release_without_the_wheel_is_a_change_of_that_day(night):
    night.page()["files"].append(night.file("1.1.tar.gz", "2026-02-03"))
    night.index.put(night.changed, night.page())
    night.scan("1 read, 5 unchanged")
    fact = night.published()
    assert fact["state"] == "sdist" and fact["version"] == "1.1"
    assert fact["vanished"] == fact["newest_version"] == "1.0" and fact["behind"] == 1
    [row] = [row for row in night.shown()[night.changed]["targets"]
             if row["target"] == "cp313-win_arm64"]
    assert row["headline"] == "vanished"


@pytest.mark.parametrize("status, body, code, says", [
    (200, b'{"meta": {"api-version": "1.1"}, "name": "demo3", "files": [{"filen', 1,
     "5 unchanged, 1 bad"),
    (200, b"<html>", 1, "5 unchanged, 1 bad"),
    (500, b"", 3, "5 unchanged, 1 "),
])
def test_what_cannot_be_read_takes_nothing_away(night, status, body, code, says):
    """And once the page is back, it is as if nothing had been."""
    before = night.shown()
    good = night.index.answers[f"/simple/{night.changed}/"]
    night.index.answers[f"/simple/{night.changed}/"] = (status, good[1], body)
    night.scan(says, code)
    after = night.shown()
    assert others(after, night.changed) == others(before, night.changed)
    for row, old in zip(after[night.changed]["targets"], before[night.changed]["targets"]):
        assert row["published"] == old["published"]
        assert (row["headline"], row["since"]) == (old["headline"], old["since"])
    night.index.answers[f"/simple/{night.changed}/"] = good
    night.scan("6 packages")
    assert night.shown() == before


def test_a_project_that_is_gone(night):
    """It is known no more, and nothing else changes; once it is back, it is what it was."""
    before, rows = night.shown(), dump(night.db)
    good = night.index.answers.pop(f"/simple/{night.changed}/")
    night.index.pages.pop(night.changed)
    night.scan("5 unchanged, 1 absent", 1)
    after = night.shown()
    assert after[night.changed] == {"name": night.changed, "known": False, "targets": []}
    assert others(after, night.changed) == others(before, night.changed)
    night.index.answers[f"/simple/{night.changed}/"] = good
    night.scan("5 unchanged")
    assert night.shown() == before
    found = compare(dump(night.db), rows)
    assert not [line for line in found if not line.startswith(("package:", "change:"))], found


def test_a_new_target_has_facts_of_all_packages(night, tmp_path):
    """Though no page changed, and the index says so."""
    recipes = tmp_path / "recipes"
    shutil.copytree(ROOT / "recipes", recipes)
    text = (recipes / "targets/cp311-win_arm64.yaml").read_text()
    (recipes / "targets/cp310-win_arm64.yaml").write_text(
        text.replace("cp311", "cp310").replace("3.11.", "3.10."))
    night.state = {**night.state, "WHEELFARM_RECIPES": str(recipes)}
    before = night.shown()
    night.scan("6 packages")
    after = night.shown()
    for name in night.index.names:
        rows = {row["target"]: row for row in after[name]["targets"]}
        new = rows.pop("cp310-win_arm64")
        assert new["published"] is not None and new["published"]["state"] != "not_applicable"
        old = {row["target"]: row for row in before[name]["targets"]}
        old.pop("cp310-win_arm64", None)
        assert rows == old
    # The same as if the target had been there from the start.
    fresh = tmp_path / "fresh.db"
    done = wheelfarm("scan", "--index", night.index.url, "--rate", "0", "--db", fresh,
                     *night.index.names, env=night.state)
    assert done.returncode == 0, done.stderr

    def facts(path):
        db = sqlite3.connect(path)
        rows = db.execute("""
            SELECT p.name, t.name, f.state, f.version, f.file, f.first_version, f.newest_version,
              f.behind, f.vanished, f.lost_accelerator, f.emulated_alternative
            FROM published f JOIN package p ON p.id = f.package JOIN target t ON t.id = f.target""")
        return sorted(rows, key=repr)

    assert facts(night.db) == facts(fresh)
    assert len(facts(fresh)) == COUNT * 36

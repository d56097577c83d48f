"""Stored verdicts on dependencies: equal to what `wheelfarm check` answers one by one, equal after any
change to what all of it judged anew comes to, and seen where people look.

WHEELFARM_VERDICT_GRAPHS: how many made-up indexes; WHEELFARM_MUTATIONS: how many changes, one after the
other; WHEELFARM_SEED: others.
"""

import json
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess

import pytest

import solve_index
from conftest import WHEELFARM
from solve_index import Release
from test_check import RELEASES

SEED = os.environ.get("WHEELFARM_SEED", "1")
ROOT = pathlib.Path(__file__).resolve().parents[2]
MUTATIONS = int(os.environ.get("WHEELFARM_MUTATIONS", "12"))
GRAPHS = int(os.environ.get("WHEELFARM_VERDICT_GRAPHS", "1"))
TARGETS = [f"{python}-{platform}" for python in ("cp311", "cp313") for platform in
           ("win_arm64", "manylinux_2_28_aarch64", "musllinux_1_2_aarch64")]
WORDS = {"o": "ok", "k": "blocked", "u": "unknown"}


def scan(index, db, *words, code=(0,)):
    done = subprocess.run([WHEELFARM, "scan", "--index", index.url, "--db", db, "--rate", "0", *words],
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in code, (done.returncode, done.stdout, done.stderr)
    return done


def verdicts(db):
    """Package to (letter a target, blockers), and the ids of the targets."""
    base = sqlite3.connect(db)
    ids = dict(base.execute("SELECT name, id FROM target"))
    blockers = {}
    for name, *row in base.execute("""SELECT p.name, b.targets, b.root, b.version, b.reason, b.path
            FROM blocker b JOIN package p ON p.id = b.package ORDER BY p.name, b.number"""):
        blockers.setdefault(name, []).append(row)
    rows = {name: (letters, words, blockers.get(name, [])) for name, letters, words in
            base.execute("SELECT name, dependencies, words FROM package")}
    base.close()
    return rows, ids


def judged_anew(db, folder, index):
    """The same facts, and nothing of what was made of them."""
    again = folder / "again.db"
    shutil.copy(db, again)
    base = sqlite3.connect(again)
    base.executescript("""DELETE FROM release_pack; DELETE FROM judged_pack; DELETE FROM blocker; DELETE FROM need;
        UPDATE package SET dependencies = ''; INSERT OR REPLACE INTO dependency_due (package)
        SELECT id FROM package WHERE scanned IS NOT NULL OR absent;""")
    name = base.execute("SELECT name FROM package WHERE scanned IS NOT NULL").fetchone()[0]
    base.close()
    scan(index, again, name)
    return again


def answer_of_check(index, db, name, version):
    done = subprocess.run(
        [WHEELFARM, "check", "--json", "--index", index.url, "--db", db, "--fresh", "86400",
         *[word for target in TARGETS for word in ("--target", target)], f"{name}=={version}"],
        capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 1), (done.returncode, done.stderr)
    return {item["target"]: item["installable"] for item in json.loads(done.stdout)["items"]}


def different_from_check(index, db, folder, names):
    """Pairs of package and target on which the stored verdict is not what `check` says."""
    rows, ids = verdicts(db)
    base = sqlite3.connect(db)
    wrong, seen = [], {"ok": 0, "blocked": 0, "unknown": 0}
    for name in names:
        looked_at = list(base.execute("""SELECT u.targets, u.version, u.state FROM published_fact u
            JOIN package p ON p.id = u.package WHERE p.name = ?""", (name,)))
        for targets, version, state in looked_at:
            mine = [t for t in TARGETS if targets[ids[t] - 1:ids[t]] == "1"]
            if state not in ("wheel", "pure") or not mine:
                continue
            asked = answer_of_check(index, folder / "check.db", name, version)
            for target in mine:
                word = WORDS[rows[name][0][ids[target] - 1]]
                seen[word] += 1
                if word != ("ok" if asked[target] else "blocked"):
                    wrong.append((name, version, target, word, asked[target]))
    base.close()
    return wrong, seen


def changed(draw, releases):
    """A few packages as they might be a day later; their names."""
    names = draw.sample(sorted(releases), 4)
    for name in names:
        known = releases[name]
        what = draw.random()
        last = known[-1]
        if what < 0.3:
            known.append(Release(name, f"{90 + len(known)}.0", draw.choice((["any"], ["sdist"], ["glibc"])),
                                 draw.choice(known).requires, None, False, last.extras))
        elif what < 0.6 and len(known) > 1:
            known.pop()
        elif what < 0.8:
            last.yanked = not last.yanked
        else:
            last.kinds = draw.choice((["any"], ["x86", "sdist"], ["glibc", "musl", "windows"]))
    return names


@pytest.mark.parametrize("number", range(GRAPHS))
def test_as_check_and_as_judged_anew(number, tmp_path):
    draw = random.Random(f"verdicts {SEED} {number}")
    releases = solve_index.generate(f"verdicts {SEED} {number}", packages=40, large=1)
    index = solve_index.SolveIndex(releases)
    db = tmp_path / "facts.db"
    try:
        scan(index, db, "--dependencies", *sorted(releases))
        wrong, seen = different_from_check(index, db, tmp_path, sorted(releases))
        assert not wrong, (number, len(wrong), wrong[:4], seen)
        assert seen["ok"] and seen["blocked"] and seen["unknown"] == 0, seen
        for _ in range(3):
            names = changed(draw, releases)
            index.close()
            index = solve_index.SolveIndex(releases)
            scan(index, db, "--dependencies", *names)
            assert verdicts(db)[0] == verdicts(judged_anew(db, tmp_path, index))[0], names
        (tmp_path / "check.db").unlink()
        wrong, seen = different_from_check(index, db, tmp_path, sorted(releases))
        assert not wrong, (number, len(wrong), wrong[:4], seen)
    finally:
        index.close()


def mutated(draw, releases, names):
    """One package as it might be an hour later; half the time it has another release like its last one."""
    name = draw.choice(names)
    known = releases[name]
    last, what = known[-1], draw.random()
    number = f"{100 + len(known)}.0"
    if what < 0.5:
        known.append(Release(name, number, last.kinds, last.requires, last.python, False, last.extras))
    elif what < 0.6:
        known.append(Release(name, number, draw.choice((["any"], ["sdist"], ["glibc"])),
                             draw.choice(known).requires, None, False, last.extras))
    elif what < 0.7 and len(known) > 1:
        known.pop()
    elif what < 0.8:
        last.yanked = not last.yanked
    elif what < 0.9:
        known[draw.randrange(len(known))].kinds = draw.choice((["any"], ["x86", "sdist"], ["windows"]))
    else:
        last.requires = draw.choice(known).requires
    return name


def without_proofs(rows):
    """There may be more than one proof of a conflict."""
    return {name: (letters, words, [[*row[:4], row[4] if row[3] != "conflict" else ""] for row in blockers])
            for name, (letters, words, blockers) in rows.items()}


def test_any_change_as_judged_anew(tmp_path):
    """Changes one by one, most of which move nothing but the package: nobody else is judged then."""
    draw = random.Random(f"mutations {SEED}")
    releases = solve_index.generate(f"mutations {SEED}", packages=40, large=0)
    names, db, judged = sorted(releases), tmp_path / "facts.db", []
    index = solve_index.SolveIndex(releases)
    try:
        scan(index, db, "--dependencies", *names)
        for number in range(MUTATIONS):
            name = mutated(draw, releases, names)
            index.close()
            index = solve_index.SolveIndex(releases)
            told = scan(index, db, "--dependencies", name).stdout
            found = re.search(r"dependencies: (\d+) judged", told)
            judged.append(int(found[1]) if found else 0)
            mine, anew = (without_proofs(verdicts(base)[0]) for base in (db, judged_anew(db, tmp_path, index)))
            different = [n for n in mine if mine[n] != anew[n]]
            assert not different, (number, name, different, mine[different[0]], anew[different[0]])
        assert min(judged) <= 2 < max(judged), judged
    finally:
        index.close()


@pytest.fixture
def small():
    index = solve_index.SolveIndex(solve_index.by_name(RELEASES))
    yield index
    index.close()


def show(db, name):
    done = subprocess.run([WHEELFARM, "show", "--json", "--db", db, name],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return {t["target"]: t for t in json.loads(done.stdout)["targets"]}


def test_blocked_is_said_with_its_root(small, tmp_path):
    db = tmp_path / "facts.db"
    scan(small, db, "needs", "between", "compiled")
    assert show(db, "needs")["cp313-win_arm64"]["dependencies"] == "unknown"
    assert show(db, "needs")["cp313-win_arm64"]["headline"] == "ready"
    scan(small, db, "--dependencies", "needs")
    told = show(db, "needs")["cp313-win_arm64"]
    assert (told["headline"], told["dependencies"]) == ("blocked", "blocked")
    assert told["blockers"] == [{"name": "compiled", "version": "1.0", "headline": "missing", "waits": 2,
                                 "reason": "no_wheel", "path": "needs 1.0 -> between 1.0 -> compiled 1.0"}]
    on_linux = show(db, "needs")["cp313-manylinux_2_28_aarch64"]
    assert (on_linux["headline"], on_linux["dependencies"], on_linux["blockers"]) == ("ready", "ok", [])
    # The site says the same: page, badge, and the list of roots.
    site = tmp_path / "site"
    done = subprocess.run([WHEELFARM, "report", "--out", site, "--db", db], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    page = (site / "package/needs.html").read_text()
    assert "blocked" in page and "compiled" in page
    badge = next(site.glob("badge/needs/*win*")).read_text()
    assert "blocked" in badge
    roots = json.loads((site / "blockers.json").read_text())["roots"]
    assert [(r["name"], r["reason"], r["waits"]) for r in roots] == [("compiled", "no_wheel", 2)]
    assert [p["name"] for p in roots[0]["packages"]] == ["between", "needs"]
    first = json.loads((site / "start-here.json").read_text())["packages"][0]
    assert (first["name"], first["waits"]) == ("compiled", 2)


def test_a_new_wheel_frees_those_that_wait(small, tmp_path):
    db = tmp_path / "facts.db"
    scan(small, db, "--dependencies", "needs")
    small.releases["compiled"][0].kinds.append("windows")
    small.pages.clear()
    done = scan(small, db, "compiled")
    assert "3 judged" in done.stdout, done.stdout
    assert show(db, "needs")["cp313-win_arm64"]["headline"] == "ready"
    base = sqlite3.connect(db)
    assert base.execute("SELECT count(*) FROM blocker WHERE root = 'compiled' AND "
                        "substr(targets, (SELECT id FROM target WHERE name = 'cp313-win_arm64'), 1) = '1'"
                        ).fetchone() == (0,)
    base.close()


def test_a_new_release_is_read_before_anybody_is_judged_by_it(small, tmp_path):
    """Like the one before it, it moves nobody: it is judged itself, and the words that speak of it are new."""
    db = tmp_path / "facts.db"
    scan(small, db, "--dependencies", "needs")
    small.releases["between"].append(Release("between", "2.0", ["any"], ["compiled"]))
    small.metadata |= {f"/files/{file}.metadata": release.metadata()
                       for release in small.releases["between"] for file in release.wheels()}
    small.pages.clear()
    done = scan(small, db, "--dependencies", "between")
    assert "dependencies: 2 judged, 2 changed, 1 pages and metadata" in done.stdout, done.stdout
    assert show(db, "needs")["cp313-win_arm64"]["blockers"][0]["path"] == (
        "needs 1.0 -> between 2.0 -> compiled 1.0")


def documented():
    """Table to its columns with their types, as docs/export.md has them."""
    found = {}
    for line in (ROOT / "docs/export.md").read_text().splitlines():
        row = re.match(r"\| `(\w+)\.(\w+)` \| (\w+) \|", line)
        if row:
            found.setdefault(row[1], []).append((row[2], row[3]))
    return found


def test_what_is_exported_is_what_is_documented(small, tmp_path):
    db, out = tmp_path / "fa?ts #1.db", tmp_path / "out"
    scan(small, db, "--dependencies", "needs", "gone")
    for _ in range(2):  # the second takes the place of the first
        done = subprocess.run([WHEELFARM, "export", "--db", db, "--out", out], capture_output=True,
                              text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in out.iterdir()) == ["facts.sqlite", "packages.jsonl"]
    base = sqlite3.connect(out / "facts.sqlite")
    tables = [row[0] for row in base.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    assert {table: [(c[1], c[2]) for c in base.execute(f"PRAGMA table_info({table})")]
            for table in tables} == documented()
    assert base.execute("PRAGMA user_version").fetchone() == (1,)
    assert base.execute("""SELECT headline, dependencies, state, version FROM fact
        WHERE package = 'needs' AND target = 'cp313-win_arm64'""").fetchall() == [
            ("blocked", "blocked", "pure", "1.0")]
    assert base.execute("""SELECT root, version, reason, path FROM blocker
        WHERE package = 'needs' AND target = 'cp313-win_arm64'""").fetchall() == [
            ("compiled", "1.0", "no_wheel", "needs 1.0 -> between 1.0 -> compiled 1.0")]
    assert base.execute("SELECT name FROM need WHERE package = 'needs' AND extra = ''").fetchall() == [("between",)]
    # Line by line the same as `show`, and both files say the same.
    lines = [json.loads(line) for line in (out / "packages.jsonl").read_text().splitlines()]
    assert {line["name"] for line in lines} == {row[0] for row in base.execute("SELECT name FROM package")}
    for line in lines:
        assert {t["target"]: t for t in line["targets"]} == show(db, line["name"])
        assert [(t["target"], t["headline"], t["dependencies"]) for t in line["targets"]] == list(
            base.execute("SELECT target, headline, dependencies FROM fact WHERE package = ? ORDER BY target",
                         (line["name"],)))
    base.close()


def fields_documented():
    """Paths of packages.jsonl in docs/export.md; ".x" goes on where the one before it ends."""
    found = set()
    for line in (ROOT / "docs/export.md").read_text().split("## packages.jsonl")[1].splitlines():
        base = ""
        for path in re.findall(r"`([^`]+)`", line.split("|")[1]) if line.startswith("| `") else ():
            base = base if path.startswith(".") else path.rpartition(".")[0]
            found.add(base + path if path.startswith(".") else path)
    return found


def fields_of(value, path=""):
    """Each field that holds something, and the objects on the way to it."""
    if isinstance(value, dict) and path != "recipe.says":
        for key, inner in value.items():
            yield from fields_of(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for inner in value:
            yield from fields_of(inner, f"{path}[]")
    else:
        yield path


def test_each_field_of_a_line_is_documented(tmp_path):
    """Of the database that the browser's tests look at, which has something of everything."""
    program = ROOT / "build/tests/browser/demo_server"
    with subprocess.Popen([program, tmp_path, ROOT / "tests/browser/demo.sql"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout.readline()
        done = subprocess.run([WHEELFARM, "export", "--db", tmp_path / "facts.db", "--out", tmp_path / "out"],
                              capture_output=True, text=True, timeout=60, check=False)
        server.stdin.close()
    assert done.returncode == 0, done.stderr
    documented_fields, seen = fields_documented(), set()
    for line in (tmp_path / "out/packages.jsonl").read_text().splitlines():
        seen |= set(fields_of(json.loads(line)))
    assert not seen - documented_fields, seen - documented_fields
    # all but the objects, which are seen where they are null
    objects = {path for path in documented_fields if any(p.startswith(f"{path}.") for p in documented_fields)}
    assert not documented_fields - objects - seen, documented_fields - objects - seen


def farm(tmp_path, index, *lines):
    config = tmp_path / "farm.yaml"
    config.write_text("\n".join(("schema: 1", f"index: {index.url}", "state: farm", "listen: 127.0.0.1:0",
                                 "packages: [needs, gone]", "agents: {local: 0}", *lines)) + "\n")
    return config


def test_a_farm_reads_dependencies_and_exports_by_date(small, tmp_path):
    out = tmp_path / "data"
    out.mkdir()
    for name in ("facts-2001-02-03.sqlite", "packages-2001-02-03.jsonl", "facts-2001-02-30x.sqlite", "notes"):
        (out / name).write_text("old")
    config = farm(tmp_path, small, "scan: {dependencies: true, rate: 0}", "export: data",
                  "keep: {export_days: 2}")
    done = subprocess.run([WHEELFARM, "run", "--config", config], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "dependencies: " in done.stderr and "facts.sqlite and packages.jsonl" in done.stderr
    assert [show(tmp_path / "farm/facts.db", name)["cp313-win_arm64"]["headline"]
            for name in ("needs", "gone")] == ["blocked", "vanished"]
    first = (out / "facts.sqlite").stat().st_ino
    # A server does the same with each scan: the day's files are new ones.
    with subprocess.Popen([WHEELFARM, "serve", "--config", config], stderr=subprocess.PIPE, text=True) as server:
        lines = iter(server.stderr.readline, "")
        assert any("facts.sqlite and packages.jsonl" in line for line in lines)
        server.terminate()
        server.stderr.read()
    assert server.returncode == 0 and (out / "facts.sqlite").stat().st_ino != first
    dates = sorted(p.name for p in out.glob("*-20??-??-??.*"))
    assert len(dates) == 2 and "2001-02-03" not in str(dates), dates
    assert {p.name for p in out.iterdir()} == {
        *dates, "facts.sqlite", "packages.jsonl", "facts-2001-02-30x.sqlite", "notes"}
    assert (out / dates[0]).samefile(out / "facts.sqlite")
    assert (out / dates[1]).samefile(out / "packages.jsonl")


def test_a_farm_that_cannot_export_says_so(small, tmp_path):
    (tmp_path / "data").write_text("no folder")
    done = subprocess.run([WHEELFARM, "run", "--config", farm(tmp_path, small, "export: data")],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3 and "export: " in done.stderr, (done.returncode, done.stderr)


def test_an_export_that_fails_leaves_what_was_there(small, tmp_path):
    db, out = tmp_path / "facts.db", tmp_path / "out"
    scan(small, db, "ready")
    out.mkdir()
    (out / "facts.sqlite").write_text("old")
    done = subprocess.run([WHEELFARM, "export", "--db", tmp_path / "none.db", "--out", out],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and "none.db" in done.stderr, done.stderr
    assert [(p.name, p.read_text()) for p in out.iterdir()] == [("facts.sqlite", "old")]

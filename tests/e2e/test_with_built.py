"""The second stored verdict, for which the wheels count that the farm itself made: as `wheelfarm check
--allow-built` answers, equal after any change to what all of it judged anew comes to, and shown."""

import json
import os
import random
import shutil
import sqlite3
import subprocess

import pytest

import solve_index
from conftest import WHEELFARM
from test_check import RELEASES, TARGET, add_built
from test_dependencies import mutated, scan, show

SEED = os.environ.get("WHEELFARM_SEED", "1")
MUTATIONS = int(os.environ.get("WHEELFARM_MUTATIONS", "12")) // 2
TARGETS = ["cp313-win_arm64", "cp313-manylinux_2_28_aarch64"]


@pytest.fixture
def small():
    index = solve_index.SolveIndex(solve_index.by_name(RELEASES))
    yield index
    index.close()


def run_sql(db, text):
    base = sqlite3.connect(db)
    base.executescript(text)
    base.close()


def both(db, name):
    told = show(db, name)[TARGET]
    return told["dependencies"], told["dependencies_with_built"], told["headline"]


@pytest.fixture
def waiting(small, tmp_path):
    """`needs` waits for `compiled`, which the farm has built since."""
    db = tmp_path / "facts.db"
    scan(small, db, "--dependencies", "needs", "gone")
    assert both(db, "needs") == ("blocked", "blocked", "blocked")
    add_built(db, next(r for r in RELEASES if r.name == "compiled"), TARGET, "R more>=1\n")
    scan(small, db, "--dependencies", "gone")
    return db


def test_a_wheel_that_was_built_frees_those_that_wait(small, waiting):
    """It says so beside the first verdict, which speaks of what is published; and no more once it is gone."""
    assert both(waiting, "needs") == ("blocked", "ok", "blocked")
    assert both(waiting, "compiled")[:2] == ("unknown", "ok")
    assert both(waiting, "gone")[:2] == ("unknown", "unknown")  # of its newest release nothing was built
    on_linux = show(waiting, "needs")["cp313-manylinux_2_28_aarch64"]
    assert (on_linux["dependencies"], on_linux["dependencies_with_built"]) == ("ok", "ok")
    run_sql(waiting, "UPDATE job SET state = 'superseded'")
    scan(small, waiting, "gone")
    assert both(waiting, "needs")[:2] == ("blocked", "blocked")
    assert both(waiting, "compiled")[:2] == ("unknown", "unknown")
    run_sql(waiting, "UPDATE job SET state = 'done'")
    scan(small, waiting, "gone")
    assert both(waiting, "needs")[:2] == ("blocked", "ok")
    run_sql(waiting, "UPDATE result SET final = 0")
    scan(small, waiting, "gone")
    assert both(waiting, "needs")[:2] == ("blocked", "blocked")


def test_a_wheel_that_is_not_clean_does_not_count(small, tmp_path):
    db = tmp_path / "facts.db"
    scan(small, db, "--dependencies", "needs")
    add_built(db, next(r for r in RELEASES if r.name == "compiled"), TARGET, "R more>=1\n")
    run_sql(db, "UPDATE artefact SET inspect = '{\"ok\": false}'")
    scan(small, db, "--dependencies", "needs")
    assert both(db, "needs")[:2] == ("blocked", "blocked")


def test_what_it_needs_itself_counts(small, tmp_path):
    db = tmp_path / "facts.db"
    scan(small, db, "--dependencies", "needs")
    add_built(db, next(r for r in RELEASES if r.name == "compiled"), TARGET, "R absent\n")
    scan(small, db, "--dependencies", "needs")
    assert both(db, "compiled")[1] == both(db, "needs")[1] == "blocked"


def test_it_is_shown(small, waiting, tmp_path):
    small.releases["compiled"][0].kinds.append("x86")  # its page is read anew, and the headline with it
    small.pages.clear()
    scan(small, waiting, "compiled")
    assert both(waiting, "compiled") == ("unknown", "ok", "builds")
    site = tmp_path / "site"
    done = subprocess.run([WHEELFARM, "report", "--out", site, "--db", waiting], capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "With this farm's own wheels it can be installed" in (site / "package/needs.html").read_text()
    assert "can be installed" not in (site / "package/gone.html").read_text()
    first = json.loads((site / "start-here.json").read_text())["packages"][0]
    assert (first["name"], first["ease"], first["waits"], first["freed_by_built"]) == (
        "compiled", "this farm has built it", 2, 2)
    assert "2 can be had with this farm's wheels" in (site / "start-here.html").read_text()


# --- against check, and against itself ---

def stored(db):
    base = sqlite3.connect(db)
    ids = dict(base.execute("SELECT name, id FROM target"))
    rows = dict(base.execute("SELECT name, with_built FROM package"))
    base.close()
    return rows, ids


def of_check(index, db, folder, name, version):
    shutil.copy(db, folder / "check.db")  # it keeps what it reads
    done = subprocess.run(
        [WHEELFARM, "check", "--json", "--allow-built", "--index", index.url, "--db", folder / "check.db",
         "--fresh", "86400", *[word for t in TARGETS for word in ("--target", t)], f"{name}=={version}"],
        capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 1), (done.returncode, done.stderr)
    return {item["target"]: item["installable"] for item in json.loads(done.stdout)["items"]}


def different_from_check(index, db, folder):
    rows, ids = stored(db)
    base = sqlite3.connect(db)
    wrong, seen = [], {"o": 0, "k": 0}
    for name, letters in sorted(rows.items()):
        looked_at = list(base.execute("""SELECT u.targets, u.version FROM published_fact u
            JOIN package p ON p.id = u.package WHERE p.name = ? AND u.version IS NOT NULL""", (name,)))
        for targets, version in looked_at:
            mine = [t for t in TARGETS if targets[ids[t] - 1:ids[t]] == "1"
                    and letters[ids[t] - 1:ids[t]] in ("o", "k", "u")]
            asked = of_check(index, db, folder, name, version) if mine else {}
            for target in mine:
                letter = letters[ids[target] - 1]
                seen[letter] = seen.get(letter, 0) + 1
                # of what has no wheel of its own nobody asks whether it could be installed
                if (letter == "o") != asked[target]:
                    wrong.append((name, version, target, letter, asked[target]))
    base.close()
    return wrong, seen


def anew(db, folder, index):
    again = folder / "again.db"
    shutil.copy(db, again)
    run_sql(again, """UPDATE package SET with_built = ''; INSERT OR REPLACE INTO dependency_due (package)
        SELECT id FROM package WHERE scanned IS NOT NULL OR absent;""")
    scan(index, again, next(iter(index.releases)))
    return again


def build_some(draw, db, releases):
    """Of half of what has no wheel for everybody, and for either target."""
    wanted = [(release, target) for known in releases.values() for release in known[-3:]
              if "any" not in release.kinds for target in TARGETS]
    for number, (release, target) in enumerate(draw.sample(wanted, len(wanted) // 2), 1):
        requires = "".join(f"E {e}\n" for e in release.extras) + "".join(f"R {r}\n" for r in release.requires)
        add_built(db, release, target, requires, number)


def test_as_check_and_as_judged_anew(tmp_path):
    draw = random.Random(f"with built {SEED}")
    releases = solve_index.generate(f"with built {SEED}", packages=40, large=0)
    names, db = sorted(releases), tmp_path / "facts.db"
    index = solve_index.SolveIndex(releases)
    try:
        scan(index, db, "--dependencies", *names)
        build_some(draw, db, releases)
        scan(index, db, "--dependencies", names[0])
        wrong, seen = different_from_check(index, db, tmp_path)
        assert not wrong, (len(wrong), wrong[:4], seen)
        assert seen["o"] and seen["k"], seen
        for number in range(MUTATIONS):
            if draw.random() < 0.3:
                run_sql(db, f"""UPDATE job SET state = iif(state = 'done', 'superseded', 'done') WHERE id =
                    (SELECT id FROM job ORDER BY id LIMIT 1 OFFSET {number} % (SELECT count(*) FROM job))""")
                name = names[0]
            else:
                name = mutated(draw, releases, names)
                index.close()
                index = solve_index.SolveIndex(releases)
            scan(index, db, "--dependencies", name)
            mine, other = stored(db)[0], stored(anew(db, tmp_path, index))[0]
            different = [(n, mine[n], other[n]) for n in mine if mine[n] != other[n]]
            assert not different, (number, name, different)
    finally:
        index.close()

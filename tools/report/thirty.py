#!/usr/bin/env python3
"""Write docs/thirty.md from the states of farms that ran examples/thirty.yaml and heavy.yaml, whole or in parts.

    python3 tools/report/thirty.py [--before docs/thirty.md] STATE_DIR… [WHEELS_DIR…] >new.md

Each package of the two examples and each of their targets has a row: what the index offers, and the newest build with a
final result in any of the farms, its stage, reason and evidence, and with which SDK it was made. Nothing is taken from
anywhere but the databases and the kept files; what an open one would take is said in thirty.toml beside this file. With
--before, what none of these farms has come to is taken over from a page that was made so, and marked as earlier, with the
time that page gives or, if it gives none, that of the page. A wheel that was built more than once, in whichever farm, is
compared, and with one of the same name that `recipe try` left in a folder of wheels.
"""
import hashlib
import json
import pathlib
import re
import sqlite3
import subprocess
import sys
import time
import tomllib
import zipfile

HERE = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ("thirty", "heavy")
# The backend, by the build requirement that brings it; the first that is asked for counts.
BACKENDS = ("setuptools-rust", "maturin", "meson-python", "scikit-build-core", "scikit-build", "poetry-core", "hatchling",
            "flit-core", "setuptools")
BESIDE = ("cython", "cffi", "pybind11", "nanobind")
LAST = """
SELECT b.*, r.toolchain FROM build b LEFT JOIN (SELECT id, json_extract(body, '$.toolchain') AS toolchain FROM result) r
  ON r.id = b.result
WHERE b.name = ? AND b.target = ? AND b.kind = 'build' AND b.result IS NOT NULL ORDER BY b.finished DESC LIMIT 1"""
QUEUED = """
SELECT count(*) FROM build WHERE name = ? AND target = ? AND kind = 'build' AND result IS NULL AND job > ?"""
WHEELS = """
SELECT DISTINCT a.sha256, a.filename FROM build b JOIN artefact a ON a.result = b.result AND a.kind = 'wheel'
WHERE b.name = ? AND b.version = ? AND b.target = ? AND b.mode = ? AND b.state = 'pass'"""
BUILDS = """
SELECT count(*) FROM build WHERE name = ? AND version = ? AND target = ? AND mode = ? AND state = 'pass'"""


def listed(example, key):
    text = (HERE / "examples" / (example + ".yaml")).read_text(encoding="utf-8")
    block = re.search(r"^%s:\n((?:  - .*\n)+)" % key, text, re.M)
    return [line[4:].strip() for line in block.group(1).splitlines()]


def requirement_names(state, database, result):
    row = database.execute("SELECT sha256 FROM artefact WHERE result = ? AND kind = 'lock'", (result,)).fetchone()
    path = row and state / "store" / row[0][:2] / row[0][2:]
    if not row or not path.exists():
        return []
    wanted = json.loads(path.read_text(encoding="utf-8")).get("requires", [])
    return [re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9._-]*", text).group()).lower() for text in wanted]


def backend(names):
    found = [name for name in BACKENDS if name in names][:1] or ["?"]
    return " + ".join(found + [name for name in BESIDE if name in names])


def published(database, package, target):
    row = database.execute("SELECT f.state, f.version FROM published f JOIN package p ON p.id = f.package "
                           "JOIN target t ON t.id = f.target WHERE p.name = ? AND t.name = ?", (package, target)).fetchone()
    return "not asked" if row is None else "%s %s" % (row["state"], row["version"] or "")


def outcome(row, target):
    if row is None:
        return "not run", ""
    if row["state"] == "pass":
        how = "built, imported (%s)" % row["executor"] if row["proven"] else "built, right bytes"
        return how, ""
    return "%s: %s" % (row["stage"], row["reason"] or "unknown"), (row["line"] or "").strip()


def differing(paths):
    """The files that are not alike in two wheels; of those that are everywhere (RECORD), only if there is nothing else."""
    members = []
    for path in paths:
        with zipfile.ZipFile(path) as wheel:
            members.append({name: wheel.read(name) for name in wheel.namelist()})
    names = sorted(name for name in members[0].keys() | members[1].keys() if members[0].get(name) != members[1].get(name))
    return ", ".join([name for name in names if not name.endswith("/RECORD")] or names or ["the archive's order or times"])


def again(farms, tried, row):
    """"same", "differs: FILES", "once"; "" of what was not built. `tried`: files of wheels, by name."""
    if row is None or row["state"] != "pass":
        return ""
    wanted = (row["name"], row["version"], row["target"], row["mode"])
    found, names, builds = {}, set(), 0
    for state, database in farms:
        builds += database.execute(BUILDS, wanted).fetchone()[0]
        for sha256, name in database.execute(WHEELS, wanted):
            found[sha256] = state / "store" / sha256[:2] / sha256[2:]
            names.add(name)
    for path in (path for name in names for path in tried.get(name, [])):
        found[hashlib.sha256(path.read_bytes()).hexdigest()] = path
        builds += 1
    if builds < 2 or not found:
        return "once"
    if len(found) == 1:
        return "same"
    kept = [path for path in found.values() if path.exists()]
    return "differs: " + (differing(kept[:2]) if len(kept) > 1 else "not kept")


def newest(farms, package, target):
    """The farm (state, database) and row of the newest final result; the first farm and None of what nobody tried."""
    rows = [(farm, farm[1].execute(LAST, (package, target)).fetchone()) for farm in farms]
    return max((pair for pair in rows if pair[1] is not None), key=lambda pair: pair[1]["finished"], default=(farms[0], None))


def sdk(row):
    """The revision of "zig 0.17.1, sdk/cp313-win_arm64-5"."""
    found = re.search(r"sdk/\S+-(\d+)", "" if row is None else row["toolchain"] or "")
    return found.group(1) if found else ""


def minute(seconds):
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds))


def earlier(path):
    """Of a page made by this program: by package and target the cells of its row, and the rest of its open line."""
    rows, open_lines = {}, {}
    written = path and subprocess.run(["git", "log", "-1", "--format=%ct", "--", path.name], cwd=path.parent,
                                      stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    for line in path.read_text(encoding="utf-8").splitlines() if path else ():
        cells = [text.strip().replace("\\|", "|") for text in re.split(r"(?<!\\)\|", line)[1:-1]]
        found = re.match(r"- \*\*(\S+)\*\*, ([^:]+): (.*)\. It would take: ", line)
        if len(cells) in (11, 12) and cells[6] not in ("result", "not run") and not cells[6].startswith("--"):
            rows[cells[0], cells[3]] = cells + ["before " + minute(int(written))] * (len(cells) == 11)
        elif found:
            open_lines[found.group(1), found.group(2)] = found.group(3)
    return rows, open_lines


def cell(text):
    return str(text).replace("|", "\\|").replace("\n", " ")


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    farms, tried, before, arguments = [], {}, None, sys.argv[1:]
    if arguments[0] == "--before":
        before = pathlib.Path(arguments[1])
        arguments = arguments[2:]
    before_rows, before_open = earlier(before)
    for folder in arguments:
        state = pathlib.Path(folder)
        if not (state / "facts.db").exists():
            for path in state.rglob("*.whl"):
                tried.setdefault(path.name, []).append(path)
            continue
        farms.append((state, sqlite3.connect("file:%s?mode=ro" % (state / "facts.db"), uri=True)))
        farms[-1][1].row_factory = sqlite3.Row
    notes = tomllib.loads((HERE / "tools/report/thirty.toml").read_text(encoding="utf-8"))
    packages = [name for example in EXAMPLES for name in listed(example, "packages")]
    targets = listed(EXAMPLES[0], "targets")
    lines, open_rows = [], []
    passed = {target: 0 for target in targets}
    proven = dict(passed)
    same = dict(passed)
    for package in packages:
        for target in targets:
            (state, database), row = newest(farms, package, target)
            old = before_rows.get((package, target))
            if row is None and old is not None:
                what = old[6].replace("; queued again since", "").replace("; earlier", "")
                passed[target] += what.startswith("built")
                proven[target] += "imported" in what
                same[target] += old[10] == "same"
                if not what.startswith("built"):
                    open_rows.append("- **%s**, %s: %s. It would take: %s" % (
                        package, target, before_open.get((package, target), what).replace("; queued again since", ""),
                        notes.get(package, {}).get(target, "nobody knows yet")))
                lines.append("| " + " | ".join(cell(text) for text in old[:6] + [what + "; earlier"] + old[7:]) + " |")
                continue
            what, evidence = outcome(row, target)
            if row is not None and database.execute(QUEUED, (package, target, row["job"])).fetchone()[0]:
                what += "; queued again since"
            bytes_again = again(farms, tried, row)
            if row is not None and row["state"] == "pass":
                passed[target] += 1
                proven[target] += row["proven"]
            same[target] += bytes_again == "same"
            if what == "not run" or evidence or (row is not None and row["state"] != "pass"):
                note = notes.get(package, {}).get(target, "nobody knows yet")
                open_rows.append("- **%s**, %s: %s%s. It would take: %s" % (
                    package, target, what, ": `%s`" % evidence if evidence else "", note))
            seconds = "" if row is None else "%d" % ((row["finished"] - row["started"]) / 1000)
            tests = "" if row is None or not row["tests_passed"] + row["tests_failed"] else "%d of %d" % (
                row["tests_passed"], row["tests_passed"] + row["tests_failed"])
            lines.append("| " + " | ".join(cell(text) for text in (
                package, "" if row is None else row["version"],
                "" if row is None else backend(requirement_names(state, database, row["result"])), target,
                published(database, package, target), "" if row is None else row["mode"], what, sdk(row), seconds,
                tests, bytes_again, "" if row is None else minute(row["finished"] / 1000))) + " |")
    print("# Thirty packages\n")
    print("Made by `python3 tools/report/thirty.py STATE_DIR…` from the databases of farms; not written by hand.\n")
    for target in targets:
        print("- %s: %d of %d built, %d imported, %d the same bytes when built again"
              % (target, passed[target], len(packages), proven[target], same[target]))
    print("\n\"Queued again since\": the toolchain, image or recipe has changed, and that build is not done yet.")
    if before is not None:
        print("\"Earlier\": of a farm before these, as this page said it then.")
    print("Seconds are wall time of the whole job, of whatever else the machine did meanwhile.\n")
    print("| package | version | made with | target | published | mode | result | SDK | s | tests passed | built again | when (UTC) |")
    print("|---|---|---|---|---|---|---|--:|--:|--:|---|---|")
    print("\n".join(lines))
    if open_rows:
        print("\n## What is not built\n")
        print("\n".join(open_rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())

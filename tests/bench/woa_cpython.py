"""CPython's own test suite in the Wine bench: no measure, a record of what that Python can do there.

Runs the files that woa_cpython.tsv beside this file has not got yet, small ones first, and writes each result there as it
comes, so that it goes on where it was ended; then docs/woa-cpython.md from it. Files are run as `python -m test` runs them,
without regrtest's resources (network, large files, long computations).

Usage: woa_cpython.py [--limit S] [--again WHAT,…] [--page] [test_struct test_math …]
    --limit S   processor seconds that a file may take, 60 if not said; one that took more is run anew when S is larger
    --again     also files of these outcomes (fail, limit, skip, pass), or `older`: all results of another bench than this one
    --page      only writes the page
"""

import argparse
import collections
import hashlib
import pathlib
import re
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve()
ROOT = HERE.parents[2]
sys.path[0] = str(ROOT / "tests/e2e")
import wine_bench  # noqa: E402
import wine_cpython  # noqa: E402

RECORD = HERE.with_suffix(".tsv")
PAGE = ROOT / "docs/woa-cpython.md"
SHOWN = 3  # of what a reason lists
COLUMNS = "file", "outcome", "ran", "skipped", "failed", "seconds", "bench", "why"
OUTCOMES = {**dict.fromkeys(wine_cpython.GOOD, "pass"), **dict.fromkeys(wine_cpython.SKIPPED, "skip"), "LIMIT": "limit"}


def plain(text):
    """For a cell: one line, without numbers that are others at each run."""
    text = " ".join(text.split())
    text = re.sub(r"test_python_\d+\S*", "test_python_N", text)
    return re.sub(r"0x[0-9A-Fa-f]{6,}", "0x…", text)[:400]


def some(names):
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def reason(record):
    outcome = OUTCOMES.get(record["state"], "fail")
    printed = [line.strip() for line in record["printed"].splitlines() if line.strip()]
    if outcome == "pass":
        return ""
    if outcome == "skip":
        said = [line.partition(" skipped -- ")[2] for line in printed if " skipped -- " in line]
        return said[-1] if said else record["state"].lower().replace("_", " ")
    if outcome == "limit":
        where = [line for line in printed if re.match(r'File "Z:.*line \d+ in test', line)]
        return record["why"] + (f"; {where[0]}" if where else "")
    if record["state"] == "DIED":
        return f"died, {record['why']}: {printed[-1] if printed else 'without a word'}"
    tests = collections.defaultdict(list)
    for test, line in record["told"]:
        tests[line].append(test.partition(" (")[0])
    told = [f"{some(names)}: {line}" for line, names in tests.items()]
    return "; ".join(told[:SHOWN]) or f"{record['state'].lower()}: {printed[-1] if printed else ''}"


def read():
    """({short name of a bench: its identity}, {file: row})"""
    benches, rows = {}, {}
    for line in RECORD.read_text(encoding="utf-8").splitlines() if RECORD.exists() else []:
        if line.startswith("# "):
            short, _, identity = line[2:].partition(" ")
            benches[short] = identity
        elif not line.startswith("file\t"):
            row = dict(zip(COLUMNS, line.split("\t")))
            rows[row["file"]] = row
    return benches, rows


def write(benches, rows):
    used = {row["bench"] for row in rows.values()}
    lines = [f"# {short} {benches[short]}" for short in sorted(used)]
    lines += ["\t".join(COLUMNS), *("\t".join(str(rows[name][c]) for c in COLUMNS) for name in sorted(rows))]
    fresh = RECORD.with_suffix(".new")
    fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
    fresh.replace(RECORD)


def cell(text):
    return re.sub(r"([|<>*_`\[\]\\])", r"\\\1", text)


def code(names):
    return ", ".join(f"`{name}`" for name in names)


def page(benches, rows, known):
    """The record, for readers."""
    used = collections.Counter(row["bench"] for row in rows.values())
    by = collections.defaultdict(list)
    for name in sorted(rows):
        by[rows[name]["outcome"]].append(rows[name])
    missing = sorted(set(known) - set(rows))
    run = len(by["pass"]) + len(by["fail"]) + len(by["limit"])
    tests = sum(int(row["ran"]) for row in rows.values())
    lines = [
        "# CPython's own tests on Windows on ARM, by Wine", "",
        "Made by `./farm bench woa-cpython`; not written by hand. docs/windows.md says what the bench is.", "",
        f"- {len(known)} files in the suite: {len(by['pass'])} pass, {len(by['fail'])} fail, {len(by['limit'])} over the limit of "
        f"time, {len(by['skip'])} skipped, {len(missing)} not reached",
        f"- {100 * len(by['pass']) / run if run else 0:.0f} % of the {run} that ran pass; {tests} tests ran in all", "",
        "Each file is run as `python -m test` runs it, without the resources that regrtest wants to be asked for (network,",
        "large files, long computations). A file that skips itself says why. Seconds are of the processor, emulated.", "",
        *(f"- {number} files in {benches[short]}" for short, number in used.most_common()), "",
        "## Fail", "", "| file | tests that fail | of | why, as it said itself |", "|---|--:|--:|---|"]
    lines += [f"| `{row['file']}` | {row['failed']} | {row['ran']} | {cell(row['why'])} |" for row in by["fail"]]
    lines += ["", "## Over the limit", ""]
    lines += [f"- `{row['file']}`: {cell(row['why'])}" for row in by["limit"]] or ["None."]
    lines += ["", "## Skipped", "", "| why | files |", "|---|---|"]
    whys = collections.defaultdict(list)
    for row in by["skip"]:
        whys[re.sub(r"\btest\.?\S* skipped -- ", "", row["why"])].append(row["file"])
    lines += [f"| {cell(why)} | {code(files)} |" for why, files in sorted(whys.items())]
    lines += ["", "## Not reached", "", code(missing) or "None."]
    lines += ["", "## Pass", "", "| file | tests | skipped of them | s |", "|---|--:|--:|--:|"]
    lines += [f"| `{row['file']}` | {row['ran']} | {row['skipped']} | {row['seconds']} |" for row in by["pass"]]
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(line.removeprefix("- ") for line in lines[4:6]))


def wanted(options, known, rows, short):
    """What is to be run, small sources first: most files are small, and quick."""
    if options.files:
        return options.files
    again = options.again.split(",")

    def is_open(name):
        row = rows.get(name)
        if row is None or row["outcome"] in again or ("older" in again and row["bench"] != short):
            return True
        return row["outcome"] == "limit" and float(row["seconds"]) < options.limit and "idle" not in row["why"]

    return [name for name in sorted(known, key=known.get) if is_open(name)]


def main():
    parser = argparse.ArgumentParser(description="CPython's own test suite in the Wine bench")
    parser.add_argument("--limit", type=float, default=60)
    parser.add_argument("--again", default="")
    parser.add_argument("--page", action="store_true")
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    if not wine_bench.identity().exists():
        raise SystemExit(wine_bench.MISSING)
    benches, rows = read()
    identity = wine_bench.identity().read_text(encoding="utf-8").strip()
    short = hashlib.sha256(identity.encode()).hexdigest()[:8]
    benches[short] = identity.partition(" ")[2]  # without the hash of Debian's packages
    known = dict(wine_cpython.names(wine_cpython.folder()))
    if not options.page:
        with tempfile.TemporaryDirectory() as tmp:
            for record in wine_cpython.run(tmp, wanted(options, known, rows, short), options.limit):
                row = {**record, "outcome": OUTCOMES.get(record["state"], "fail"), "failed": record["bad"],
                       "bench": short, "why": plain(reason(record))}
                rows[row["file"]] = row
                write(benches, rows)
                print(f"{row['outcome']:6}{row['file']:36}{row['seconds']:7} s  {row['why'][:120]}", flush=True)
    page(benches, rows, known)


if __name__ == "__main__":
    main()

"""Scanning again what is known: against the requests that cannot be left out.

conditional    one request a page with If-None-Match, all answered 304 (the floor's program)
list           the index's own list with the serial of every project, read and tokenised
The scanner takes the list where it knows many packages, else conditional requests: both are measured
(the second against a server without the list). In the last part the server is a day older: one page in
a hundred has one more release.

Usage: rescan.py [--pages 15000] [--runs 3]
"""

import argparse
import os
import pathlib
import shutil
import sys
import tempfile

# instead of this folder: its inspect.py would hide the standard one
sys.path[0] = str(pathlib.Path(__file__).resolve().parent / "support")

import measure
import served
from served import local_index, row, server


def floor(stage, urls, site, env, runs=1, *options):
    return measure.middle_cost(
        runs, [served.FLOOR, stage, urls, "--ca", site.ca, *options], env=env)


def restore(folder):
    """The database as the first scan left it."""
    for old in folder.glob("facts.db*"):
        old.unlink()
    shutil.copyfile(folder / "kept.db", folder / "facts.db")
    with open(folder / "facts.db", "rb+") as copied:
        os.fsync(copied)  # else the scan's first commit waits for all of it


def again(index, site, folder, env, runs):
    """A scan of the kept database, several times from the same state."""
    costs = []
    for _ in range(runs):
        restore(folder)
        costs.append(measure.cost(
            served.scan_command(index, site.tls_url, folder / "facts.db"), env=env))
    return measure.median(costs)


def ratio(name, cost, lowest):
    row(name, cost, f"{cost.wall / lowest.wall:.2f} x wall, {cost.cpu / lowest.cpu:.2f} x cpu; "
        + cost.out.strip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=15000)
    parser.add_argument("--runs", type=int, default=3, help="medians are shown")
    asked = parser.parse_args()
    local_index.build("tests/bench/floor", local_index.PROGRAM)
    index = local_index.ensure(asked.pages)
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start; "
          f"{asked.pages:,} pages, HTTP/2 over TLS")
    print(served.HEADER)
    with tempfile.TemporaryDirectory(prefix="wheelfarm-bench-") as name:
        folder = pathlib.Path(name)
        site = server.Server(index)
        try:
            env = served.environment(site)
            urls = served.write_urls(folder / "urls", site.tls_url, index.names())
            tags = folder / "tags"
            first = measure.cost(
                served.scan_command(index, site.tls_url, folder / "facts.db"), env=env)
            row("first scan", first, first.out.strip())
            (folder / "facts.db").rename(folder / "kept.db")
            floor("fetch", urls, site, env, 1, "--save", tags)
            conditional = floor("fetch", tags, site, env, asked.runs)
            row("floor: conditional requests", conditional)
            (folder / "list").write_text(site.tls_url + "\n")
            listed = floor("tokenise", folder / "list", site, env, asked.runs)
            row("floor: the list alone", listed)
            ratio("nothing changed, with the list", again(index, site, folder, env, asked.runs),
                  conditional)
            site.stop()
            site = server.Server(index, listing=False, like=site)
            ratio("nothing changed, conditional", again(index, site, folder, env, asked.runs),
                  conditional)
            site.stop()
            site = server.Server(index, changed=True, like=site)
            changed = floor("tokenise", tags, site, env, asked.runs)
            row("floor: 1 page in 100 changed", changed)
            ratio("1 page in 100 changed", again(index, site, folder, env, asked.runs), changed)
        finally:
            site.close()
    print("goal: at most 1.25 times the conditional requests, or less with the list")


if __name__ == "__main__":
    main()

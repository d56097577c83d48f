"""The scanner against the floor, curl and a script, on local indexes of three sizes.

floor      the same bytes fetched, inflated and tokenised by a minimal C program with the libraries that
           the scanner has (libcurl, ISA-L, simdjson), nothing kept; beside it the same with zlib,
           which libcurl would use
curl       `curl --parallel --compressed`, output thrown away
script     requests and packaging, one page after the other, as trackers do it

HTTP/2 over TLS on loopback; nginx's own time is not counted, but shares the processors. The script
runs on the smallest size and is scaled by files for the others.

Usage: scan.py [--sizes 1500,7500,15000] [--runs 1]
"""

import argparse
import os
import pathlib
import sys
import tempfile
import time
import typing

# instead of this folder: its inspect.py would hide the standard one
sys.path[0] = str(pathlib.Path(__file__).resolve().parent / "support")

import measure
import served
from served import local_index, row, server

GOALS = """goals: floor ratio at most 2, script ratio at least 30, memory under 300 MB, growth as the
files grow, database of 15,000 pages under 1,500 MB, show under 20 ms"""


def floor(stage, urls, site, env, runs, *options):
    return measure.middle_cost(
        runs, [served.FLOOR, stage, urls, "--ca", site.ca, *options], env=env)


def floor_stages(urls, site, env, runs):
    """The whole floor; also prints what each stage adds."""
    costs = {stage: floor(stage, urls, site, env, runs)
             for stage in ("fetch", "inflate", "tokenise")}
    before = 0
    for stage, cost in costs.items():
        row(f"  floor, to {stage}", cost, f"this stage {cost.cpu - before:.2f} s cpu")
        before = cost.cpu
    with_zlib = floor("tokenise", urls, site, env, runs, "--zlib")
    row("  floor with zlib", with_zlib)
    return costs["tokenise"], with_zlib


def scan(index, url, folder, env, runs):
    costs = []
    for _ in range(runs):
        for old in folder.glob("facts.db*"):
            old.unlink()
        costs.append(measure.cost(
            served.scan_command(index, url, folder / "facts.db"), env=env))
    return measure.median(costs)


def curl(urls, site, folder, env):
    config = folder / "curl.config"
    config.write_text("".join(f'url = "{line}"\noutput = "/dev/null"\n'
                              for line in urls.read_text().split()))
    return measure.cost(["curl", "--parallel", "--compressed", "--silent", "--show-error",
                         "--cacert", site.ca, "--config", config], env=env)


def script(index, site, folder, env):
    names = folder / "names"
    names.write_text("\n".join(index.names()))
    return measure.cost([sys.executable, served.ROOT / "tests/bench/support/tracker.py",
                         site.tls_url, names, served.ROOT / "recipes/targets"], env=env)


def show_milliseconds(index, folder, env):
    """Wall and processor time of the largest package."""
    name = index.facts["largest_name"]
    command = [served.WHEELFARM, "show", name, "--json", "--db", folder / "facts.db"]
    spent = measure.middle_cost(21, command, env=env)
    return 1000 * spent.wall, 1000 * spent.cpu


class Size(typing.NamedTuple):
    """What was measured with one number of pages."""

    facts: dict
    floor: measure.Cost
    floor_zlib: measure.Cost
    scan: measure.Cost
    script: measure.Cost
    database: int  # bytes
    show: tuple  # milliseconds, wall and processor

    def summary(self):
        pages, floor_, scan_ = self.facts["pages"], self.floor, self.scan
        return (f"{pages:>7,} {scan_.wall / floor_.wall:11.2f} {scan_.cpu / floor_.cpu:11.2f}"
                f" {scan_.cpu / self.floor_zlib.cpu:11.2f}"
                f" {self.script.wall / scan_.wall:12.1f} {self.script.cpu / scan_.cpu:12.1f}"
                f" {scan_.memory:8.0f} {self.database / 1e6:8.0f} {self.show[0]:8.1f} {self.show[1]:8.1f}")


def script_of(index, site, folder, env, known):
    """Its cost at this size; from a smaller size's (facts, cost) if that is known."""
    if known is None:
        spent = script(index, site, folder, env)
        row("script (requests, packaging)", spent, spent.out.strip())
        return spent
    factor = index.facts["files"] / known.facts["files"]
    spent = known.script.scaled(factor)
    row("script, not run, scaled", spent, f"{factor:.2f} times the files of the smallest size")
    return spent


def one_size(pages, runs, clear_too, known):
    """Measures one size and prints its table."""
    index = local_index.ensure(pages)
    facts = index.facts
    with tempfile.TemporaryDirectory(prefix="wheelfarm-bench-") as name, \
            server.Server(index) as site:
        folder = pathlib.Path(name)
        env = served.environment(site)
        urls = served.write_urls(folder / "urls", site.tls_url, index.names())
        print(f"\n{pages:,} pages, {facts['files']:,} files, {facts['bytes'] / 1e6:,.0f} MB of "
              f"JSON, {facts['packed'] / 1e6:,.0f} MB packed; HTTP/2 over TLS")
        print(served.HEADER)
        lowest, with_zlib = floor_stages(urls, site, env, runs)
        scanned = scan(index, site.tls_url, folder, env, runs)
        row("wheelfarm scan", scanned, scanned.out.strip())
        database = served.database_bytes(folder / "facts.db")
        shown = show_milliseconds(index, folder, env)
        row("curl --parallel --compressed", curl(urls, site, folder, env))
        scripted = script_of(index, site, folder, env, known)
        if clear_too:
            clear = served.write_urls(folder / "clear", site.url, index.names())
            row("HTTP/1.1 in clear: floor",
                floor("tokenise", clear, site, env, runs, "--http1"))
            row("HTTP/1.1 in clear: scan", scan(index, site.url, folder, env, runs))
    print(f"database {database / 1e6:,.0f} MB; show of the largest package "
          f"({facts['largest']:,} files) {shown[0]:.1f} ms, {shown[1]:.1f} ms cpu")
    return Size(facts, lowest, with_zlib, scanned, scripted, database, shown)


def print_summary(sizes):
    print("\nscan / floor: smaller is better; script / scan: larger is better; show: the largest page")
    print(f"{'pages':>7} {'floor wall':>11} {'floor cpu':>11} {'zlib cpu':>11} {'script wall':>12} {'script cpu':>12}"
          f" {'MB peak':>8} {'MB db':>8} {'ms show':>8} {'cpu':>8}")
    for size in sizes:
        print(size.summary())
    for small, large in zip(sizes, sizes[1:]):
        files = large.facts["files"] / small.facts["files"]
        print(f"from {small.facts['pages']:,} to {large.facts['pages']:,} pages: files x {files:.2f}, "
              f"scan wall x {large.scan.wall / small.scan.wall:.2f}, "
              f"cpu x {large.scan.cpu / small.scan.cpu:.2f}, "
              f"memory x {large.scan.memory / small.scan.memory:.2f}, "
              f"database x {large.database / small.database:.2f}")
    print(GOALS)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="1500,7500,15000")
    parser.add_argument("--runs", type=int, default=1, help="of floor and scan; medians are shown")
    asked = parser.parse_args()
    local_index.build("tests/bench/floor", local_index.PROGRAM)
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start")
    began = time.monotonic()
    sizes = []
    counts = sorted(int(n) for n in asked.sizes.split(","))
    for pages in counts:
        sizes.append(one_size(pages, asked.runs, pages == counts[-1], sizes[0] if sizes else None))
    print_summary(sizes)
    print(f"the whole took {(time.monotonic() - began) / 60:.1f} minutes, load "
          f"{os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()

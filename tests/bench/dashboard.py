"""The dashboard under load, on local indexes of three sizes, while a scan writes into the same database.

Each kind of page is asked for by wrk with one thread and four connections, packages and searches with
other names each time. Beside it the size as sent (gzip), and the whole as files.

Usage: dashboard.py [--sizes 1500,7500,15000] [--seconds 4]
"""

import argparse
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

# instead of this folder: its inspect.py would hide the standard one
sys.path[0] = str(pathlib.Path(__file__).resolve().parent / "support")

import measure
import served
from served import local_index, server

DEMO = served.ROOT / "build/tests/browser/demo_server"
GOALS = """goals: 99 of 100 answers of each page under 5 ms, of the search under 20 ms, pages under 50 KB as
sent, 15,000 package pages as files in 3 s, growth no faster than the packages"""

# NAME stands for another package each time, PART for the beginning of one's name.
PAGES = [
    ("overview", "/"),
    ("packages", "/packages"),
    ("packages, not ready", "/packages?target=cp313-win_arm64&state=not-ready"),
    ("packages, far down", "/packages?offset=1000"),
    ("packages, named", "/packages?q=PART"),
    ("packages as CSV", "/packages.csv"),
    ("package", "/package/NAME"),
    ("package as JSON", "/package/NAME.json"),
    ("package's feed", "/package/NAME.atom"),
    ("badge", "/badge/NAME/windows.svg"),
    ("blockers", "/blockers"),
    ("start here", "/start-here"),
    ("farm", "/farm"),
    ("changes", "/changes"),
    ("feed", "/feed.atom"),
    ("style", "/style"),
    ("search", "/search.json?q=PART"),
]
SCRIPT = """
local names = {{}}
for line in io.lines("{names}") do names[#names + 1] = line end
request = function()
  local name = names[math.random(#names)]
  local path = string.gsub("{path}", "NAME", name)
  path = string.gsub(path, "PART", string.sub(name, 1, math.random(2, 6)))
  return wrk.format("GET", path, {{["Accept-Encoding"] = "gzip"}})
end
"""


@contextlib.contextmanager
def dashboard(folder):
    with subprocess.Popen([DEMO, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        yield process.stdout.readline().strip().rstrip("/"), process.pid
        process.stdin.close()


@contextlib.contextmanager
def scanning(index, sites, folder, env):
    """Scans of two days by turns, so that one page in a hundred changes each time, until the end."""
    stop, rounds = threading.Event(), []

    def work():
        day = 0
        while not stop.is_set():
            day = 1 - day
            done = subprocess.run(
                served.scan_command(index, sites[day].tls_url, folder / "facts.db"),
                env={**env, **served.environment(sites[day])}, capture_output=True, text=True, check=False)
            rounds.append(done.returncode)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield rounds
    finally:
        stop.set()
        thread.join()


def milliseconds(text):
    number, unit = re.fullmatch(r"([0-9.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def ask(url, path, names, seconds, folder):
    """What wrk says of one kind: answers, answers a second, median and 99th percentile in ms, and what
    went wrong ("" when nothing did). Without an answer wrk's percentiles are 0 and mean nothing."""
    script = folder / "wrk.lua"
    script.write_text(SCRIPT.format(names=names, path=path))
    done = subprocess.run(
        ["wrk", "-t1", "-c4", f"-d{seconds}s", "--latency", "-s", script, url],
        capture_output=True, text=True, check=True).stdout
    figure = {p: milliseconds(re.search(rf"^ +{p}% +(\S+)", done, re.M)[1]) for p in (50, 99)}
    answers = int(re.search(r"(\d+) requests in ", done)[1])
    wrong = [] if answers else ["no answer"]
    wrong += re.findall(r"Non-2xx or 3xx responses: \d+|Socket errors: .+", done)
    return (answers, float(re.search(r"Requests/sec: +([0-9.]+)", done)[1]), figure[50], figure[99],
            "; ".join(wrong))


def size_of(url, path, name):
    request = urllib.request.Request(
        url + path.replace("NAME", name).replace("PART", name[:3]), headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return len(answer.read())


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def as_files(folder, env):
    """The package pages and all else as files: from nothing, then with nothing changed."""
    out = folder / "site"
    command = [served.WHEELFARM, "report", "--out", out, "--db", folder / "facts.db", "--only-html"]
    for what in ("as files, from nothing", "as files, nothing changed"):
        cost = measure.cost(command, env=env)
        print(f"  {what:24} {cost.wall:6.2f} s wall {cost.cpu:6.2f} s cpu  {cost.out.strip()}")
    shutil.rmtree(out)


def one_size(pages, seconds):
    index = local_index.ensure(pages)
    worst, failures = {}, {}
    with tempfile.TemporaryDirectory(prefix="wheelfarm-bench-") as name, \
            server.Server(index) as site, server.Server(index, changed=True) as other:
        folder = pathlib.Path(name)
        env = served.environment(site)
        names = folder / "names"
        names.write_text("\n".join(index.names()) + "\n")
        subprocess.run(served.scan_command(index, site.tls_url, folder / "facts.db"), env=env,
                       capture_output=True, check=True)
        print(f"\n{pages:,} packages on 35 targets, load {os.getloadavg()[0]:.1f}")
        print(f"  {'':24} {'a second':>9} {'median ms':>10} {'p99 ms':>8} {'cpu ms':>7} {'KB sent':>8}")
        with dashboard(folder) as (url, pid), \
                scanning(index, (site, other), folder, env) as rounds:
            for kind, path in PAGES:
                before = processor_seconds(pid)
                answers, rate, median, p99, wrong = ask(url, path, names, seconds, folder)
                spent = processor_seconds(pid) - before
                if wrong:
                    failures[kind] = wrong
                    print(f"  {kind:24} failed: {wrong}", flush=True)
                if not answers:
                    continue
                sent = size_of(url, path, index.facts["largest_name"])
                worst[kind] = p99
                print(f"  {kind:24} {rate:9,.0f} {median:10.2f} {p99:8.2f} {1000 * spent / answers:7.2f} "
                      f"{sent / 1000:8.1f}", flush=True)
        print(f"  {len(rounds)} scans wrote meanwhile, exit codes {sorted(set(rounds))}")
        as_files(folder, env)
    return worst, failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="1500,7500,15000")
    parser.add_argument("--seconds", type=int, default=4, help="of each kind of page")
    asked = parser.parse_args()
    local_index.build("tests/browser/demo_server", local_index.PROGRAM)
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start")
    failed = False
    for pages in sorted(int(n) for n in asked.sizes.split(",")):
        worst, failures = one_size(pages, asked.seconds)
        failed = failed or bool(failures)
        over = [f"{k} {v:.1f} ms" for k, v in worst.items() if v > (20 if k == "search" else 5)]
        print("  over the goal: " + (", ".join(over) or "none"))
        print("  failed: " + (", ".join(failures) or "none"))
    print(GOALS)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

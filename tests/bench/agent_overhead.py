"""What the agent adds to the commands it runs: its wall time against the same commands by hand.

A farm resolves the jobs once (`wheelfarm run`, aarch64 Linux). `wheelfarm-agent --job FILE` then does
each build again and leaves a script, commands.sh, that does by hand what its child processes did. Agent and
script run in turn; each pair gives a ratio. Three sizes: builds of about 2, 5 and 20 seconds.

The pairs differ by what the network and the machine do meanwhile; the last column does not: it is what
the agent measures of itself, its wall time less that of its children, in per cent of theirs: an upper
bound, as it counts the copy of the compiler's cache that the script makes too.

Usage: agent_overhead.py [PACKAGE…]; PAIRS=N counted pairs (5).
"""

import json
import os
import pathlib
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = sys.argv[1:] or ["markupsafe", "lz4", "ujson"]
PAIRS = int(os.environ.get("PAIRS", "5"))
TARGET = "cp313-manylinux_2_28_aarch64"


def run(arguments, **options):
    done = subprocess.run([str(a) for a in arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, errors="replace", check=False, **options)
    if done.returncode != 0:
        raise SystemExit(f"{arguments[0]} ended with {done.returncode}\n{done.stderr[-3000:]}")
    return done


def timed(arguments):
    start = time.monotonic()
    done = run(arguments)
    return time.monotonic() - start, done.stderr


def own_share(stderr):
    wall, children = map(float, re.search(r"agent: ([\d.]+) s, children: ([\d.]+) s", stderr).groups())
    return 100 * (wall - children) / children


def resolve_jobs(folder):
    """The jobs as the coordinator sends them, by package."""
    (folder / "farm.yaml").write_text(
        f"schema: 1\nstate: {folder}/farm\nlisten: 127.0.0.1:0\nbuild: all\n"
        f"packages: [{', '.join(PACKAGES)}]\ntargets: [{TARGET}]\nagents: {{local: 1, slots: 2}}\n")
    run([ROOT / "build/wheelfarm", "run", "--config", folder / "farm.yaml"])
    with sqlite3.connect(folder / "farm/facts.db") as db:
        return dict(db.execute(
            "SELECT package.name, job_spec.spec FROM job JOIN package ON package.id = job.package"
            " JOIN job_spec ON job_spec.job = job.id"))


def main():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        jobs = resolve_jobs(folder)
        work = folder / "work"
        (folder / "agent.json").write_text(json.dumps({
            "name": "bench", "slots": 1, "workspace": str(work), "cache": str(cache / "wheelfarm"),
            "blobs": str(folder / "farm/store"), "uid_base": 60001 if os.getuid() == 0 else 0}))
        print(f"{'package':12} {'agent s':>9} {'by hand s':>10} {'ratio':>7} {'min':>7} {'max':>7}"
              f" {'own %':>7}")
        for package in PACKAGES:
            job = json.loads(jobs[package])
            # the build alone: an emulated test run takes a minute and varies more than what is measured
            job["recipe"]["test_command"] = []
            job["tester"]["name"] = job["executor"] = ""
            (folder / "job.json").write_text(json.dumps(job))
            agent, hand, own = [], [], []
            for _ in range(PAIRS + 1):  # the first pair warms caches and is not counted
                run(["rm", "-rf", work])
                seconds, said = timed([ROOT / "build/wheelfarm-agent", "--job", folder / "job.json",
                                       "--config", folder / "agent.json"])
                agent.append(seconds)
                own.append(own_share(said))
                script = next(work.rglob("commands.sh"))
                kept = folder / "kept"
                run(["rm", "-rf", kept])
                script.parent.rename(kept)
                hand.append(timed(["bash", kept / "commands.sh"])[0])
            ratios = [a / h for a, h in zip(agent[1:], hand[1:])]
            print(f"{package:12} {statistics.median(agent[1:]):9.2f} {statistics.median(hand[1:]):10.2f}"
                  f" {statistics.median(ratios):7.3f} {min(ratios):7.3f} {max(ratios):7.3f}"
                  f" {statistics.median(own[1:]):7.2f}",
                  flush=True)


if __name__ == "__main__":
    main()

"""What the agent adds to the commands it runs: its wall and processor time against the same commands by
hand.

A farm resolves the jobs once (`wheelfarm run`, aarch64 Linux). `wheelfarm-agent --job FILE` does a build
once more and leaves a script, commands.sh, that does by hand what its child processes did; the sdist and
the build requirements that it fetched go to an index on loopback, which all that is measured asks. Then
agent and script run in turn, the one first and then the other; each pair gives a ratio. Three sizes:
builds of about 2, 5 and 15 seconds.

Usage: agent_overhead.py [PACKAGE…]; PAIRS=N counted pairs (7).
"""

import ctypes
import html
import http.server
import json
import os
import pathlib
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))
import measure  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = sys.argv[1:] or ["markupsafe", "lz4", "ujson"]
PAIRS = int(os.environ.get("PAIRS", "7"))
TARGET = "cp313-manylinux_2_28_aarch64"
GOAL = 1.02
PR_SET_CHILD_SUBREAPER = 36


class Mirror:
    """/simple/NAME/ and /file/NAME of the files that were put into it, on loopback."""

    def __init__(self):
        self.files = {}
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                kind, _, name = self.path.strip("/").partition("/")
                body = mirror.files.get(name) if kind == "file" else mirror.page(name)
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html" if kind == "simple" else "application/zip")
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}"

    def put(self, path):
        self.files[path.name] = path.read_bytes()
        return f"{self.url}/file/{path.name}"

    def page(self, project):
        names = [n for n in self.files if re.sub(r"[-_.]+", "-", n.split("-")[0]).lower() == project]
        return "".join(f'<a href="/file/{n}">{html.escape(n)}</a>\n' for n in names).encode()


def resolve_jobs(folder):
    """The jobs as the coordinator sends them, by package."""
    (folder / "farm.yaml").write_text(
        f"schema: 1\nstate: {folder}/farm\nlisten: 127.0.0.1:0\nbuild: all\n"
        f"packages: [{', '.join(PACKAGES)}]\ntargets: [{TARGET}]\nagents: {{local: 1, slots: 2}}\n")
    measure.cost([ROOT / "build/wheelfarm", "run", "--config", folder / "farm.yaml"])
    with sqlite3.connect(folder / "farm/facts.db") as db:
        return dict(db.execute(
            "SELECT package.name, job_spec.spec FROM job JOIN package ON package.id = job.package"
            " JOIN job_spec ON job_spec.job = job.id"))


def cost(arguments, env=None):
    """With what bubblewrap leaves behind: it ends without waiting for the sandbox's first process, which
    then is ours to wait for."""
    told = measure.cost(arguments, env=env)
    before = os.times()
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    after = os.times()
    told.cpu += sum(after[2:4]) - sum(before[2:4])
    return told


class Build:
    """One job, by the agent and by hand, in the same folder."""

    def __init__(self, folder, spec):
        self.work = folder / "work"
        self.kept = folder / "kept"
        self.spec = folder / "job.json"
        self.config = folder / "agent.json"
        self.job = json.loads(spec)
        # the build alone: an emulated test run takes a minute and varies more than what is measured
        self.job["recipe"]["test_command"] = []
        self.job["tester"]["name"] = self.job["executor"] = ""

    def clear(self):
        """The job's own folder; pip's cache is neither half's to make."""
        for left in self.work.glob("slot*-job*"):
            subprocess.run(["rm", "-rf", left], check=True)

    def agent(self, env=None):
        self.clear()
        self.spec.write_text(json.dumps(self.job), encoding="utf-8")
        return cost([ROOT / "build/wheelfarm-agent", "--job", self.spec, "--config", self.config], env)

    def hand(self, env):
        self.clear()
        return cost(["bash", self.kept / "commands.sh"], env)

    def prepare(self, mirror):
        """All that it fetches goes to the mirror; then once by each way, so that caches are warm."""
        self.agent()
        left = next(self.work.glob("slot*-job*"))
        for wheel in (left / "wheels").glob("*.whl"):
            mirror.put(wheel)
        source = self.job["source"]
        source["url"] = mirror.put(left / "in" / source["filename"])
        env = {**os.environ, "PIP_INDEX_URL": f"{mirror.url}/simple/"}
        self.agent(env)
        shutil.rmtree(self.kept, ignore_errors=True)
        next(self.work.glob("slot*-job*")).rename(self.kept)
        self.hand(env)
        return env


def main():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    mirror = Mirror()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        jobs = resolve_jobs(folder)
        (folder / "agent.json").write_text(json.dumps({
            "name": "bench", "slots": 1, "workspace": f"{folder}/work", "cache": str(cache / "wheelfarm"),
            "blobs": str(folder / "farm/store"), "uid_base": 60001 if os.getuid() == 0 else 0}))
        print(f"{'':12} {'agent':>15} {'by hand':>15} {'ratio of pairs, wall':>23} {'cpu':>23}\n"
              f"{'package':12} {'wall s':>7} {'cpu s':>7} {'wall s':>7} {'cpu s':>7}"
              + f" {'median':>7} {'least':>7} {'most':>7}" * 2)
        for package in PACKAGES:
            build = Build(folder, jobs[package])
            env = build.prepare(mirror)
            agent, hand = [], []
            for pair in range(PAIRS):
                for half in range(2):
                    if (pair + half) % 2 == 0:
                        agent.append(build.agent(env))
                    else:
                        hand.append(build.hand(env))
            line = f"{package:12}"
            for runs in (agent, hand):
                middle = measure.median(runs)
                line += f" {middle.wall:7.2f} {middle.cpu:7.2f}"
            for what in ("wall", "cpu"):
                ratios = [getattr(a, what) / getattr(h, what) for a, h in zip(agent, hand)]
                line += f" {statistics.median(ratios):7.3f} {min(ratios):7.3f} {max(ratios):7.3f}"
            print(line, flush=True)
    print(f"goal: wall at most {GOAL} of by hand")


if __name__ == "__main__":
    main()

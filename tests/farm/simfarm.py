"""A farm on loopback for tests: the real coordinator (tests/farm/coordinator.c) in a folder, and raw
HTTP to it. No timing in here is a verdict."""

import http.client
import json
import os
import pathlib
import sqlite3
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "build/tests/farm"


def compile_programs():
    """The programs of tests/farm, for callers that run before everything was compiled."""
    subprocess.run(["ninja", "-C", ROOT / "build", "tests/farm/farm_coordinator",
                    "tests/farm/farm_load", "tests/farm/sim_agent"],
                   check=True, stdout=subprocess.DEVNULL)


class Coordinator:
    """Starts, is killed and starts again on the same folder; the port stays if one was given."""

    def __init__(self, folder, **settings):
        self.folder = pathlib.Path(folder)
        self.settings = settings
        self.process = None
        self.url = self.port = None
        self.log = open(self.folder / "coordinator.log", "a", encoding="utf-8")

    def start(self):
        settings = [f"{name}={value}" for name, value in self.settings.items()]
        self.process = subprocess.Popen(
            [PROGRAMS / "farm_coordinator", self.folder / "farm", *settings], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError(f"no coordinator; see {self.folder}/coordinator.log")
        self.port = int(self.url.rstrip("/").rsplit(":", 1)[1])
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def stop(self):
        """An orderly end; what it says of itself as a dictionary."""
        self.process.stdin.close()
        said = self.process.stdout.read()
        if self.process.wait(timeout=60) != 0:
            raise RuntimeError(f"the coordinator ended with {self.process.returncode}")
        self.process.stdout.close()
        return json.loads(said)

    def tokens(self):
        return (self.folder / "farm/tokens").read_text(encoding="ascii").split()

    def query(self, sql, *values):
        with sqlite3.connect(f"file:{self.folder}/farm/facts.db?mode=ro", uri=True) as db:
            return db.execute(sql, values).fetchall()

    def peak_memory_mb(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024


class Agent:
    """The protocol by hand, one request at a time: whatever is told, is sent."""

    def __init__(self, port, token, protocol=2):
        self.port = port
        self.headers = {"Authorization": f"Bearer {token}", "Wheelfarm-Protocol": str(protocol)}

    def ask(self, method, path, body=b"", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            connection.request(method, "/api/v1/agent" + path, raw, {**self.headers, **headers})
            reply = connection.getresponse()
            text = reply.read()
            self.reply_headers = reply.headers
            return reply.status, json.loads(text) if text[:1] == b"{" else text
        finally:
            connection.close()

    def hello(self, **changes):
        return self.ask("POST", "/hello", {
            "protocol": 2, "version": "test", "clock": int(time.time() * 1000), "slots": 1,
            "capabilities": {"os": "linux", "arch": "x86_64", "modes": ["cross"],
                             "toolchains": ["cross-zig"], "images": ["trixie-amd64-builder-1"]},
            **changes})

    def lease(self, slot=0, wait_s=0):
        return self.ask("POST", "/lease", {"slot": slot, "wait_s": wait_s})

    def result(self, fence, state="pass", path="/result", **more):
        failed = {"stage": "build", "reason": "compile_error"} if state == "fail" else {}
        return self.ask("POST", path, {
            "fence": fence, "state": state, **failed, "mode": "cross", "executor": "",
            "log_size": 0, "started": 1, "finished": 2, "tests_passed": 0, "tests_failed": 0,
            "stages": [{"stage": "build", "status": state}], "files": [], "imports": [], **more})

    def upload(self, fence, sha256, data, offset=0, total=None):
        total = len(data) if total is None else total
        return self.ask("PUT", f"/upload/{sha256}?fence={fence}&offset={offset}&total={total}", data)


def environment(**more):
    return {**os.environ, **{name: str(value) for name, value in more.items()}}

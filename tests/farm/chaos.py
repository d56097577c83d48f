"""Coordinator and agents are killed at random moments, the network is cut and slowed, a clock jumps;
then the database is held against what must be true. Seeded: the same seed makes the same plan, though
not the same interleaving.

    chaos.py [--jobs N] [--agents N] [--kills N] [--seed N]
"""

import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import relay
import simfarm

FAKETIME = pathlib.Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")

PAUSE_S = 0.25  # the longest between two blows

# What may never be found, whatever happened.
NEVER = {
    "jobs with two final results":
        "SELECT count(*) FROM (SELECT job FROM result WHERE final GROUP BY job HAVING count(*) > 1)",
    "jobs that ended without a final result":
        "SELECT count(*) FROM job WHERE state = 'done' AND id NOT IN"
        " (SELECT job FROM result WHERE final)",
    "leases with two results":
        "SELECT count(*) FROM (SELECT lease FROM result GROUP BY lease HAVING count(*) > 1)",
    "jobs with two live leases":
        "SELECT count(*) FROM (SELECT job FROM lease WHERE ended IS NULL GROUP BY job"
        " HAVING count(*) > 1)",
    "leased jobs without a live lease":
        "SELECT count(*) FROM job WHERE state = 'leased' AND id NOT IN"
        " (SELECT job FROM lease WHERE ended IS NULL)",
    "live leases of jobs that are not leased":
        "SELECT count(*) FROM lease JOIN job ON job.id = lease.job"
        " WHERE lease.ended IS NULL AND job.state <> 'leased'",
    "results whose lease is another job's":
        "SELECT count(*) FROM result JOIN lease ON lease.id = result.lease"
        " WHERE lease.job <> result.job",
    "results of leases that are live":
        "SELECT count(*) FROM result JOIN lease ON lease.id = result.lease WHERE lease.ended IS NULL",
    "attempts that were not counted":
        "SELECT count(*) FROM job WHERE attempts <> (SELECT count(*) FROM lease WHERE job = job.id)",
    "jobs given up before three attempts were lost":
        "SELECT count(*) FROM result WHERE final AND owner = 'farm' AND (SELECT count(*) FROM lease"
        " WHERE lease.job = result.job AND lease.outcome IN ('expired', 'farm_fault')) < 3",
    "passed builds without a wheel":
        "SELECT count(*) FROM result JOIN job ON job.id = result.job WHERE result.state = 'pass'"
        " AND job.kind = 'build' AND result.id NOT IN (SELECT result FROM artefact)",
    "broken references": "SELECT count(*) FROM pragma_foreign_key_check",
    "broken pages": "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class SimAgent:
    """One process of tests/farm/sim_agent.c, which is killed and started again."""

    def __init__(self, chaos, number, token):
        self.folder = chaos.folder / f"agent-{number}"
        self.folder.mkdir()
        self.number = number
        self.process = None
        self.starts = 0
        self.chaos = chaos
        secret = self.folder / "token"
        secret.write_text(token, encoding="ascii")
        secret.chmod(0o600)
        (self.folder / "agent.json").write_text(json.dumps({
            "coordinator": f"http://127.0.0.1:{chaos.relay.port}", "token_file": str(secret),
            "name": f"agent-{number}", "slots": 2, "workspace": str(self.folder / "work"),
            "cache": str(self.folder / "cache")}), encoding="utf-8")

    def start(self, clock=None):
        self.starts += 1
        more = {"SIM_SEED": self.chaos.seed * 1000 + self.number * 50 + self.starts,
                "SIM_MS": self.chaos.build_ms, "SIM_FAULT": 10, "SIM_FAIL": 100}
        if clock is not None:
            more |= {"LD_PRELOAD": FAKETIME, "FAKETIME": clock, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        self.process = subprocess.Popen(
            [simfarm.PROGRAMS / "sim_agent", self.folder / "agent.json"],
            stdin=subprocess.DEVNULL, stdout=self.chaos.agent_log, stderr=self.chaos.agent_log,
            env=simfarm.environment(**more))

    def kill(self, with_signal=signal.SIGKILL):
        self.process.send_signal(with_signal)
        self.process.wait()


class Chaos:
    def __init__(self, folder, jobs, agents, kills, seed):
        self.folder = pathlib.Path(folder)
        self.seed = seed
        self.chance = random.Random(seed)
        self.kills = kills
        self.did = collections.Counter()
        self.agent_log = open(self.folder / "agents.log", "w", encoding="utf-8")
        self.coordinator = simfarm.Coordinator(
            self.folder, jobs=jobs, agents=agents, targets=4, builds=3, port=free_port(), lease_s=3,
            heartbeat_s=1, retry_s=1, tick_ms=100, fault_limit=1_000_000).start()
        self.relay = relay.Relay(self.coordinator.port, seed)
        self.agents = [SimAgent(self, i, token)
                       for i, token in enumerate(self.coordinator.tokens())]
        self.jobs = jobs
        # long enough that the work outlasts the kills
        self.build_ms = int(2 * agents * kills * PAUSE_S * 1000 / jobs)

    def open_jobs(self):
        return self.coordinator.query(
            "SELECT count(*) FROM job WHERE state IN ('queued', 'leased')")[0][0]

    # --- what can go wrong

    def kill_coordinator(self):
        self.coordinator.kill()
        time.sleep(self.chance.random() * 0.05)
        self.coordinator.start()
        self.did["coordinator killed"] += 1

    def kill_agent(self):
        agent = self.chance.choice(self.agents)
        agent.kill()
        agent.start()
        self.did["agents killed"] += 1

    def cut(self):
        self.relay.cut()
        self.did["network cut"] += 1

    def slow(self):
        self.relay.slow(self.chance.random() * 0.05)
        self.did["network slowed"] += 1

    def refuse(self):
        self.relay.refuse = True
        time.sleep(self.chance.random() * 0.3)
        self.relay.refuse = False
        self.did["network away"] += 1

    def jump_clock(self):
        """A minute is allowed; an hour is not, and such an agent waits outside until it is set right."""
        agent = self.chance.choice(self.agents)
        agent.kill()
        clock = self.chance.choice(["-45s", "+45s", "-1h", "+3d", "+0 x20"])
        agent.start(clock)
        self.did[f"clock {clock}"] += 1

    def run(self):
        if not FAKETIME.exists():
            print("libfaketime is not installed: no clock jumps", file=sys.stderr)
        for agent in self.agents:
            agent.start()
        killed = 0
        others = [self.cut, self.slow, self.refuse] + ([self.jump_clock] if FAKETIME.exists() else [])
        while killed < self.kills and self.open_jobs() > 0:
            # the pause leaves so much of the work that kills fall on all of it
            time.sleep(self.chance.random() * PAUSE_S)
            if self.chance.random() < 0.3:
                self.chance.choice(others)()
                continue
            self.chance.choice([self.kill_coordinator, self.kill_agent])()
            killed += 1
        self.relay.slow(0)
        for agent in self.agents:  # clocks are set right
            agent.kill()
            agent.start()
        self.wait_for_the_rest()
        return killed

    def wait_for_the_rest(self):
        """What is left is done in peace: nothing may be stuck. A bound, not a measure."""
        end = time.monotonic() + 120
        while self.open_jobs() > 0:
            if time.monotonic() > end:
                raise AssertionError(f"{self.open_jobs()} jobs are stuck (seed {self.seed})")
            time.sleep(0.2)

    # --- what must be true

    def end(self):
        """Everything is stopped in order; returns the list of what is wrong."""
        for agent in self.agents:
            agent.process.send_signal(signal.SIGTERM)
        wrong = []
        for agent in self.agents:
            try:
                agent.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                agent.kill()
                wrong.append(f"agent {agent.number} did not end")
        self.coordinator.stop()
        self.relay.close()
        self.agent_log.close()
        return wrong + self.check()

    def check(self):
        wrong = []
        for what, sql in NEVER.items():
            count = self.coordinator.query(sql)[0][0]
            if count != 0:
                wrong.append(f"{count} {what}")
        states = dict(self.coordinator.query("SELECT state, count(*) FROM job GROUP BY state"))
        if states != {"done": self.jobs}:
            wrong.append(f"jobs: {states}, not {self.jobs} done")
        live = self.coordinator.query("SELECT count(*) FROM lease WHERE ended IS NULL")[0][0]
        if live != 0:
            wrong.append(f"{live} leases are left")
        return wrong + self.check_blobs() + self.check_processes()

    def blobs(self):
        return {p.parent.name + p.name for p in (self.folder / "farm/store").glob("??/*")}

    def left(self):
        """What a crash leaves beside whole blobs: half uploads, growing logs."""
        return [p for where in ("store/partial", "live") for p in (self.folder / "farm" / where).glob("*")]

    def check_blobs(self):
        """Each blob that a row names is there; each that is there is named by a row, or belongs to an
        attempt that was lost after its upload. What belongs to nothing is gone after a round of
        retention, a day later."""
        wrong = []
        there = self.blobs()
        named = {row[0] for row in self.coordinator.query(
            "SELECT sha256 FROM artefact UNION SELECT log_blob FROM result"
            " WHERE log_blob IS NOT NULL")}
        if named - there:
            wrong.append(f"{len(named - there)} blobs are named and not there")
        lost = self.coordinator.query(
            "SELECT count(*) FROM lease WHERE outcome <> 'result' AND outcome <> 'farm_fault'")[0][0]
        if len(there - named) > 2 * lost:
            wrong.append(f"{len(there - named)} blobs belong to nothing ({lost} attempts were lost)")
        self.did["blobs of lost attempts"] = len(there - named)
        if len(self.left()) > 2 * lost:
            wrong.append(f"{len(self.left())} half uploads and growing logs ({lost} attempts were lost)")
        self.tidy(named)
        if self.blobs() != named:
            wrong.append(f"{len(self.blobs() - named)} blobs of nothing stay, {len(named - self.blobs())}"
                         " that are named went")
        if self.left():
            wrong.append(f"{len(self.left())} half uploads and growing logs stay")
        left = [p for agent in self.agents for p in (agent.folder / "work").glob("slot*-job*")]
        if left:
            wrong.append(f"{len(left)} workspaces are left")
        return wrong

    def tidy(self, named):
        """As if a day had passed: until a round has taken what may go, or for half a minute."""
        yesterday = time.time() - 2 * 86400
        for path in [*(self.folder / "farm/store").glob("??/*"), *self.left()]:
            os.utime(path, (yesterday, yesterday))
        self.coordinator.settings["tidy"] = 1
        self.coordinator.start()
        end = time.monotonic() + 30
        while (self.blobs() != named or self.left()) and time.monotonic() < end:
            time.sleep(0.1)
        self.coordinator.stop()

    def check_processes(self):
        """Nobody who was started here still runs: found by the folder in the command line."""
        left = 0
        for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = entry.read_bytes().split(b"\0")
            except OSError:
                continue
            if any(w.startswith(os.fsencode(str(self.folder) + "/")) for w in words):
                left += 1
        return [f"{left} processes are left"] if left else []


def run(jobs, agents, kills, seed):
    """Returns (what was done, what is wrong)."""
    simfarm.compile_programs()
    folder = tempfile.mkdtemp(prefix="wheelfarm-chaos-")
    chaos = Chaos(folder, jobs, agents, kills, seed)
    try:
        began = time.monotonic()
        killed = chaos.run()
        wrong = chaos.end()
        attempts = chaos.coordinator.query("SELECT count(*) FROM lease")[0][0]
        outcomes = dict(chaos.coordinator.query(
            "SELECT coalesce(outcome, 'live'), count(*) FROM lease GROUP BY outcome"))
        # three attempts lost to the farm are a job's end, and its result says so
        given_up = chaos.coordinator.query(
            "SELECT count(*) FROM result WHERE final AND owner = 'farm'")[0][0]
        did = {"jobs": jobs, "kills": killed, **chaos.did, "attempts": attempts, **outcomes,
               "jobs given up by the farm": given_up, "seconds": round(time.monotonic() - began, 1)}
        if killed < kills:
            wrong.append(f"only {killed} kills: the work was done before")
        if not wrong:
            shutil.rmtree(folder)
        else:
            wrong.append(f"all of it is in {folder}")
        return did, wrong
    finally:
        for process in [a.process for a in chaos.agents] + [chaos.coordinator.process]:
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--jobs", type=int, default=2000)
    options.add_argument("--agents", type=int, default=20)
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    o = options.parse_args()
    print(f"seed {o.seed}", flush=True)
    did, wrong = run(o.jobs, o.agents, o.kills, o.seed)
    for what, count in did.items():
        print(f"{what:26} {count}")
    for what in wrong:
        print(f"WRONG: {what}")
    print("0 lost, 0 done twice, database clean" if not wrong else f"{len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

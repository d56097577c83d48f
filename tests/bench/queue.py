"""The queue under load: 1,000 simulated agents that complete a job at once and take the next lease with
the answer, 100,000 jobs, three sizes; then the time of a request at half of the goal. Beside it the same
load on what people would build instead, behind the same kind of HTTP front (support/queue_front.c):
Redis lists as RQ uses them, and PostgreSQL with SKIP LOCKED. Load and servers share the machine, so
each line has the processor time of the server's side and of the load apart. What is acknowledged waits
for the disk, so the disk's own time is told before.

    queue.py [--jobs N] [--agents N] [--no-peers]
"""

import argparse
import contextlib
import json
import os
import pathlib
import pwd
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/farm"))

import simfarm  # noqa: E402

GOAL = 10_000  # leases granted and completed a second
GOAL_P99_MS = 20
THREADS = 16  # of a peer's front, each with a connection of its own
TICKS = os.sysconf("SC_CLK_TCK")
POSTGRES = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))


def processor_s(pids):
    """User and system seconds of these processes so far."""
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def children_of(pid):
    return [int(entry.parent.name) for entry in pathlib.Path("/proc").glob("[0-9]*/stat")
            if entry.read_text(encoding="ascii").rsplit(")", 1)[1].split()[1] == str(pid)]


def resident_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def settle():
    """What others and the making of a farm have still to write is not part of what is measured."""
    os.sync()
    time.sleep(0.5)


def disk():
    """Median and 99th percentile, in ms, of what each acknowledged write waits for at least."""
    took = []
    with tempfile.NamedTemporaryFile() as file:
        file.write(bytes(8 << 20))
        file.flush()
        settle()
        for i in range(1000):
            os.pwrite(file.fileno(), bytes([i % 256]) * 65536, i * 65536 % (8 << 20))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(took, n=100)
    return cuts[49], cuts[98]


def load(port, tokens, pids, **settings):
    """What farm_load tells, and what the server's processes used meanwhile. pids: a function."""
    settle()
    before = processor_s(pids())
    words = [f"{name}={value}" for name, value in settings.items()]
    said = subprocess.run([simfarm.PROGRAMS / "farm_load", str(port), tokens, *words], text=True,
                          stdout=subprocess.PIPE, check=True).stdout
    told = json.loads(said)
    told["server_cpu_s"] = processor_s(pids()) - before
    return told


def row(name, told, remark=""):
    us, load_us = (told[side] / max(told["done"], 1) * 1e6 for side in ("server_cpu_s", "client_cpu_s"))
    print(f"{name:34} {told['done']:8} {told['per_second']:9.0f} {us:7.0f} {load_us:7.0f}"
          f" {told['p50_ms']:8.2f} {told['p99_ms']:8.2f}  {remark}".rstrip(), flush=True)


# --- ours

@contextlib.contextmanager
def farm(jobs, agents):
    with tempfile.TemporaryDirectory(prefix="wheelfarm-queue-") as folder:
        coordinator = simfarm.Coordinator(
            folder, jobs=jobs, agents=agents, targets=4, lease_s=600).start()
        try:
            yield coordinator
        finally:
            coordinator.kill()


def ours(jobs, agents, rate=0, count=0):
    with farm(jobs, agents) as coordinator:
        pid = coordinator.process.pid
        begin = resident_mb(pid)
        told = load(coordinator.port, coordinator.folder / "farm/tokens", lambda: [pid],
                    agents=agents, rate=rate, count=count)
        told["memory"] = f"{begin:.0f} → {resident_mb(pid):.0f} MB, peak {coordinator.peak_memory_mb():.0f}"
        told["spec"] = coordinator.query("SELECT spec FROM job_spec LIMIT 1")[0][0]
        done = coordinator.query(
            "SELECT count(*), count(DISTINCT job) FROM result WHERE final")[0]
        if count == 0 and done != (jobs, jobs):
            raise SystemExit(f"{jobs} jobs, and {done} results")
        return told


# --- the others

def wait_until(ready, what):
    end = time.monotonic() + 60
    while not ready():
        if time.monotonic() > end:
            raise SystemExit(f"{what} does not start")
        time.sleep(0.05)


@contextlib.contextmanager
def redis(folder, fsync):
    socket = folder / "redis.sock"
    server = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "",
         "--appendonly", "yes", "--appendfsync", fsync], stdout=subprocess.DEVNULL)
    try:
        wait_until(socket.exists, "redis-server")
        yield str(socket), lambda: [server.pid]
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def postgres(folder):
    """A cluster of its own with Debian's settings, as its own user: it does not run as root."""
    programs = POSTGRES[-1]
    user = pwd.getpwnam("postgres") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    data = folder / "data"
    os.chown(folder, user.pw_uid, user.pw_gid)
    who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
    subprocess.run([programs / "initdb", "-A", "trust", "-U", "bench", data], check=True,
                   stdout=subprocess.DEVNULL, cwd=folder, **who)
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, "-k", folder, "-h", "", "-c", "logging_collector=off",
         "-c", "log_min_messages=fatal"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        cwd=folder, **who)
    try:
        wait_until(lambda: subprocess.run([programs / "pg_isready", "-q", "-h", folder], check=False)
                   .returncode == 0, "postgres")
        yield f"host={folder} user=bench dbname=postgres", \
            lambda: [server.pid, *children_of(server.pid)]
    finally:
        server.terminate()
        server.wait()


def compile_front(folder):
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "hiredis", "libpq", "libmicrohttpd"],
                           check=True, text=True, stdout=subprocess.PIPE).stdout.split()
    front = folder / "queue_front"
    subprocess.run(["cc", "-O2", "-std=gnu17", ROOT / "tests/bench/support/queue_front.c", "-o", front,
                    *flags], check=True)
    return front


def peer(kind, server, front, spec, jobs, agents):
    with tempfile.TemporaryDirectory(prefix="wheelfarm-queue-") as folder:
        folder = pathlib.Path(folder)
        folder.chmod(0o711)  # PostgreSQL is another user
        tokens = folder / "tokens"
        tokens.write_text("0\n" * agents, encoding="ascii")
        (folder / "spec").write_text(spec, encoding="utf-8")
        state = folder / "state"
        state.mkdir()
        with server(state) as (address, pids):
            process = subprocess.Popen(
                [front, kind, address, str(jobs), folder / "spec", str(THREADS)], text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            try:
                port = int(process.stdout.readline())
                return load(port, tokens, lambda: [process.pid, *pids()], agents=agents)
            finally:
                process.kill()
                process.wait()


PEERS = (
    ("Redis, RQ's way, fsync each", "redis", lambda folder: redis(folder, "always")),
    ("Redis, RQ's way, fsync each second", "redis", lambda folder: redis(folder, "everysec")),
    ("PostgreSQL, SKIP LOCKED", "postgres", postgres),
)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--jobs", type=int, default=100_000)
    options.add_argument("--agents", type=int, default=1000)
    options.add_argument("--no-peers", action="store_true")
    o = options.parse_args()
    simfarm.compile_programs()
    print("the disk alone, 64 KiB and fdatasync: p50 {:.2f} ms, p99 {:.2f} ms".format(*disk()))
    print(f"{'':34} {'jobs':>8} {'a second':>9} {'cpu us':>7} {'load us':>7} {'p50 ms':>8} {'p99 ms':>8}"
          f"  memory")
    for size in (o.jobs // 4, o.jobs // 2, o.jobs):
        whole = ours(size, o.agents)
        row(f"wheelfarm, {o.agents} agents", whole, whole["memory"])
    half = GOAL // 2
    calm = ours(min(o.jobs, 10 * half), o.agents, rate=half)
    row(f"wheelfarm at {half} a second", calm, calm["memory"])
    print(f"goal: {GOAL} a second, p99 under {GOAL_P99_MS} ms at {half}, cpu us = processor time of the"
          f" server's side a job, load us = of the agents' side")
    if o.no_peers:
        return
    folder = pathlib.Path(tempfile.mkdtemp(prefix="wheelfarm-queue-"))
    try:
        front = compile_front(folder)
        for name, kind, server in PEERS:
            told = peer(kind, server, front, whole["spec"], o.jobs, o.agents)
            row(name, told, f"wheelfarm: {whole['per_second'] / told['per_second']:.2f} x as many,"
                f" {whole['server_cpu_s'] / told['server_cpu_s']:.2f} x the cpu")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()

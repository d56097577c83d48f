"""CPython's own test suite in the Wine bench: which files there are, and how each ends."""

import json
import os
import pathlib
import queue
import shutil
import subprocess
import threading

import wine_bench

SUITE = pathlib.Path(__file__).with_name("wine_suite.py")
TICKS = os.sysconf("SC_CLK_TCK")
# Folders whose files regrtest runs one by one (libregrtest/findtests.py).
SPLIT = {
    "test_asyncio", "test_concurrent_futures", "test_doctests", "test_future_stmt", "test_gdb", "test_inspect",
    "test_pydoc", "test_multiprocessing_fork", "test_multiprocessing_forkserver", "test_multiprocessing_spawn"}
GOOD = ("PASSED", "ENV_CHANGED")
SKIPPED = ("SKIPPED", "RESOURCE_DENIED", "DID_NOT_RUN")
AT_ONCE = 15  # files a process: what one leaves behind does not reach far
IDLE_S = 90  # in which no STEP_S of a processor were used: nothing comes any more
STEP_S = 1.5  # what waits in vain takes about 0.5 in that time: wineserver never sleeps whole
WAIT_S = 2
KEPT = 2500  # of what a file printed


def folder():
    version = wine_bench.PYTHON.rpartition("python")[2]
    return wine_bench.identity().parent / f"root/opt/wheelfarm/python{version}/Lib/test"


def names(place, base=""):
    """[(name as regrtest says it, bytes of source)]"""
    found = []
    for path in sorted(place.iterdir()):
        if not path.name.startswith("test_") or path.suffix not in (".py", ""):
            continue
        if path.stem in SPLIT and path.is_dir():
            found += names(path, f"test.{path.stem}.")
        else:
            files = path.rglob("*.py") if path.is_dir() else [path]
            found.append((base + path.stem, sum(file.stat().st_size for file in files)))
    return found


def processor_seconds(pid):
    """Of a process and all below it. Unlike the clock it stands still while others have the machine."""
    below, used = {}, {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = pathlib.Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        below.setdefault(int(fields[1]), []).append(int(entry))
        used[int(entry)] = sum(map(int, fields[11:15]))
    total, left = 0, [pid]
    while left:
        process = left.pop()
        total += used.get(process, 0)
        left += below.get(process, [])
    return total / TICKS


class Sandbox:
    """One Wine with one Python that runs files, until one ends badly: after that nothing of it is trusted."""

    def __init__(self, tmp, files, limit_s):
        self.files, self.limit_s = list(files), limit_s
        self.current, self.printed = None, []
        self.began = self.seen = self.moved = 0.0  # processor seconds: as this file began, now, as it last got on
        self.idle_s = 0
        shutil.copy(SUITE, tmp)
        self.process = wine_bench.start(
            tmp, ["-u", "-W", "default", "-bb", "-E", "-m", SUITE.stem, *files], stderr=subprocess.STDOUT)
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def end(self):
        self.process.kill()
        self.process.wait()

    def ended(self, name, state, **more):
        """A file's record, and the files that are left."""
        seconds = round(self.seen - self.began, 1)
        self.files.remove(name)
        printed = "".join(self.printed)[-KEPT:] if state not in GOOD else ""
        self.current, self.printed = None, []
        return {"file": name, "state": state, "seconds": seconds, "ran": 0, "skipped": 0, "bad": 0, "told": [],
                "printed": printed, **more}

    def look(self):
        """Nothing was said for a while: whether that is too long."""
        self.seen = max(self.seen, processor_seconds(self.process.pid))
        if self.seen - self.moved > STEP_S:  # added up, as a busy machine gives little at a time
            self.moved, self.idle_s = self.seen, 0
        self.idle_s += WAIT_S
        if self.seen - self.began <= self.limit_s and self.idle_s <= IDLE_S:
            return None
        self.end()
        why = f"{self.limit_s:.0f} s of processor time" if self.idle_s <= IDLE_S else f"idle for {IDLE_S} s"
        return self.ended(self.current or self.files[0], "LIMIT", why=why)

    def hear(self, line):
        """A record, if the line ends a file."""
        try:
            said = json.loads(line[1:]) if line.startswith("@{") else None
        except ValueError:
            said = None
        if said is None:
            self.printed = [*self.printed[-200:], line]
            return None
        self.seen = self.moved = max(self.seen, processor_seconds(self.process.pid))
        self.idle_s = 0
        if "start" in said:
            self.current, self.printed, self.began = said["start"], [], self.seen
            return None
        return self.ended(said.pop("end"), said.pop("state"), **said)

    def results(self):
        while self.files:
            try:
                line = self.lines.get(timeout=WAIT_S)
            except queue.Empty:
                record = self.look()
            else:
                if line is None:
                    self.end()
                    record = self.ended(self.current or self.files[0], "DIED", why=f"exit code {self.process.returncode}")
                else:
                    record = self.hear(line)
            if record is not None:
                yield record
                if record["state"] not in GOOD + SKIPPED:
                    break
        self.end()


def run(tmp, files, limit_s):
    """Yields a record a file; each Wine has an empty folder of its own below `tmp`."""
    left, number = list(files), 0
    while left:
        number += 1
        place = pathlib.Path(tmp) / str(number)
        place.mkdir()
        sandbox = Sandbox(place, left[:AT_ONCE], limit_s)
        yield from sandbox.results()
        left = sandbox.files + left[AT_ONCE:]
        shutil.rmtree(place, ignore_errors=True)

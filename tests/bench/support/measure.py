"""Runs a command and says what the system counted of it: wall, processor time, peak memory."""

import dataclasses
import os
import statistics
import subprocess
import tempfile
import time


@dataclasses.dataclass
class Cost:
    wall: float  # seconds
    cpu: float  # user and system seconds of the process and its children
    memory: float  # MB at the peak, of the largest process
    out: str = ""

    def __str__(self):
        return f"{self.wall:9.2f} {self.cpu:9.2f} {self.memory:9.0f}"

    def scaled(self, factor):
        return Cost(self.wall * factor, self.cpu * factor, self.memory)


def cost(arguments, env=None, fine=(0,)):
    """One run; stops the program if the command ends with a code that is not `fine`."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        start = time.monotonic()
        process = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.DEVNULL,
                                   stdout=out, stderr=err, env=env)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode not in fine:
            raise SystemExit(f"{arguments[0]} ended with {process.returncode}\n"
                             f"{err.read()[-2000:]}")
        return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out.read())


def median(costs):
    """Figure by figure; the output of the last."""
    return Cost(statistics.median(c.wall for c in costs), statistics.median(c.cpu for c in costs),
                max(c.memory for c in costs), costs[-1].out)


def middle_cost(runs, arguments, **options):
    return median([cost(arguments, **options) for _ in range(runs)])

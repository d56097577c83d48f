"""2,000 jobs and 20 agents while coordinator and agents are killed with SIGKILL 200 times, the network
is cut and slowed and clocks jump: 0 lost, 0 done twice, the database clean. Options: see
tests/farm/chaos.py; the seed is printed, and --seed N makes the same plan again."""

import pathlib
import sys

# in place of this folder, whose names are those of benchmarks (inspect, chaos)
sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1] / "farm")

import chaos  # noqa: E402

if __name__ == "__main__":
    sys.exit(chaos.main())

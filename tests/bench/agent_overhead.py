"""What the agent adds to the commands it runs: agent wall time against the same commands by hand.

`wheelfarm-agent --job FILE` leaves a script in its workspace (commands.sh) that does by hand what its
child processes did. Both are run in turn; each pair gives a ratio. Three sizes: packages whose builds
take about 1, 5 and 30 seconds of compiling.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
PACKAGES = sys.argv[1:] or ["markupsafe", "lz4", "ujson"]
PAIRS = int(os.environ.get("PAIRS", "5"))


def timed(arguments):
    start = time.monotonic()
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    seconds = time.monotonic() - start
    if done.returncode != 0:
        print(done.stdout.decode(errors="replace")[-3000:])
        raise SystemExit(f"{arguments[0]} failed with {done.returncode}")
    return seconds


def jobs(folder, package):
    """The resolved job as the coordinator would send it, with its sdist beside it."""
    out = subprocess.run(
        [ROOT / "build/wheelfarm", "recipe", "job", package, "--target",
         "cp313-manylinux_2_28_aarch64", "--out", folder], check=False, capture_output=True, text=True)
    if out.returncode != 0:
        raise SystemExit(out.stderr)
    return json.loads((folder / "job.json").read_text())


def main():
    print(f"{'package':12} {'agent s':>9} {'by hand s':>10} {'ratio':>7} {'min':>7} {'max':>7}")
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            jobs(folder, package)
            agent, hand = [], []
            for _ in range(PAIRS + 1):
                workspace = folder / "workspace"
                agent.append(timed([
                    ROOT / "build/wheelfarm-agent", "--job", folder / "job.json", "--config",
                    folder / "agent.json"]))
                old = folder / "workspace.old"
                subprocess.run(["rm", "-rf", old], check=True)
                workspace.rename(old)
                hand.append(timed(["bash", old / "commands.sh"]))
                subprocess.run(["rm", "-rf", workspace], check=True)
            ratios = [a / h for a, h in zip(agent[1:], hand[1:])]
            print(f"{package:12} {statistics.median(agent[1:]):9.2f} {statistics.median(hand[1:]):10.2f}"
                  f" {statistics.median(ratios):7.3f} {min(ratios):7.3f} {max(ratios):7.3f}", flush=True)


if __name__ == "__main__":
    main()

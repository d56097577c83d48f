"""What the benchmarks of the scanner share: the local index as each program wants it named."""

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/index"))

import local_index
import server

WHEELFARM = ROOT / "build/wheelfarm"
FLOOR = ROOT / "build/tests/bench/floor"
HEADER = f"{'':32} {'wall s':>9} {'cpu s':>9} {'memory MB':>9}"


def environment(served):
    """No proxy, and the server's certificate authority for all who look for one."""
    kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    return {**kept, "CURL_CA_BUNDLE": str(served.ca), "SSL_CERT_FILE": str(served.ca),
            "REQUESTS_CA_BUNDLE": str(served.ca), "NO_COLOR": "1"}


def write_urls(path, base, names):
    path.write_text("".join(f"{base}{name}/\n" for name in names))
    return path


def scan_command(index, url, db, rate=0):
    return [WHEELFARM, "scan", "--packages", index.packages, "--index", url, "--db", db, "--rate",
            str(rate)]


def database_bytes(db):
    return sum(p.stat().st_size for p in db.parent.glob(db.name + "*"))


def row(name, cost, remark=""):
    print(f"{name:32} {cost}  {remark}".rstrip(), flush=True)

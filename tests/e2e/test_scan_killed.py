"""A scan that is killed (SIGKILL) at random moments, again and again until it comes to its end: the
database is whole, says what that of an undisturbed scan says, and nothing that it had stored was asked
for again.

WHEELFARM_KILLS: how many kills for each kind of index; WHEELFARM_SEED chooses other moments.
"""

import gzip
import json
import os
import random
import signal
import subprocess
import time

import pytest

from conftest import PAGES, WHEELFARM
from served_pages import Served, compare, dump, progress

KILLS = int(os.environ.get("WHEELFARM_KILLS", "6"))
SEED = os.environ.get("WHEELFARM_SEED", "1")
COUNT = 250


@pytest.fixture(scope="module")
def served():
    recorded = {name: json.loads(gzip.decompress((PAGES / f"{name}.json.gz").read_bytes()))
                for name in ("markupsafe", "cryptography", "psutil", "ujson")}
    index = Served(recorded, COUNT, f"killed {SEED}")
    yield index
    index.close()


def start(source, db, names, state):
    return subprocess.Popen(
        [WHEELFARM, "scan", "--index", source, "--rate", "0", "--db", db, *names], env=state,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(scan):
    stdout, stderr = scan.communicate(timeout=120)
    assert scan.returncode == 0, stderr
    return stdout


@pytest.mark.parametrize("kind", ["http", "folder"])
def test_killed_again_and_again(kind, served, tmp_path, state):
    folder = tmp_path / "pages"
    folder.mkdir()
    source = served.url if kind == "http" else served.write(folder)
    began = time.monotonic()
    assert f"{COUNT} read" in finish(start(source, tmp_path / "whole.db", served.names, state))
    lasts = time.monotonic() - began
    whole = dump(tmp_path / "whole.db")
    assert whole["package"].total() == COUNT

    pick = random.Random(f"{kind} {SEED}")
    kills, moments, asked_again, rounds = 0, [], [], 0
    while kills < KILLS:
        db = tmp_path / f"{rounds}.db"
        rounds += 1
        ended = False
        while not ended:
            stored, _ = progress(db)
            served.requests.clear()
            scan = start(source, db, served.names, state)
            time.sleep(pick.random() * lasts * 1.1)
            if kills < KILLS and scan.poll() is None:
                scan.send_signal(signal.SIGKILL)
                scan.communicate()
            else:
                finish(scan)
            asked_again += [name for name in served.asked() if name in stored]
            now, ended = progress(db)
            if scan.returncode != 0:
                kills += 1
                moments.append(len(now))
            assert ended or scan.returncode != 0
        found = compare(dump(db), whole)
        assert not found, f"WHEELFARM_SEED={SEED}, after kills at {moments} packages:\n" + "\n".join(found)
    print(f"{kind}: {kills} kills in {rounds} scans, with {moments} of {COUNT} packages stored")
    assert asked_again == [], f"WHEELFARM_SEED={SEED}: {len(asked_again)} pages asked for twice"
    # The moments must be worth it: some in the middle of the work.
    # A folder is read so fast that a kill may never fall there.
    assert kind == "folder" or any(0 < stored < COUNT for stored in moments), moments

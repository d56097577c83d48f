"""How an agent ends: after one job with --once, after what runs when it drains, at once when it does not.
The agent's own daemon, slots and client; only the build is faked (tests/farm/sim_agent.c)."""

import contextlib
import json
import signal
import subprocess
import sys
import time

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "tests/farm"))

import simfarm  # noqa: E402

JOBS = 12


@pytest.fixture
def farm(tmp_path, request):
    """Its leases are short, so that lost jobs come back soon; who shows that none is lost asks for long ones."""
    simfarm.compile_programs()
    coordinator = simfarm.Coordinator(
        tmp_path, jobs=JOBS, agents=1, builds=3, lease_s=getattr(request, "param", 3), heartbeat_s=1,
        retry_s=1, tick_ms=50).start()
    yield coordinator
    coordinator.kill()


@contextlib.contextmanager
def agent(farm, *words, build_ms, slots=2, **config):
    folder = farm.folder / "agent"
    folder.mkdir(exist_ok=True)
    (folder / "token").write_text(farm.tokens()[0], encoding="ascii")
    (folder / "token").chmod(0o600)
    (folder / "agent.json").write_text(json.dumps({
        "coordinator": farm.url, "token_file": str(folder / "token"), "name": "agent-0", "slots": slots,
        "workspace": str(folder / "work"), "cache": str(folder / "cache"), **config}), encoding="utf-8")
    with open(folder / "log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [simfarm.PROGRAMS / "sim_agent", *words, folder / "agent.json"], stdin=subprocess.DEVNULL,
            stderr=log, env=simfarm.environment(SIM_FAIL=0, SIM_FAULT=0, SIM_MS=build_ms, SIM_SEED=1))
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def wait_until(holds, seconds=40):
    """A bound, not a measure."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def leases(farm):
    """How many leases ended in which way; None: live."""
    return dict(farm.query("SELECT outcome, count(*) FROM lease GROUP BY outcome"))


def left_behind(farm):
    return list((farm.folder / "agent/work").glob("slot*-job*"))


def test_once_does_one_job(farm):
    for n in (1, 2):
        with agent(farm, "--once", build_ms=20) as process:
            assert process.wait(40) == 0
        assert leases(farm) == {"result": n}
        assert farm.query("SELECT count(*) FROM result WHERE final") == [(n,)]
        assert left_behind(farm) == []


def test_once_ends_where_nothing_comes(tmp_path):
    simfarm.compile_programs()
    farm = simfarm.Coordinator(tmp_path, jobs=0, agents=1, drain=1).start()
    with agent(farm, "--once", build_ms=20) as process:
        assert process.wait(40) == 0
    assert leases(farm) == {}
    farm.stop()


@pytest.mark.parametrize("farm", [60], indirect=True)
def test_a_drained_agent_ends_what_it_has_and_takes_no_more(farm):
    with agent(farm, build_ms=4000) as process:
        wait_until(lambda: leases(farm).get(None) == 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
    # both were finished; a result that was on its way when the word came may have brought one more
    ended = leases(farm)
    assert set(ended) == {"result"} and 2 <= ended["result"] <= 4
    assert farm.query("SELECT count(*) FROM job WHERE state = 'done'") == [(ended["result"],)]
    assert farm.query("SELECT count(*) FROM job WHERE state = 'queued'") == [(JOBS - ended["result"],)]
    assert left_behind(farm) == []


def test_one_that_does_not_drain_ends_at_once_and_its_jobs_come_back(farm):
    with agent(farm, build_ms=600_000, drain=False, die_with_parent=False) as process:
        wait_until(lambda: leases(farm).get(None) == 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
    assert farm.query("SELECT count(*) FROM result WHERE final") == [(0,)]
    assert left_behind(farm) == []
    # whether it said so or its leases ran out: nothing is lost
    wait_until(lambda: farm.query("SELECT count(*) FROM job WHERE state = 'queued'") == [(JOBS,)])
    assert None not in leases(farm)
    with agent(farm, "--once", build_ms=20) as process:
        assert process.wait(40) == 0
    assert farm.query("SELECT count(*) FROM result WHERE final") == [(1,)]

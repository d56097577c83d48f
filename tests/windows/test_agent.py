"""The agent for Windows as a coordinator's worker: the scenarios of the Linux one, under Wine, over loopback."""

import pathlib
import random
import subprocess
import sys
import time

import pytest
from conftest import BUILD, PYTHON, ROOT
from farm import Agent, Farm, real_python, wait_until, wheel_of

sys.path.insert(0, str(ROOT / "tests/farm"))
from relay import Relay  # noqa: E402

CHILD = BUILD / "tests/windows/child.exe"
COPY = ["copy /b {name}-1.0-cp313-cp313-win_arm64.whl %1 >nul", "exit /b %errorlevel%"]


@pytest.fixture
def farm(tmp_path, index, port, wine):
    """After each test, however its agents ended, nothing of them runs in the prefix."""
    made = Farm(tmp_path, index, port)
    made.agents = []
    yield made
    for agent in made.agents:
        if agent.process and agent.process.poll() is None:
            agent.kill()
    if made.server and made.server.poll() is None:
        made.stop()
    wait_until(lambda: wine.strangers() == [])


def add(farm, tmp_path, name, build, more=b"", **limits):
    """A package whose build.cmd has `child.exe` and a right wheel beside it."""
    wheel = wheel_of(name, tmp_path, more)
    farm.add(name, [line.format(name=name) for line in build],
             {"child.exe": CHILD.read_bytes(), wheel.name: wheel.read_bytes()}, **limits)


def agent_of(farm, wine, coordinator=None, name="win", **config):
    agent = Agent(wine, farm, name, BUILD, real_python(PYTHON, PYTHON, BUILD), **config)
    if coordinator:
        text = agent.config.read_text(encoding="utf-8").replace(f":{farm.port}", f":{coordinator}")
        agent.config.write_text(text, encoding="utf-8")
    farm.agents.append(agent)
    return agent


def attempts(farm):
    return dict(farm.query("SELECT p.name, j.attempts FROM job j JOIN package p ON p.id = j.package"
                           " WHERE j.kind = 'build'"))


def test_it_starts(wine):
    code, output = wine.run(BUILD / "wheelfarm-agent.exe", "--version")
    assert (code, output.split()) == (0, ["wheelfarm-agent", "0.1.0"])
    code, output = wine.run(BUILD / "wheelfarm-agent.exe", "--config", "Z:/nowhere/no.json")
    assert code == 2 and "no.json" in output


def test_lease_build_and_what_goes_wrong_in_it(farm, wine, tmp_path):
    add(farm, tmp_path, "passes", ["echo hello from cmd", *COPY])
    add(farm, tmp_path, "fails", ["echo error: it is broken", "exit /b 3"])
    # a grandchild with a group and a console of its own, which nobody tells to end
    add(farm, tmp_path, "tree", ["child.exe leave", "child.exe sleep 600000"], wall_s=15)
    add(farm, tmp_path, "flood", ["child.exe flood"], log_mb=1)
    # names that Windows' own tools cannot remove: long, foreign, read-only
    add(farm, tmp_path, "names", ["child.exe litter", *COPY])
    farm.start()
    agent = agent_of(farm, wine).start()
    wait_until(lambda: set(farm.jobs().values()) == {"done"}, 400)
    assert farm.results() == {
        "passes": ["pass", None, None], "names": ["pass", None, None],
        "fails": ["fail", "build", "unknown"], "tree": ["fail", "build", "limit_time"],
        "flood": ["fail", "build", "limit_log"]}
    assert wine.processes("child.exe") == []
    wait_until(lambda: agent.left_behind() == [])
    # its wheel and its log lie with the coordinator
    [(files,)] = farm.query("SELECT json_extract(r.body, '$.files') FROM result r JOIN job j ON j.id = r.job"
                            " JOIN package p ON p.id = j.package WHERE p.name = 'passes'")
    assert "passes-1.0-cp313-cp313-win_arm64.whl" in files
    [(limits,)] = farm.query("SELECT json_extract(r.body, '$.stages[3].limits') FROM result r JOIN job j ON"
                             " j.id = r.job JOIN package p ON p.id = j.package WHERE p.name = 'passes'")
    assert "tree(job)" in limits and "wall" in limits


def test_an_upload_goes_on_where_it_broke(farm, wine, tmp_path):
    add(farm, tmp_path, "big", COPY, more=random.Random(1).randbytes(6 << 20))
    farm.start()
    relay = Relay(farm.port, 1)
    agent_of(farm, wine, relay.port).start()
    wait_until(lambda: farm.jobs() == {"big": "leased"})
    relay.delay = 0.02
    partial = farm.folder / "farm/store/partial"
    for least in (1, 2 << 20):
        wait_until(lambda: [p for p in partial.glob("*") if p.stat().st_size >= least])  # noqa: B023
        relay.cut()
    relay.delay = 0
    wait_until(lambda: farm.jobs() == {"big": "done"})
    assert farm.results() == {"big": ["pass", None, None]}
    assert relay.cuts >= 2 and attempts(farm) == {"big": 1}


def slow(farm, tmp_path):
    add(farm, tmp_path, "slow", ["child.exe sleep 12000", *COPY])
    farm.start()


def is_building(wine):
    return bool(wine.processes("12000"))


def test_a_coordinator_that_is_killed_comes_back(farm, wine, tmp_path):
    slow(farm, tmp_path)
    agent_of(farm, wine).start()
    wait_until(lambda: is_building(wine))
    farm.kill()
    time.sleep(1)
    farm.start()
    wait_until(lambda: farm.jobs() == {"slow": "done"})
    assert farm.results() == {"slow": ["pass", None, None]}
    assert attempts(farm) == {"slow": 1}


def test_an_agent_that_is_killed_loses_nothing_and_leaves_nobody(farm, wine, tmp_path):
    slow(farm, tmp_path)
    agent = agent_of(farm, wine).start()
    wait_until(lambda: is_building(wine))
    agent.kill()
    wait_until(lambda: not is_building(wine), 60)
    assert agent.left_behind() != []
    agent.start()
    wait_until(lambda: farm.jobs() == {"slow": "done"})
    assert farm.results() == {"slow": ["pass", None, None]}
    assert attempts(farm) == {"slow": 2}
    wait_until(lambda: agent.left_behind() == [])


@pytest.mark.parametrize("drain", [True, False])
def test_ctrl_c_drains_or_drops(farm, wine, tmp_path, drain):
    slow(farm, tmp_path)
    agent = agent_of(farm, wine, drain=drain, die_with_parent=False)
    sign = agent.folder / "stop"
    # what a console does for who presses the keys: child.exe has one, and the agent in it
    driver = wine.start(CHILD, "console", f"Z:{sign}", f"Z:{BUILD}/wheelfarm-agent.exe", "--config",
                        f"Z:{agent.config}")
    wait_until(lambda: is_building(wine))
    sign.touch()
    assert driver.wait(120) == 0
    # what was dropped is done again once its lease ran out
    assert farm.results() == ({"slow": ["pass", None, None]} if drain else {})
    assert not is_building(wine) and agent.left_behind() == []


def test_an_agent_that_is_revoked_drops_its_job_for_another(farm, wine, tmp_path):
    """Nobody tells the tree to end but the agent, which learns of it by its next word to the coordinator."""
    go = tmp_path / "go"
    add(farm, tmp_path, "long", [f"if exist Z:{go} goto made", "child.exe leave", "child.exe sleep 600000", ":made", *COPY])
    farm.start()
    agent = agent_of(farm, wine).start()
    wait_until(lambda: len(wine.processes("child.exe")) == 2)
    farm.ask("agent", "revoke", agent.name)
    assert agent.process.wait(120) == 3
    assert wine.processes("child.exe") == [] and agent.left_behind() == []
    assert farm.results() == {}
    go.touch()
    agent_of(farm, wine, name="other").start()
    wait_until(lambda: farm.jobs() == {"long": "done"})
    assert farm.results() == {"long": ["pass", None, None]}


def test_a_service_is_made_works_drains_and_is_removed(farm, wine, tmp_path):
    go = tmp_path / "go"
    add(farm, tmp_path, "slow", [":again", f"if exist Z:{go} goto made", "child.exe sleep 500", "goto again", ":made", *COPY])
    farm.start()
    agent = agent_of(farm, wine, die_with_parent=False)
    program = BUILD / "wheelfarm-agent.exe"
    words = ("--config", f"Z:{agent.config}")
    log = pathlib.Path(f"{agent.config}.log")
    # services end with the last program that is none: it stands for the machine that is on. Those of the test before may be
    # about to end, and would start nothing more: the machine is switched off first
    wine.server("-k")
    wine.server("-w")
    machine = wine.start(CHILD, "sleep", 3600000, stdout=subprocess.DEVNULL)
    try:
        assert wine.run(program, "--service", "install", *words) == (0, "")
        wait_until(lambda: wine.processes("build.cmd"))
        code, output = wine.run("sc", "stop", "wheelfarm-agent")
        assert code == 0, output
        wait_until(lambda: "what runs is finished first" in log.read_text(encoding="utf-8"))
        assert farm.jobs() == {"slow": "leased"} and wine.processes("--service") != []
        go.touch()
        wait_until(lambda: farm.jobs() == {"slow": "done"})
        assert farm.results() == {"slow": ["pass", None, None]}
        wait_until(lambda: wine.processes("--service") == [])
        assert agent.left_behind() == []
        assert wine.run(program, "--service", "remove", *words) == (0, "")
        code, output = wine.run(program, "--service", "remove", *words)
        assert code == 3 and "there is no such service" in output
    finally:
        machine.kill()
        machine.wait()

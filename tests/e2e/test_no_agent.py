"""A run whose agents cannot work ends by itself: one clear line, exit code 3, nothing concluded."""

import shutil

import conftest
from conftest import WHEELFARM, wheelfarm
from test_first_light import WINDOWS, query, write_config

PACKAGE = "markupsafe"
SDIST = "markupsafe-3.0.4.tar.gz"


def run(tmp_path, monkeypatch, state, index, agent):
    """Runs a copy of the program with `agent` (a script, or None) beside it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    shutil.copy(WHEELFARM, folder / "wheelfarm")
    if agent is not None:
        (folder / "wheelfarm-agent").write_text(agent)
        (folder / "wheelfarm-agent").chmod(0o755)
    monkeypatch.setattr(conftest, "WHEELFARM", folder / "wheelfarm")
    index.add(PACKAGE, SDIST)
    config = write_config(tmp_path, index.url, [PACKAGE], targets=(WINDOWS,))
    return wheelfarm("run", "--config", config, env=state, timeout=60)


def assert_nothing_is_concluded(tmp_path):
    assert query(tmp_path, "SELECT state FROM job") == [("queued",)]
    assert query(tmp_path, "SELECT count(*) FROM result") == [(0,)]


def test_no_agent_program(tmp_path, monkeypatch, state, index):
    done = run(tmp_path, monkeypatch, state, index, None)
    assert done.returncode == 3, done.stderr
    assert done.stderr.count("local-1 cannot start") == 1, done.stderr
    assert "no agent is left, and 1 builds are not done" in done.stderr
    assert_nothing_is_concluded(tmp_path)


def test_an_agent_that_ends_at_once(tmp_path, monkeypatch, state, index):
    done = run(tmp_path, monkeypatch, state, index, "#!/bin/sh\nexit 3\n")
    assert done.returncode == 3, done.stderr
    assert done.stderr.count("given up") == 1, done.stderr
    assert_nothing_is_concluded(tmp_path)


def test_an_agent_without_toolchains(tmp_path, state, index):
    index.add(PACKAGE, SDIST)
    config = write_config(tmp_path, index.url, [PACKAGE], targets=(WINDOWS,))
    done = wheelfarm(  # it ends by itself
        "run", "--config", config, env={**state, "XDG_CACHE_HOME": str(tmp_path / "empty")},
        timeout=120)
    assert done.returncode == 3, done.stderr
    assert "1 builds need what no agent here has" in done.stderr and "cross" in done.stderr
    assert_nothing_is_concluded(tmp_path)

"""Disks that fill while a farm serves, and have room again: the store, the database, an agent's workspace.
Each is a small file system of the test's own; the work is the canary, which needs no index."""

import contextlib
import hashlib
import os
import sqlite3
import subprocess
import time
import urllib.request

import pytest
from conftest import image_is_there, wheelfarm
from test_operate import free_port, serving

pytestmark = [
    pytest.mark.skipif(os.getuid() != 0, reason="only root may mount"),
    pytest.mark.skipif(not image_is_there("trixie-amd64-builder"),
                       reason="no builder image (./farm prepare)"),
]


@contextlib.contextmanager
def small(folder, mb):
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mb}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder):
    """A file that takes all there is."""
    filler = folder / "filler"
    with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 65536):
            pass
    return filler


def write_config(tmp_path, index, port, more=""):
    index.add("markupsafe")
    config = tmp_path / "farm.yaml"
    config.write_text(
        f"schema: 1\nindex: {index.url}\nstate: {tmp_path / 'farm'}\nlisten: 127.0.0.1:{port}\n"
        f"packages: [markupsafe]\nbuild: missing\ntargets: [cp313-win_arm64]\nmin_free_mb: 1\n"
        f"agents: {{local: 1, retry_s: 1}}\n{more}")
    return config


def page(port, path="/"):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.status


def agents(config, state):
    return wheelfarm("agent", "list", "--config", config, env=state).stdout


def wait_for(what, seconds=240):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.2)
    return None


def check_database(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def check_store(folder):
    for blob in folder.glob("??/*"):
        assert hashlib.sha256(blob.read_bytes()).hexdigest() == blob.parent.name + blob.name


def test_the_store(tmp_path, state, index):
    port = free_port()
    config = write_config(tmp_path, index, port)
    store = tmp_path / "farm/store"
    with small(store, 8), serving(tmp_path, config, state):
        filler = fill(store)
        log = tmp_path / "farm/agents/local-1/agent.log"
        refused = wait_for(lambda: log.exists() and "upload: HTTP 5" in log.read_text())
        assert refused, log.read_text() + (tmp_path / "serve.log").read_text()
        assert page(port) == 200 and page(port, "/healthz") == 200
        assert "proved" not in agents(config, state)
        assert "No space left" in log.read_text()
        filler.unlink()
        assert wait_for(lambda: "proved" in agents(config, state)), log.read_text()
        check_store(store)
    check_database(tmp_path / "farm/facts.db")


def test_the_database(tmp_path, state, index):
    port = free_port()
    disk = tmp_path / "database"
    config = write_config(tmp_path, index, port, f"database: {disk / 'facts.db'}\n")
    with small(disk, 16):
        with serving(tmp_path, config, state):
            assert wait_for(lambda: "proved" in agents(config, state))
            filler = fill(disk)

            def add():
                return wheelfarm("agent", "add", f"a{time.monotonic_ns()}", "--config", config, env=state)

            # what is left in the files themselves goes first
            refused = wait_for(lambda: (done := add()).returncode != 0 and done)
            assert refused and "full" in refused.stderr, refused.stderr
            assert page(port) == 200 and page(port, "/package/markupsafe") == 200
            assert page(port, "/healthz") == 200
            filler.unlink()
            assert wait_for(lambda: add().returncode == 0), (tmp_path / "serve.log").read_text()
        check_database(disk / "facts.db")


def test_a_workspace(tmp_path, state, index):
    port = free_port()
    config = write_config(tmp_path, index, port)
    work = tmp_path / "farm/agents/local-1/work"
    with small(work, 64), serving(tmp_path, config, state):
        told = wait_for(lambda: "host_disk" in (found := agents(config, state)) and found)
        assert told and "quarantined" in told and "MB are free for the workspace" in told, told
        assert page(port) == 200
        subprocess.run(["mount", "-o", "remount,size=4g", str(work)], check=True)
        assert wait_for(lambda: " active " in (found := agents(config, state)) and "proved" in found)
    check_database(tmp_path / "farm/facts.db")

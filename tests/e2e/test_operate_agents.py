"""A farm with agents at work, as its operator sees it: TLS from end to end, figures, and a backup that was
made meanwhile and is put back."""

import contextlib
import json
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.request

from conftest import ROOT, wheelfarm
from prometheus_client.parser import text_string_to_metric_families
from test_operate import certificate, free_port, serving, write_config  # noqa: F401

sys.path.insert(0, str(ROOT / "tests/farm"))

import simfarm  # noqa: E402


def wait_until(holds, seconds=40):
    """A bound, not a measure."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@contextlib.contextmanager
def sim_agent(folder, coordinator, token, image, **more):
    """The real agent's daemon and client, whose builds all fail as the package's fault."""
    folder.mkdir()
    (folder / "token").write_text(token, encoding="ascii")
    (folder / "token").chmod(0o600)
    config = {"coordinator": coordinator, "token_file": str(folder / "token"), "slots": 1,
              "workspace": str(folder / "work"), "cache": str(folder / "cache"), **more}
    (folder / "agent.json").write_text(json.dumps(config), encoding="utf-8")
    with open(folder / "log", "w", encoding="utf-8") as log:
        agent = subprocess.Popen(
            [simfarm.PROGRAMS / "sim_agent", folder / "agent.json"], stdin=subprocess.DEVNULL,
            stderr=log, env=simfarm.environment(SIM_FAIL=1000, SIM_FAULT=0, SIM_MS=5, SIM_IMAGE=image))
        try:
            yield folder / "log"
        finally:
            agent.terminate()
            agent.wait(30)


def test_an_agent_over_tls(tmp_path, state, index, certificate):  # noqa: F811
    simfarm.compile_programs()
    index.add("markupsafe", "markupsafe-3.0.4.tar.gz")
    pem, key = certificate
    port = free_port()
    farm = f"https://127.0.0.1:{port}"
    config = write_config(
        tmp_path, index, port, f"targets: [cp313-win_arm64]\nbuild: all\npublic_url: {farm}\n"
        f"tls: {{certificate: {pem}, key: {key}}}\n")

    def query(sql):
        with contextlib.closing(sqlite3.connect(tmp_path / "farm/facts.db")) as db:
            return db.execute(sql).fetchall()

    def add(name):
        return wheelfarm("agent", "add", name, "--config", config, env=state).stdout.strip()

    with serving(tmp_path, config, state):
        wait_until(lambda: query("SELECT state FROM job") == [("queued",)])
        [image] = json.loads(query("SELECT needs FROM job")[0][0])["images"]
        # who does not trust the farm's certificate tells it nothing, its token least of all
        with sim_agent(tmp_path / "wary", farm, add("wary"), image) as log:
            wait_until(lambda: "again in" in log.read_text())
        assert query("SELECT seen FROM agent WHERE name = 'wary'") == [(None,)]
        with sim_agent(tmp_path / "one", farm, add("one"), image, ca_file=str(pem)):
            # its canary fails as all its builds do; an operator may know better
            wait_until(lambda: query("SELECT state FROM agent WHERE name = 'one'") == [("quarantined",)])
            assert query("SELECT state FROM job") == [("queued",)]
            assert wheelfarm("agent", "release", "one", "--config", config, env=state).returncode == 0
            wait_until(lambda: query("SELECT state FROM job") == [("done",)])
    assert query("SELECT a.name, r.state, r.final FROM result r JOIN lease l ON l.id = r.lease"
                 " JOIN agent a ON a.id = l.agent") == [("one", "fail", 1)]
    # what journald keeps of it
    lines = [line for line in (tmp_path / "serve.log").read_text().splitlines()
             if " msg=finished " in line]
    assert len(lines) == 1 and " package=markupsafe " in lines[0] and " agent=one " in lines[0]
    # a token is nowhere but with its agent
    token = (tmp_path / "one/token").read_text()
    for path in [*(tmp_path / "farm").rglob("*"), tmp_path / "serve.log", tmp_path / "one/log"]:
        assert not path.is_file() or token.encode() not in path.read_bytes(), path


def work(farm, agents):
    """A load until nothing is to be had; its process."""
    return subprocess.Popen(
        [simfarm.PROGRAMS / "farm_load", str(farm.port), farm.folder / "farm/tokens",
         f"agents={agents}"], stdout=subprocess.DEVNULL)


def test_a_backup_that_was_made_under_load_is_put_back(tmp_path, state):
    simfarm.compile_programs()
    (tmp_path / "first").mkdir()
    farm = simfarm.Coordinator(tmp_path / "first", jobs=4000, agents=20, lease_s=3, retry_s=1,
                               tick_ms=50).start()
    config = tmp_path / "farm.yaml"
    config.write_text(f"schema: 1\nindex: http://127.0.0.1:9/\nstate: {farm.folder}/farm\n"
                      "packages: [demo]\n")
    load = work(farm, 20)
    wait_until(lambda: farm.query("SELECT count(*) FROM result")[0][0] > 100)
    copies = [tmp_path / f"copy-{i}.db" for i in range(3)]
    for copy in copies:
        done = wheelfarm("farm", "backup", "--out", copy, "--config", config, env=state)
        assert done.returncode == 0, done.stderr
    meanwhile = farm.query("SELECT count(*) FROM result")[0][0]
    assert load.wait(120) == 0
    with urllib.request.urlopen(f"{farm.url}metrics") as reply:
        families = {f.name: f for f in text_string_to_metric_families(reply.read().decode())}
    results = {s.labels["state"]: s.value for s in families["wheelfarm_results"].samples}
    assert results == {"pass": 4000, "fail": 0}
    assert families["wheelfarm_writer_behind_seconds"].samples[0].value < 60
    farm.kill()

    counts = []
    for copy in copies:
        with contextlib.closing(sqlite3.connect(copy)) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert db.execute("PRAGMA foreign_key_check").fetchall() == []
            counts.append(db.execute("SELECT count(*) FROM result").fetchone()[0])
    assert 100 < counts[0] <= counts[1] <= counts[2] <= meanwhile

    # the farm goes on from the copy: what was done until then is done, the rest is done now
    (tmp_path / "second/farm").mkdir(parents=True)
    shutil.copy(copies[0], tmp_path / "second/farm/facts.db")
    shutil.copy(farm.folder / "farm/tokens", tmp_path / "second/farm/tokens")
    second = simfarm.Coordinator(tmp_path / "second", lease_s=3, retry_s=1, tick_ms=50).start()
    while second.query("SELECT count(*) FROM job WHERE state <> 'done'") != [(0,)]:
        assert work(second, 20).wait(120) == 0
        time.sleep(0.2)
    assert second.query("SELECT count(*), count(DISTINCT job) FROM result WHERE final") == [(4000, 4000)]
    second.stop()

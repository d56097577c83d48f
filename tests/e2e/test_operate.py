"""Operating a farm: TLS, the administrators' API and its log, `wheelfarm agent`, /metrics."""

import contextlib
import hashlib
import json
import re
import socket
import sqlite3
import ssl
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from conftest import WHEELFARM, wheelfarm
from prometheus_client.parser import text_string_to_metric_families

TOKEN = "an administrator's own, kept elsewhere"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture
def certificate(tmp_path):
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    pem, key = tmp_path / "farm.pem", tmp_path / "farm.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-keyout", key, "-out", pem, "-days", "2", "-subj", "/CN=farm",
         "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return pem, key


def write_config(tmp_path, index, port, more=""):
    config = tmp_path / "farm.yaml"
    config.write_text(
        f"schema: 1\nindex: {index.url}\nstate: {tmp_path / 'farm'}\nlisten: 127.0.0.1:{port}\n"
        f"packages: [markupsafe]\nagents: {{local: 0}}\n"
        f"admin_token_sha256: {hashlib.sha256(TOKEN.encode()).hexdigest()}\n{more}")
    return config


@contextlib.contextmanager
def serving(tmp_path, config, state):
    """`wheelfarm serve`, from when its commands can reach it until it has ended."""
    link = tmp_path / "farm/admin.json"
    with open(tmp_path / "serve.log", "w", encoding="utf-8") as log:
        server = subprocess.Popen([WHEELFARM, "serve", "--config", config], env=state, stderr=log)
        try:
            deadline = time.monotonic() + 60
            while not link.exists() and server.poll() is None and time.monotonic() < deadline:
                time.sleep(0.02)
            assert link.exists(), (tmp_path / "serve.log").read_text()
            yield link
        finally:
            server.terminate()
            assert server.wait(30) == 0
    assert not link.exists()


def ask(url, token=None, context=None, data=None):
    request = urllib.request.Request(url, data=data)
    if token is not None:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=20, context=context) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_agents_of_a_farm_that_runs(tmp_path, state, index, certificate):
    index.add("markupsafe")
    pem, key = certificate
    port = free_port()
    config = write_config(
        tmp_path, index, port, f"tls: {{certificate: {pem}, key: {key}}}\n"
        f"public_url: https://127.0.0.1:{port}\n")
    trusts = ssl.create_default_context(cafile=pem)
    farm = f"https://127.0.0.1:{port}"

    def agent(*words):
        return wheelfarm("agent", *words, "--config", config, env=state)

    with serving(tmp_path, config, state) as link:
        assert link.stat().st_mode & 0o777 == 0o600
        added = agent("add", "winbox", "--trusted")
        assert added.returncode == 0, added.stderr
        token = added.stdout.strip()
        assert re.fullmatch(r"[0-9a-f]{64}", token)
        twice = agent("add", "winbox")
        assert twice.returncode == 1 and "there is one of that name" in twice.stderr

        lease = f"{farm}/api/v1/agent/lease"
        request = urllib.request.Request(
            f"{farm}/api/v1/agent/hello", method="POST",
            data=json.dumps({
                "protocol": 1, "version": "test", "clock": int(time.time() * 1000), "slots": 1,
                "capabilities": {
                    "os": "linux", "arch": "x86_64", "modes": [], "toolchains": [], "images": [],
                    "targets": [], "cores": 1, "memory_mb": 1, "page_size": 4096,
                    "free_disk_mb": 1}}).encode(),
            headers={"Authorization": f"Bearer {token}", "Wheelfarm-Protocol": "1"})
        with urllib.request.urlopen(request, context=trusts, timeout=20) as answer:
            assert json.load(answer)["agent"] == "winbox"

        assert agent("drain", "winbox").stdout == "winbox: drain\n"
        assert '"state": "draining"' in agent("list", "--json").stdout
        assert agent("release", "winbox").returncode == 0
        assert json.loads(agent("list", "--json").stdout)[0]["state"] == "active"
        assert agent("revoke", "winbox").returncode == 0
        status, _ = ask(lease, token, trusts, b"{}")
        assert status == 401
        again = agent("release", "winbox")
        assert again.returncode == 1 and "was revoked" in again.stderr
        assert agent("drain", "nobody").returncode == 1

        # the log says it all, newest first; nobody reads it without the token
        status, _ = ask(f"{farm}/api/v1/admin/audit", None, trusts)
        assert status == 401
        status, _ = ask(f"{farm}/api/v1/admin/audit", token, trusts)
        assert status == 401, "an agent is no administrator"
        status, text = ask(f"{farm}/api/v1/admin/audit", TOKEN, trusts)
        assert status == 200
        lines = json.loads(text)["audit"]
        assert [line["action"] for line in lines] == [
            "agent_drain", "agent_release", "agent_revoke", "agent_release", "agent_drain",
            "agent_add", "agent_add"]
        assert [line["outcome"] == "ok" for line in lines] == [
            False, False, True, True, True, False, True]
        assert {line["who"] for line in lines} == {"127.0.0.1"}
        assert token not in text and TOKEN not in text

        status, text = ask(f"{farm}/metrics", None, trusts)
        assert status == 200
        families = {family.name: family for family in text_string_to_metric_families(text)}
        states = {s.labels["state"]: s.value for s in families["wheelfarm_jobs"].samples}
        assert states == {"queued": 0, "leased": 0}
        assert families["process_resident_memory_bytes"].samples[0].value > 1 << 20

        # TLS or nothing: in clear on that port there is no answer
        with pytest.raises((urllib.error.URLError, ConnectionError, OSError)):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5)
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.load_verify_locations(pem)
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((urllib.error.URLError, ssl.SSLError)):
            urllib.request.urlopen(f"{farm}/", timeout=5, context=old)


def test_agents_of_a_farm_that_does_not_run(tmp_path, state, index):
    config = write_config(tmp_path, index, 0)
    empty = wheelfarm("agent", "list", "--config", config, env=state)
    assert empty.returncode == 0 and "no agents" in empty.stdout
    added = wheelfarm("agent", "add", "one", "--config", config, "--json", env=state)
    assert re.fullmatch(r"[0-9a-f]{64}", json.loads(added.stdout)["token"])
    assert wheelfarm("agent", "revoke", "one", "--config", config, env=state).returncode == 0
    listed = wheelfarm("agent", "list", "--config", config, env=state)
    assert re.search(r"^one +revoked +never seen$", listed.stdout, re.M), listed.stdout
    assert wheelfarm("agent", "revoke", "two", "--config", config, env=state).returncode == 1


@pytest.mark.parametrize("words", [
    ["add"], ["add", "a b"], ["add", "../x"], ["list", "x"], ["dance", "x"], ["drain", "x" * 65]])
def test_wrong_use(tmp_path, state, index, words):
    config = write_config(tmp_path, index, 0)
    done = wheelfarm("agent", *words, "--config", config, env=state)
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr


def test_a_public_address_needs_tls(tmp_path, state, index):
    index.add("markupsafe")
    config = write_config(tmp_path, index, 0)
    config.write_text(config.read_text().replace("127.0.0.1:0", "0.0.0.0:0"))
    done = wheelfarm("serve", "--config", config, env=state, timeout=120)
    assert done.returncode == 3 and "without TLS only addresses of this machine" in done.stderr


@pytest.mark.parametrize("line, why", [
    ("tls: {certificate: x.pem}\n", "both"),
    ("admin_token_sha256: secret\n", "not the token"),
    ("public_url: ftp://farm\n", "http or https"),
])
def test_wrong_config(tmp_path, state, index, line, why):
    config = tmp_path / "farm.yaml"
    config.write_text(f"schema: 1\nindex: {index.url}\npackages: [markupsafe]\n{line}")
    done = wheelfarm("serve", "--config", config, env=state)
    assert done.returncode == 2 and f"{config}:4: " in done.stderr and why in done.stderr, done.stderr


def test_status_and_backup_of_a_farm_that_runs(tmp_path, state, index):
    index.add("markupsafe")
    config = write_config(tmp_path, index, 0)
    copy = tmp_path / "copy.db"

    def farm(*words):
        return wheelfarm("farm", *words, "--config", config, env=state)

    with serving(tmp_path, config, state):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if wheelfarm("show", "markupsafe", "--db", tmp_path / "farm/facts.db").returncode == 0:
                break
            time.sleep(0.1)
        status = json.loads(farm("status", "--json").stdout)
        assert status["runs"] is True and status["free_bytes"] > 0
        assert status["database_bytes"] > 0
        assert status["store"] == {"files": 0, "bytes": 0, "partial_files": 0, "partial_bytes": 0}
        assert farm("backup", "--out", copy).returncode == 0
        assert farm("backup", "--out", copy).returncode == 2, "a backup never replaces a file"
    with contextlib.closing(sqlite3.connect(copy)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT name FROM package").fetchall() == [("markupsafe",)]
    assert "does not run" in farm("status").stdout


@pytest.mark.parametrize("small_disk", [64], indirect=True)
def test_a_disk_that_fills_and_empties(tmp_path, state, index, small_disk):
    index.add("markupsafe")
    port = free_port()
    config = write_config(tmp_path, index, port, "min_free_mb: 32\n")
    farm = f"http://127.0.0.1:{port}"

    def wait_for(words):
        deadline = time.monotonic() + 60
        while ask(f"{farm}/healthz")[1] != words and time.monotonic() < deadline:
            time.sleep(0.1)
        assert ask(f"{farm}/healthz") == (200, words)

    with serving(tmp_path, config, state):
        wait_for("ok\n")
        ballast = small_disk / "ballast"
        ballast.write_bytes(bytes(40 << 20))
        wait_for("ok, but no jobs are given: the disk is nearly full\n")
        assert "wheelfarm_paused 1" in ask(f"{farm}/metrics")[1]
        assert ask(f"{farm}/")[0] == 200, "it serves all the same"
        ballast.unlink()
        wait_for("ok\n")
    assert "no more jobs are given" in (tmp_path / "serve.log").read_text()

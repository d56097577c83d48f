"""Nights of `wheelfarm serve`: what is told after one, by mail and by a signed webhook."""

import contextlib
import email
import hashlib
import hmac
import http.server
import json
import re
import sqlite3
import subprocess
import threading
import time

import pytest
from conftest import WHEELFARM, wheelfarm
from packaging import utils
from test_operate import serving

SECRET = "shared with the one who is called"


class Hook:
    """A webhook on loopback; answers the statuses given, then 204."""

    def __init__(self, *statuses):
        self.calls = []
        statuses = list(statuses)
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.calls.append((self.headers["Wheelfarm-Signature"], body))
                self.send_response(statuses.pop(0) if statuses else 204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/night"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def write_config(tmp_path, index, hook):
    sendmail = tmp_path / "sendmail"
    sendmail.write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/mail.args\ncat >{tmp_path}/mail.txt\n')
    sendmail.chmod(0o755)
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n")
    config = tmp_path / "farm.yaml"
    config.write_text(
        f"schema: 1\nindex: {index.url}\nstate: {tmp_path / 'farm'}\nlisten: 127.0.0.1:0\n"
        f"public_url: http://farm.example:8080\npackages: [markupsafe]\nagents: {{local: 0}}\n"
        f"night:\n  at: '03:30'\n  budget_minutes: 60\n  mail: [ops@farm.example]\n"
        f"  sendmail: {sendmail}\n  webhook: {hook.url}\n  webhook_secret: {secret}\n")
    return config


def one_night(tmp_path, config, state):
    """Serves until the night's line is there; the line."""
    with serving(tmp_path, config, state):
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            lines = re.findall(r'msg="(night \d.*)"', (tmp_path / "serve.log").read_text())
            if lines:
                return lines[0]
            time.sleep(0.1)
    raise AssertionError((tmp_path / "serve.log").read_text())


def test_what_vanished_is_told(tmp_path, state, index):
    page = index.add("markupsafe")
    hook = Hook(204, 503)
    config = write_config(tmp_path, index, hook)
    try:
        first = one_night(tmp_path, config, state)
        assert first.startswith("night 1: nothing changed") and "took it" in first
        assert not (tmp_path / "mail.txt").exists(), "no mail without news"

        newest = max((utils.parse_wheel_filename(f["filename"])[1] for f in page["files"]
                      if f["filename"].endswith(".whl")))
        page["files"] = [f for f in page["files"] if not (
            f["filename"].startswith(f"markupsafe-{newest}-") and "win_arm64" in f["filename"])]
        second = one_night(tmp_path, config, state)
    finally:
        hook.close()
    assert second.startswith("night 2: ") and "vanished" in second and "mailed" in second, second

    assert (tmp_path / "mail.args").read_text().split() == ["-t", "-oi"]
    mail = email.message_from_string((tmp_path / "mail.txt").read_text())
    assert mail["To"] == "ops@farm.example"
    assert mail["Subject"].startswith("wheelfarm: ") and "vanished" in mail["Subject"]
    text = mail.get_payload()
    assert "vanished" in text and "markupsafe " in text
    assert "cp313-win_arm64" in text and "http://farm.example:8080/package/markupsafe" in text

    assert len(hook.calls) == 3, "503 is asked again"
    for signature, body in hook.calls:
        mac = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert signature == f"sha256={mac}"
    told = json.loads(hook.calls[-1][1])
    assert told["night"]["id"] == 2 and told["counts"]["vanished"] >= 1
    assert "cp313-win_arm64" in {t for change in told["changes"] for t in change["targets"]}
    assert told["not_reached"] == 0


def written(tmp_path):
    """How many pages' facts are in the database."""
    with contextlib.closing(sqlite3.connect(f"file:{tmp_path / 'farm/facts.db'}?mode=ro", uri=True)) as db:
        return db.execute("SELECT count(*) FROM package WHERE outcome IS NOT NULL").fetchone()[0]


def test_a_killed_night_goes_on(tmp_path, state, index):
    page = index.add("markupsafe")
    names = [f"p{i:02}" for i in range(15)]
    for name in names:
        index.pages[name] = {**page, "name": name, "files": []}
    index.answers["/simple/p07/"] = (200, "application/vnd.pypi.simple.v1+json", b"{")
    hook = Hook()
    config = write_config(tmp_path, index, hook)
    config.write_text(config.read_text().replace("[markupsafe]", json.dumps(names)).replace(
        "agents:", "targets: [cp313-win_arm64]\nscan: {rate: 3, connections: 1}\nagents:"))
    try:
        with subprocess.Popen([WHEELFARM, "serve", "--config", config], env=state,
                              stderr=subprocess.DEVNULL) as server:
            while len(index.requests) < 6:
                time.sleep(0.02)
            deadline = time.monotonic() + 60
            while written(tmp_path) < max(4, len(index.requests) - 2):  # what is asked for is not written yet
                assert time.monotonic() < deadline
                time.sleep(0.02)
            server.kill()
        before = [path for path, _ in index.requests]
        line = one_night(tmp_path, config, state)
    finally:
        hook.close()
    after = [path for path, _ in index.requests[len(before):]]
    assert line.startswith("night 1: "), "it is the same night"
    assert len(set(before) & set(after)) <= 2, "what was read is not asked again"
    assert set(before) | set(after) == {f"/simple/{name}/" for name in names}
    with contextlib.closing(sqlite3.connect(tmp_path / "farm/facts.db")) as db:
        assert db.execute("SELECT count(*), sum(whole), sum(asked) FROM night").fetchall() == [
            (1, 1, len(names))]
    assert len(hook.calls) == 1, "and it is told once"
    told = json.loads(hook.calls[0][1])
    missed = [m for m in told["missed"] if m["problem"]]
    assert [m["package"] for m in missed] == ["p07"] and "not JSON" in missed[0]["problem"]


@pytest.mark.parametrize("lines, why", [
    ("  at: '24:00'\n", "no time of day"),
    ("  mail: ['a b@c']\n", "no mail address"),
    ("  mail: ['-oQ/tmp@c']\n", "no mail address"),
    ("  webhook: http://127.0.0.1/\n", "come together"),
    ("  budget_minutes: 2000\n", "from 1 to 1440"),
])
def test_wrong_nights(tmp_path, state, index, lines, why):
    config = tmp_path / "farm.yaml"
    config.write_text(f"schema: 1\nindex: {index.url}\npackages: [markupsafe]\nnight:\n{lines}")
    done = wheelfarm("serve", "--config", config, env=state)
    assert done.returncode == 2 and f"{config}:" in done.stderr and why in done.stderr, done.stderr

"""Agents that lie, over real sockets: each is refused with the right status, and no fact changes."""

import base64
import hashlib
import io
import json
import socket
import sys
import time
import urllib.request
import zipfile

import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "tests/farm"))

import simfarm  # noqa: E402


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    simfarm.compile_programs()
    coordinator = simfarm.Coordinator(
        tmp_path_factory.mktemp("farm"), jobs=100, agents=4, builds=2, fault_limit=50).start()
    yield coordinator
    coordinator.stop()


@pytest.fixture
def honest(farm):
    agent = simfarm.Agent(farm.port, farm.tokens()[0])
    assert agent.hello()[0] == 200
    return agent


@pytest.fixture
def liar(farm):
    agent = simfarm.Agent(farm.port, farm.tokens()[1])
    assert agent.hello()[0] == 200
    return agent


def facts(farm):
    """All that an agent's word could change, but for its own being seen."""
    return {
        "jobs": farm.query("SELECT id, state, attempts, farm_faults FROM job ORDER BY id"),
        "results": farm.query("SELECT * FROM result ORDER BY id"),
        "leases": farm.query("SELECT id, job, agent, ended, outcome FROM lease ORDER BY id"),
        "headlines": farm.query("SELECT id, words FROM package ORDER BY id"),
    }


def take(agent, kind="control"):
    """A lease of that kind; others on the way are finished honestly."""
    for _ in range(40):
        status, lease = agent.lease()
        assert status == 200, lease
        if lease["job"]["kind"] == kind:
            return lease
        assert agent.result(lease["fence"], "fail")[0] == 200
    raise AssertionError(f"no job of kind {kind} is left")


def record_hash(text):
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def wheel_of(job, name=None, text="x = 1\n", record=True, packed=False):
    """A small pure wheel, right for the job unless told otherwise."""
    package = (name or job["package"]).replace("-", "_")
    info = f"{package}-{job['version']}.dist-info"
    files = {
        f"{package}/__init__.py": text,
        f"{info}/METADATA":
            f"Metadata-Version: 2.1\nName: {name or job['package']}\nVersion: {job['version']}\n"
            "Requires-Dist: other>=1\n",
        f"{info}/WHEEL":
            "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = [f"{file},sha256={record_hash(body)},{len(body)}\n" for file, body in files.items()]
    files[f"{info}/RECORD"] = "".join(lines) + f"{info}/RECORD,,\n" if record else ""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for file, body in files.items():
            archive.writestr(file, body)
    return f"{package}-{job['version']}-py3-none-any.whl", out.getvalue()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def file_of(name, data, **changes):
    return {"filename": name, "sha256": sha256(data), "size": len(data), "kind": "wheel", **changes}


# --- who are you?

def test_a_made_up_token_opens_nothing(farm):
    before = facts(farm)
    for token in ("", "0" * 64, "../../etc/passwd", farm.tokens()[0][:-1], "x" * 5000):
        stranger = simfarm.Agent(farm.port, token)
        assert stranger.hello()[0] == 401
        assert stranger.lease()[0] == 401
        assert stranger.result("1-" + "0" * 48)[0] == 401
        assert stranger.ask("GET", "/blob/" + "0" * 64)[0] == 401
    assert facts(farm) == before


def test_a_stolen_token_is_not_the_lease(farm, honest):
    """Who has another agent's token still has no fence, and a fence is not to be guessed."""
    lease = take(honest)
    before = facts(farm)
    thief = simfarm.Agent(farm.port, farm.tokens()[0])
    job = lease["fence"].split("-")[0]
    for fence in ("", job, f"{job}-", f"{job}-{'0' * 48}", lease["fence"][:-1], lease["fence"] + "0"):
        status, answer = thief.result(fence)
        assert status in (400, 409), answer
    assert facts(farm) == before
    assert honest.result(lease["fence"], "fail")[0] == 200


def test_another_protocol_is_told_so(farm):
    before = facts(farm)
    for protocol in (0, 4, 99, -1, "two", ""):
        status, answer = simfarm.Agent(farm.port, farm.tokens()[2], protocol).lease()
        assert (status, answer["error"]) == (426, "protocol")
    assert facts(farm) == before


def test_a_clock_that_is_off_is_not_admitted(farm):
    before = facts(farm)
    agent = simfarm.Agent(farm.port, farm.tokens()[2])
    assert agent.hello(clock=int((time.time() + 3600) * 1000))[0] == 409
    assert agent.lease()[0] == 403  # it has said no hello that counts
    assert facts(farm) == before


# --- whose job is it?

def test_anothers_job_is_not_mine(farm, honest, liar):
    lease = take(honest)
    before = facts(farm)
    fence = lease["fence"]
    assert liar.result(fence)[0] == 409
    assert liar.ask("POST", "/heartbeat", {"fence": fence, "stage": "build"})[0] == 409
    assert liar.ask("POST", f"/log?fence={fence}&offset=0", b"mine")[0] == 409
    assert liar.upload(fence, sha256(b"abc"), b"abc")[0] == 409
    assert facts(farm) == before
    assert honest.result(fence, "fail")[0] == 200


def test_a_stale_fence_and_a_replay_change_nothing(farm, honest, liar):
    lease = take(honest)
    body = {"line": "the first word"}
    assert honest.result(lease["fence"], "fail", **body)[0] == 200
    before = facts(farm)
    # the same again is the same result; anything else for it comes too late; so does anybody else
    assert honest.result(lease["fence"], "fail", **body)[0] == 200
    assert honest.result(lease["fence"], "pass")[0] == 409
    assert honest.result(lease["fence"], "fail", line="another")[0] == 409
    assert liar.result(lease["fence"], "fail", **body)[0] == 409
    assert honest.upload(lease["fence"], sha256(b"late"), b"late")[0] == 409
    assert facts(farm) == before


# --- what did you make?

def test_a_wrong_hash_is_found_and_thrown_away(farm, honest):
    lease = take(honest)
    before = facts(farm)
    claimed = sha256(b"what was promised")
    status, answer = honest.upload(lease["fence"], claimed, b"what was sent ...")
    assert (status, answer["error"]) == (422, "hash_mismatch")
    status, answer = honest.ask("GET", f"/upload/{claimed}?fence={lease['fence']}")
    assert (status, answer) == (200, {"size": 0, "complete": False})
    for name in ("0" * 63, "..%2f..%2fetc", "A" * 64, "%00" * 64):
        assert honest.upload(lease["fence"], name, b"abc")[0] in (400, 404)
    assert facts(farm) == before
    assert honest.result(lease["fence"], "fail")[0] == 200


def test_a_file_that_was_never_uploaded_is_no_result(farm, honest):
    lease = take(honest, "build")
    before = facts(farm)
    name, data = wheel_of(lease["job"])
    assert honest.result(lease["fence"], files=[file_of(name, data)])[0] == 400
    assert honest.upload(lease["fence"], sha256(data), data)[0] == 200
    assert honest.result(lease["fence"], files=[file_of(name, data, size=7)])[0] == 400
    assert facts(farm) == before
    assert honest.result(lease["fence"], files=[file_of(name, data)])[0] == 200
    assert farm.query("SELECT state FROM result WHERE job = ?", lease["job"]["id"]) == [("pass",)]
    # What it requires is kept by its hash.
    assert farm.query("SELECT r.text FROM file_requires f JOIN requires r ON r.id = f.requires WHERE f.key = ?",
                      hashlib.sha256(data).digest()) == [("R other>=1\n",)]


def swapped(job, swap):
    """Name and bytes of a wheel that is not the job's, or (None, None)."""
    name, data = wheel_of(job)
    if swap == "package":
        return wheel_of(job, name="evil")
    if swap == "filename":
        return name, wheel_of(job, name="evil")[1]
    if swap == "record":
        return name, wheel_of(job, record=False)[1]
    if swap == "no zip":
        return name, b"PK\x05\x06" + b"\x00" * 3
    if swap == "bomb":
        return name, wheel_of(job, text="x = 1\n" * (100 << 20 >> 2), packed=True)[1]
    return None, None


@pytest.mark.parametrize("swap", ["package", "filename", "record", "no wheel", "no zip", "bomb"])
def test_a_swapped_wheel_is_no_word_on_the_package(tmp_path, swap):
    """A pass whose wheel is not the job's: the agent gets no more jobs, what it said of late is
    withdrawn, what it holds goes to others, and no package is the worse for it."""
    farm = simfarm.Coordinator(tmp_path, jobs=4, agents=2, builds=2).start()
    liar, honest = (simfarm.Agent(farm.port, token) for token in farm.tokens())
    assert liar.hello(slots=3)[0] == honest.hello()[0] == 200
    before = facts(farm)["headlines"]
    lease, earlier, held = (liar.lease(slot)[1] for slot in range(3))
    assert [each["job"]["kind"] for each in (lease, earlier, held)] == ["build", "control", "build"]
    assert liar.result(earlier["fence"], "fail")[0] == 200
    name, data = swapped(lease["job"], swap)
    if data is not None:
        assert liar.upload(lease["fence"], sha256(data), data)[0] == 200
    files = [file_of(name, data)] if data is not None else []
    assert liar.result(lease["fence"], files=files)[0] == 200

    assert liar.lease()[0] == 403
    assert liar.result(held["fence"], "fail")[0] == 409
    assert farm.query("SELECT state FROM agent ORDER BY id") == [("quarantined",), ("active",)]
    assert farm.query("SELECT count(*) FROM result WHERE final") == [(0,)]
    assert farm.query("SELECT DISTINCT state FROM job") == [("queued",)]
    assert facts(farm)["headlines"] == before
    retry = farm.query("SELECT reason, owner FROM result WHERE job = ?", lease["job"]["id"])
    assert retry == [("agent_fault", "farm")]
    while (answer := honest.lease())[0] == 200:
        assert honest.result(answer[1]["fence"], "fail")[0] == 200
    assert farm.query("SELECT count(*) FROM result WHERE final") == [(3,)]  # the fourth has a pause
    farm.stop()


# --- how much?

def announce(farm, request, size):
    """The status of a request that only says how large its body is."""
    with socket.create_connection(("127.0.0.1", farm.port), timeout=30) as connection:
        connection.sendall((
            f"{request} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {farm.tokens()[0]}\r\n"
            f"Wheelfarm-Protocol: 2\r\nContent-Length: {size}\r\n\r\n").encode())
        return int(connection.recv(4096).split()[1])


def test_too_much_is_cut_off(farm, honest):
    lease = take(honest)
    before = facts(farm)
    fence = lease["fence"]
    digest = sha256(b"big")
    assert honest.upload(fence, digest, b"x", total=1 << 50)[0] == 413
    assert honest.upload(fence, digest, b"xyz", total=2)[0] == 413
    for request in (f"PUT /api/v1/agent/upload/{digest}?fence={fence}&offset=0&total=9999999",
                    f"POST /api/v1/agent/log?fence={fence}&offset=0",
                    "POST /api/v1/agent/heartbeat", "POST /api/v1/agent/lease"):
        assert announce(farm, request, (1 << 20) + 1) == 413
    assert announce(farm, "POST /api/v1/agent/result", (16 << 20) + 1) == 413
    assert facts(farm) == before
    assert honest.result(fence, "fail")[0] == 200


def test_an_upload_without_an_end_stays_in_its_bounds(farm, honest):
    """Pieces that never add up: a gap is refused, what is there is told, and nothing is kept of it."""
    lease = take(honest)
    before = facts(farm)
    digest = sha256(b"never")
    for piece in range(8):
        status, answer = honest.upload(
            lease["fence"], digest, b"x" * 1000, offset=piece * 1000, total=10_000_000)
        assert (status, answer["size"], answer["complete"]) == (200, 1000 * (piece + 1), False)
    status, answer = honest.upload(lease["fence"], digest, b"x", offset=9_000_000, total=10_000_000)
    assert (status, answer["offset"]) == (409, 8000)
    chunked = b"400\r\n" + b"x" * 1024 + b"\r\n"
    with socket.create_connection(("127.0.0.1", farm.port), timeout=30) as connection:
        connection.sendall((
            f"PUT /api/v1/agent/upload/{digest}?fence={lease['fence']}&offset=8000&total=10000000"
            f" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {farm.tokens()[0]}\r\n"
            "Wheelfarm-Protocol: 2\r\nTransfer-Encoding: chunked\r\n\r\n").encode())
        for _ in range(1100):  # more than a piece may have: read, dropped, refused at its end
            connection.sendall(chunked)
        connection.sendall(b"0\r\n\r\n")
        assert int(connection.recv(4096).split()[1]) == 413
    status, answer = honest.ask("POST", f"/log?fence={lease['fence']}&offset=77", b"gap")
    assert (status, answer["offset"]) == (409, 0)
    assert facts(farm) == before
    assert honest.result(lease["fence"], "fail")[0] == 200


def test_absurd_numbers_are_no_numbers(farm, honest):
    lease = take(honest)
    fence = lease["fence"]
    before = facts(farm)
    for wrong in (
            {"tests_passed": -1}, {"tests_passed": 1e300}, {"started": 5, "finished": 4},
            {"log_size": -(1 << 62)}, {"tests_passed": 1 << 64}, {"started": "now"},
            {"stages": [{"stage": "build", "status": "pass", "wall_s": -1}]},
            {"stages": [{"stage": "build", "status": "pass"}] * 2},
            {"stages": [{"stage": "conquer", "status": "pass"}]},
            {"files": [{"filename": f"f{i}", "sha256": "0" * 64, "size": 1, "kind": "wheel"}
                       for i in range(65)]},
            {"files": [{"filename": "../up", "sha256": "0" * 64, "size": 1, "kind": "wheel"}]},
            {"imports": [{"module": "m", "ok": True, "native": True}] * 10001},
            {"line": "x" * 5000}, {"state": "perhaps"}, {"mode": "magic"}):
        status, answer = honest.result(fence, **wrong)
        assert (status, answer["error"]) == (400, "invalid"), wrong
    for offset in ("-1", "1e3", "18446744073709551616", "", "0x10"):
        assert honest.ask("POST", f"/log?fence={fence}&offset={offset}", b"x")[0] == 400
    assert honest.ask("POST", "/lease", {"slot": 1 << 70, "wait_s": 0})[0] == 400
    assert facts(farm) == before
    assert honest.result(fence, "fail")[0] == 200


def test_slots_that_it_does_not_have(farm, honest):
    """One lease a slot, and no more slots than were said: nobody collects jobs."""
    lease = take(honest)
    before = facts(farm)
    for slots in (0, -1, 257, 1 << 40):
        assert honest.hello(slots=slots)[0] == 400
    for slot in (1, -1, 1 << 40):
        assert honest.ask("POST", "/lease", {"slot": slot, "wait_s": 0})[0] == 400
    for slot in ("x", "1e3", "9" * 30):
        assert honest.result(lease["fence"], "fail", path=f"/result?next={slot}")[0] == 400
    assert facts(farm) == before
    # who asks for another job has dropped the one it had
    following = take(honest)
    assert following["job"]["id"] != lease["job"]["id"]
    assert honest.result(lease["fence"], "fail")[0] == 409
    assert honest.result(following["fence"], "fail")[0] == 200


def test_malformed_json_is_told_so(farm, honest):
    before = facts(farm)
    for body in (b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"fence":"a","fence":"b"}', b"[" * 5000,
                 b'{"fence":"\x00"}', b"{}" * 2, b'{"fence":1}', json.dumps({"fence": "x"}).encode()):
        for path in ("/result", "/heartbeat", "/lease", "/hello"):
            status, _ = honest.ask("POST", path, body)
            assert status in (400, 413) or (path == "/heartbeat" and status == 409), (path, body)
    assert facts(farm) == before


# --- how slow?

def test_who_drips_or_never_answers_holds_nobody_up(farm, honest):
    """A hundred connections that send a byte now and then, and one that leaves its lease request:
    others are served at once, and the job of the one that went away comes back."""
    head = (f"POST /api/v1/agent/result HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            f"{farm.tokens()[1]}\r\nWheelfarm-Protocol: 2\r\nContent-Length: 100000\r\n\r\n").encode()
    drips = []
    for i in range(100):
        drip = socket.create_connection(("127.0.0.1", farm.port))
        drip.sendall(head[:len(head) - (i % 3)])
        drips.append(drip)
    before = facts(farm)
    for drip in drips:
        drip.send(b"{")
        assert honest.ask("POST", "/heartbeat", {"fence": "1-0", "stage": "build"})[0] == 409
    assert facts(farm) == before
    for drip in drips:
        drip.close()
    lease = take(honest)
    assert honest.result(lease["fence"], "fail")[0] == 200


def test_a_lease_that_nobody_answers_comes_back(tmp_path):
    farm = simfarm.Coordinator(
        tmp_path, jobs=1, agents=2, lease_s=4, retry_s=1, tick_ms=100).start()
    silent, other = (simfarm.Agent(farm.port, token) for token in farm.tokens())
    assert silent.hello()[0] == other.hello()[0] == 200
    status, lost = silent.lease()
    assert status == 200
    status, lease = other.lease(wait_s=20)
    assert status == 200 and lease["job"]["id"] == lost["job"]["id"]
    assert silent.result(lost["fence"])[0] == 409  # late: the work is dropped
    assert other.result(lease["fence"], "fail")[0] == 200
    assert farm.query("SELECT outcome FROM lease ORDER BY id") == [("expired",), ("result",)]
    farm.stop()


def test_an_agent_of_the_version_before_works(farm):
    agent = simfarm.Agent(farm.port, farm.tokens()[2], protocol=1)
    assert agent.hello(protocol=1)[0] == 200
    lease = take(agent)
    assert agent.result(lease["fence"], "fail") == (200, {"accepted": True})


def test_the_answer_to_a_result_brings_the_next_lease(farm, honest):
    lease = take(honest)
    status, answer = honest.result(lease["fence"], "fail", path="/result?next=0")
    assert status == 200 and answer["accepted"]
    following = answer["lease"]
    assert following["job"]["id"] != lease["job"]["id"]
    assert honest.result(following["fence"], "fail")[0] == 200


def test_the_queue_tells_how_long_it_will_take(tmp_path):
    farm = simfarm.Coordinator(tmp_path, jobs=4, agents=1, targets=2).start()

    def targets():
        with urllib.request.urlopen(f"{farm.url}queue.json") as reply:
            return {t["target"]: t for t in json.load(reply)["targets"]}

    assert targets()["cp311-win_arm64"] == {
        "target": "cp311-win_arm64", "queued": 2, "leased": 0, "agents": 0, "slots": 0,
        "average_s": None, "eta_s": None}
    agent = simfarm.Agent(farm.port, farm.tokens()[0])
    assert agent.hello(slots=2)[0] == 200
    assert agent.result(agent.lease()[1]["fence"], "fail")[0] == 200
    first = targets()["cp311-win_arm64"]
    assert (first["queued"], first["agents"], first["slots"]) == (1, 1, 2)
    assert first["average_s"] >= 0 and first["eta_s"] >= 0
    farm.stop()

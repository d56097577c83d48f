"""How many may come at once, and how much they may bring: over loopback, whose addresses are many."""

import contextlib
import json
import pathlib
import socket
import sys
import time

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "tests/farm"))

import simfarm  # noqa: E402

CONNECTIONS = 8  # in all; half of them from one address
BODY = 16 << 20  # of one result
BODIES = 256 << 20  # of all requests together


@pytest.fixture(scope="module", autouse=True)
def programs():
    simfarm.compile_programs()


@contextlib.contextmanager
def serving(folder, **settings):
    farm = simfarm.Coordinator(folder, **settings).start()
    try:
        yield farm
    finally:
        farm.kill()


class Visitor:
    """A connection from an address of its own that stays open."""

    def __init__(self, farm, address):
        self.socket = socket.create_connection(
            ("127.0.0.1", farm.port), timeout=60, source_address=(address, 0))

    def is_served(self, seconds=60):
        """Asks and reads the answer; False if it was hung up on, None if nothing came in that time."""
        self.socket.settimeout(seconds)
        try:
            self.socket.sendall(b"GET /healthz HTTP/1.1\r\nHost: farm\r\n\r\n")
            answer = self.socket.recv(4096)
        except TimeoutError:
            return None
        except OSError:
            return False
        return answer.startswith(b"HTTP/1.1 200 ") if answer else False

    def close(self):
        self.socket.close()


def test_one_address_has_half_and_all_have_the_whole(tmp_path):
    with serving(tmp_path, jobs=1, agents=1, connections=CONNECTIONS) as farm, \
            contextlib.ExitStack() as stack:

        def visit(address):
            visitor = Visitor(farm, address)
            stack.callback(visitor.close)
            return visitor

        first = [visit("127.0.0.1") for _ in range(CONNECTIONS // 2)]
        assert all(v.is_served() for v in first)
        assert visit("127.0.0.1").is_served() is False, "one address has its half"
        second = [visit("127.0.0.2") for _ in range(CONNECTIONS // 2)]
        assert all(v.is_served() for v in second), "others are not kept out by it"

        # nobody is let in any more, until there is room; then who waited is served
        third = visit("127.0.0.3")
        assert third.is_served(seconds=0.5) is None
        assert all(v.is_served() for v in first + second)
        second[0].close()
        third.socket.settimeout(60)
        assert third.socket.recv(4096).startswith(b"HTTP/1.1 200 ")
        second[1].close()
        first[0].close()
        # the server hears of an end a moment after it
        for _ in range(400):
            if visit("127.0.0.1").is_served():
                break
            time.sleep(0.05)
        else:
            raise AssertionError("a connection that ended still counts")


BEGINNINGS = {
    "head": "GET /healthz HTTP/1.1\r\nHost: farm\r\nX-Never-Ends: ",
    "body": "POST /api/v1/agent/result HTTP/1.1\r\nHost: farm\r\nAuthorization: Bearer {token}\r\n"
            "Wheelfarm-Protocol: 2\r\nContent-Length: 1000000\r\n\r\n",
    # more than the kernel takes for one who does not read
    "answer": 500 * "GET /openapi.json HTTP/1.1\r\nHost: farm\r\n\r\n",
}


@pytest.mark.parametrize("what", BEGINNINGS)
def test_who_drips_is_cut_off(tmp_path, what):
    """A request has its time from the first byte to the last, and so has an answer, however often a byte
    moves. Silence alone would end it too, but only after 35 s, which no visitor here waits for."""
    with serving(tmp_path, jobs=1, agents=1, receive_s=1, send_s=1) as farm, socket.socket() as drip:
        drip.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        drip.settimeout(30)
        drip.connect(("127.0.0.1", farm.port))
        drip.sendall(BEGINNINGS[what].format(token=farm.tokens()[0]).encode())
        drip.setblocking(False)
        begin = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() < begin + 30:
                with contextlib.suppress(BlockingIOError):
                    drip.send(b"x")
                with contextlib.suppress(BlockingIOError):
                    if drip.recv(1) == b"":
                        raise ConnectionResetError("cut")
                time.sleep(0.05)


def begin_result(farm, token, size):
    """A result of which nothing but its head was sent."""
    connection = socket.create_connection(("127.0.0.1", farm.port), timeout=60)
    connection.sendall((
        "POST /api/v1/agent/result HTTP/1.1\r\nHost: farm\r\nConnection: close\r\n"
        f"Authorization: Bearer {token}\r\nWheelfarm-Protocol: 2\r\nContent-Length: {size}\r\n\r\n"
    ).encode())
    return connection


def status_of(connection):
    with connection:
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def wait_until_all_is_read(port):
    """What was sent lies in the kernel until the server takes it; only then does it count against the bound."""
    deadline = time.monotonic() + 60
    while True:
        # proc_net_tcp(5): local address, state, and "tx_queue:rx_queue" in hexadecimal
        rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
        queued = sum(
            int(part, 16) for row in rows
            if f"{port:04X}" in (row[1].split(":")[1], row[2].split(":")[1]) for part in row[4].split(":")
        )
        if queued == 0:
            return
        assert time.monotonic() < deadline, f"{queued} bytes were not read"
        time.sleep(0.02)


def test_all_bodies_together_have_a_bound(tmp_path):
    """Agents that each send the largest result there may be, but for its last byte: who comes when there is
    no room is told to come later, and the room comes back."""
    with serving(tmp_path, jobs=1, agents=1, receive_s=600) as farm:
        token = farm.tokens()[0]
        some = b" " * (BODY - 1)
        held = []
        for _ in range(BODIES // BODY):
            held.append(begin_result(farm, token, BODY))
            held[-1].sendall(some)
        wait_until_all_is_read(farm.port)
        # a byte of each is still to come, so so many more find room
        late = begin_result(farm, token, BODY)
        late.sendall(some + b" ")
        status, said = status_of(late)
        assert status == 503 and said["error"] == "busy"
        for connection in held:
            connection.sendall(b" ")
            status, said = status_of(connection)
            assert status == 400 and said["error"] == "invalid"
        again = begin_result(farm, token, BODY)
        again.sendall(some + b" ")
        assert status_of(again)[0] == 400
        assert farm.query("SELECT count(*) FROM result") == [(0,)]

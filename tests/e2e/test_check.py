"""`wheelfarm check` as a user has it: what it reads, what it says, how it ends; and input that means harm."""

import hashlib
import json
import os
import pty
import sqlite3
import subprocess
import time

import pytest

import conftest
import solve_index
from conftest import WHEELFARM
from solve_index import Release

TARGET = "cp313-win_arm64"
RELEASES = [
    Release("ready", "1.0", ["any"]),
    Release("ready", "2.0", ["any"], ["more>=1; extra == 'x'"], extras=["x"]),
    Release("more", "1.0", ["any"]),
    Release("gone", "1.0", ["windows", "sdist"]),
    Release("gone", "2.0", ["glibc", "sdist"]),
    Release("compiled", "1.0", ["glibc", "sdist"]),
    Release("needs", "1.0", ["any"], ["between"]),
    Release("between", "1.0", ["any"], ["compiled"]),
    Release("left", "1.0", ["any"], ["shared<2"]),
    Release("right", "1.0", ["any"], ["shared>=2"]),
    Release("shared", "1.0", ["any"]),
    Release("shared", "2.0", ["any"]),
]


@pytest.fixture(scope="module")
def index():
    served = solve_index.SolveIndex(solve_index.by_name(RELEASES))
    yield served
    served.close()


def check(index, folder, *words, limit=60, **more):
    return subprocess.run(
        [WHEELFARM, "check", "--index", index.url, "--db", folder / "facts.db", "--target", TARGET,
         *map(str, words)], capture_output=True, text=True, timeout=limit, check=False, cwd=folder,
        **more)


def items(done):
    return {item["requirement"]: item for item in json.loads(done.stdout)["items"]}


def test_what_is_told(index, tmp_path):
    done = check(index, tmp_path, "--json", "ready", "gone", "needs", "compiled")
    assert done.returncode == 1, done.stderr
    told = items(done)
    assert told["ready"] | {"blockers": []} == told["ready"]
    assert (told["ready"]["version"], told["ready"]["headline"]) == ("2.0", "ready")
    assert told["gone"]["installable"] and told["gone"]["headline"] == "vanished"
    assert (told["gone"]["nearest"], told["gone"]["newest_allowed"]) == ("1.0", "2.0")
    assert not told["needs"]["installable"] and told["needs"]["headline"] == "blocked"
    assert told["needs"]["blockers"] == [
        {"name": "compiled", "version": "1.0", "reason": "no_wheel", "waits": 2,
         "path": "needs 1.0 -> between 1.0 -> compiled 1.0"}]
    assert told["compiled"]["headline"] == "missing"
    document = json.loads(done.stdout)
    assert document["roots"] == [
        {"name": "compiled", "reason": "no_wheel", "blocks": ["needs", "compiled"]}]
    assert document["ok"] is False and document["targets"] == [TARGET]


def add_built(db, release, target, requires, number=1):
    """As a farm's database has a wheel that it made and found clean."""
    base = sqlite3.connect(db)
    file = f"{release.name}-{release.version}-cp313-cp313-{target.partition('-')[2]}.whl"
    sha256 = hashlib.sha256(file.encode()).hexdigest()
    text_sha256 = hashlib.sha256(requires.encode()).digest()
    base.executescript(f"""
        INSERT OR IGNORE INTO agent (id, name, token_hash, state, added) VALUES (1, 'a', 't', 'active', 0);
        INSERT INTO job (id, key, kind, package, version, target, mode, needs, state, priority, created)
          SELECT {number}, 'k{number}', 'build', p.id, '{release.version}', t.id, 'cross', '', 'done', 1, 0
          FROM package p, target t WHERE p.name = '{release.name}' AND t.name = '{target}';
        INSERT INTO job_spec (job, spec) VALUES ({number}, '{{}}');
        INSERT INTO lease (id, job, agent, attempt, fence, granted, deadline, hard_deadline, ended)
          VALUES ({number}, {number}, 1, 1, 'f', 0, 0, 0, 0);
        INSERT INTO result (id, job, lease, accepted, state, mode, proven, tests_passed, tests_failed, log_size,
          started, finished, recipe_dirty, final, body)
          VALUES ({number}, {number}, {number}, 0, 'pass', 'cross', 1, 0, 0, 0, 0, 0, 0, 1, '{{}}');
        INSERT INTO artefact (result, filename, sha256, size, kind, inspect)
          VALUES ({number}, '{file}', '{sha256}', 1, 'wheel', '{{"ok": true}}');""")
    base.execute("INSERT INTO requires (sha256, text) VALUES (?, ?) ON CONFLICT DO NOTHING",
                 (text_sha256, requires))
    base.execute("""INSERT INTO file_requires (key, requires, package)
        SELECT ?, r.id, p.id FROM requires r, package p WHERE r.sha256 = ? AND p.name = ?""",
                 (bytes.fromhex(sha256), text_sha256, release.name))
    base.commit()
    base.close()


@pytest.mark.parametrize("requires, together", [
    ("R more>=1\n", {"between": "1.0", "compiled": "1.0", "more": "1.0", "needs": "1.0"}),
    ("R absent\n", None),
])
def test_wheels_that_this_farm_made_count_where_they_are_allowed(index, tmp_path, requires, together):
    check(index, tmp_path, "needs", "compiled")
    compiled = next(r for r in RELEASES if r.name == "compiled")
    add_built(tmp_path / "facts.db", compiled, TARGET, requires)
    done = check(index, tmp_path, "--json", "needs", "compiled")
    told = items(done)
    assert done.returncode == 1 and not told["needs"]["installable"] and not told["compiled"]["installable"]
    assert (told["needs"]["headline"], told["compiled"]["headline"]) == ("blocked", "builds")
    done = check(index, tmp_path, "--json", "--allow-built", "needs", "compiled")
    told = items(done)
    assert json.loads(done.stdout)["together"][TARGET] == together
    assert done.returncode == (0 if together else 1)
    assert told["compiled"]["headline"] == "builds"
    assert told["needs"]["headline"] == ("ready" if together else "blocked")
    if not together:
        assert [b["name"] for b in told["needs"]["blockers"]] == ["absent"]


def test_a_yes_ends_with_0_and_lists_all(index, tmp_path):
    done = check(index, tmp_path, "--json", "ready[x]<3")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["together"] == {TARGET: {"more": "1.0", "ready": "2.0"}}


def test_versions_that_conflict(index, tmp_path):
    done = check(index, tmp_path, "--json", "left", "right", "ready")
    told = items(done)
    assert done.returncode == 1
    assert told["ready"]["installable"] and not told["left"]["installable"]
    [blocker] = told["left"]["blockers"]
    assert blocker["reason"] == "conflict"
    assert {"left 1.0 needs shared<2", "right 1.0 needs shared>=2"} <= set(
        blocker["path"].split("\n"))


def test_what_nobody_published_and_what_is_an_address(index, tmp_path):
    text = check(index, tmp_path, "ready>=99", "left", "right", "https://user:secret@files.example/x.whl").stdout
    assert "ready has no version that is asked for\n" in text, text
    assert "left cannot be met as all of it is asked for\n" in text, text
    assert text.endswith("not checked: argument: an address\n") and "secret" not in text


def test_fail_on(index, tmp_path):
    assert check(index, tmp_path, "gone").returncode == 1
    assert check(index, tmp_path, "gone", "--fail-on", "missing").returncode == 0
    done = check(index, tmp_path, "gone", "--fail-on", "bad")
    assert done.returncode == 2 and "'bad' is no headline" in done.stderr


def test_a_requirement_file(index, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "requirements.txt").write_text(
        "# a comment\n--index-url https://user:secret@index.example/simple/\n"
        "ready \\\n    >=1.0 \\\n    --hash=sha256:" + "0" * 64 + "  # why\n"
        "${NAME}==1.0\nnowhere; sys_platform == 'linux'\n-r 'sub/more and more.txt'\n"
        "-e ./here\nhttps://user:secret@files.example/a.whl\n"
        "direct @ https://user:secret@files.example/b.whl\n-c bound.txt\n")
    (tmp_path / "sub/more and more.txt").write_text("needs\r\n")
    (tmp_path / "bound.txt").write_text("ready<2\nnobody==7\n")
    done = check(index, tmp_path, "--json", "requirements.txt", env=os.environ | {"NAME": "gone"})
    document = json.loads(done.stdout)
    assert [(i["source"], i["requirement"]) for i in document["items"]] == [
        ("requirements.txt:3", "ready     >=1.0"), ("requirements.txt:6", "gone==1.0"),
        ("sub/more and more.txt:1", "needs")]
    assert document["items"][0]["version"] == "1.0"
    assert [(n["source"], n["why"]) for n in document["not_checked"]] == [
        ("requirements.txt:2", "an option: --index-url"),
        ("requirements.txt:9", "an editable project"),
        ("requirements.txt:10", "an address or a path"),
        ("requirements.txt:11", "an address: direct")]
    assert "secret" not in done.stdout + done.stderr


def test_github_and_markdown(index, tmp_path):
    (tmp_path / "r.txt").write_text("ready\nneeds\n")
    done = check(index, tmp_path, "r.txt", "--github")
    assert done.stdout == (f"::error file=r.txt,line=2,title=blocked on {TARGET}::"
                           "needs: compiled has no wheel that fits\n")
    done = check(index, tmp_path, "r.txt", "--markdown")
    assert f"| needs | {TARGET.replace('_', chr(92) + '_')} |" in done.stdout, done.stdout


def test_what_is_not_checked_is_named_in_every_form(index, tmp_path):
    (tmp_path / "r.txt").write_text("ready\n-e ./h:ere|\nbetween\n")
    done = check(index, tmp_path, "r.txt", "--github")
    assert done.stdout.splitlines()[-1] == "::notice file=r.txt,line=2,title=not checked::an editable project"
    done = check(index, tmp_path, "r.txt", "--markdown", "--explain")
    assert "\n- not checked: r.txt:2: an editable project\n" in done.stdout
    assert ("\nbetween on cp313-win\\_arm64:\n\n    between 1.0 -> compiled 1.0\n      if it were built, it would "
            "need nothing else\n") in done.stdout, done.stdout
    assert "not checked: r.txt:2: an editable project\n" in check(index, tmp_path, "r.txt").stdout


def test_what_nobody_looked_at_is_not_absent(index, tmp_path):
    check(index, tmp_path, "needs")
    told = items(check(index, tmp_path, "--json", "--offline", "ready", "needs"))
    assert [b["reason"] for b in told["ready"]["blockers"]] == ["not_read"]
    assert [b["reason"] for b in told["needs"]["blockers"]] == ["no_wheel"]
    assert "ready is not in the database" in check(index, tmp_path, "--offline", "ready").stdout


def test_a_python_that_no_version_admits_is_no_yes(tmp_path):
    served = solve_index.SolveIndex({"old": [Release("old", "1.0", ["any"], python="<3.13")]})
    try:
        done = check(served, tmp_path, "--json", "old")
        told = items(done)["old"]
        assert (told["headline"], told["installable"], told["fails"]) == ("not_applicable", False, True)
        assert done.returncode == 1 and told["blockers"][0]["reason"] == "python"
        assert check(served, tmp_path, "old", "--fail-on", "missing").returncode == 0
    finally:
        served.close()


def test_a_line_names_a_few_of_many_blockers(tmp_path):
    served = solve_index.SolveIndex({"many": [Release("many", "1.0", ["any"], [f"none-{i}" for i in range(50)])]})
    try:
        [line] = [line for line in check(served, tmp_path, "many").stdout.splitlines() if "; and 42 more" in line]
        assert line.count("is not in the index") == 8
        assert len(items(check(served, tmp_path, "--json", "many"))["many"]["blockers"]) == 50
    finally:
        served.close()


def test_colour_and_progress_are_for_terminals(index, tmp_path):
    command = [WHEELFARM, "check", "--index", index.url, "--db", tmp_path / "facts.db", "--target", TARGET, "ready"]
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    for no_colour in ({}, {"NO_COLOR": "1"}):
        parent, child = pty.openpty()
        with subprocess.Popen(command, stdout=child, stderr=child, env=environment | no_colour) as process:
            os.close(child)
            text = b""
            while True:
                try:
                    text += os.read(parent, 65536)
                except OSError:  # nobody holds the other end any more
                    break
        os.close(parent)
        assert process.returncode == 0, text
        assert f"{TARGET}: target 1 of 1".encode() in text
        assert (b"\x1b[32m" in text) != bool(no_colour), text
    done = check(index, tmp_path, "ready")
    assert "\x1b" not in done.stdout and not done.stderr


def test_asked_again_nothing_is_fetched(index, tmp_path):
    check(index, tmp_path, "needs")
    done = check(index, tmp_path, "--json", "needs", "--offline")
    assert items(done)["needs"]["headline"] == "blocked", done.stderr


@pytest.mark.parametrize("text, why", [
    ("-r r.txt\n", "r.txt: includes itself"),
    ("-r other.txt\n", "other.txt"),
    ("ready\n>=1\n", "r.txt:2: requirement"),
    ("re\x01ady\n", "r.txt:1: a control character (byte 0x01)"),
    ("\xff\xfe\n", "r.txt:1: bytes that are not UTF-8"),
    ("a" * 100000 + "\n", "r.txt:1: a line of more than 65536 bytes"),
    ("\x7fELF\x02\x01\n", "r.txt:1: a control character"),
    ("x \\\n" * 40000, "r.txt:"),
    ("ready==1.0.0.\n", "r.txt:1: requirement"),
    ("ready[" + ",".join(f"x{i}" for i in range(300)) + "]\n", "r.txt:1: requirement: 256 extras"),
])
def test_bad_files(index, tmp_path, text, why):
    (tmp_path / "r.txt").write_bytes(text.encode("latin-1"))
    done = check(index, tmp_path, "r.txt", "--json")
    assert done.returncode == 2 and not done.stdout, (done.returncode, done.stdout)
    assert why in done.stderr and done.stderr.count("\n") == 1, done.stderr


def test_files_that_are_pipes(index, tmp_path):
    """One that ends is read as a file is; one that nobody writes ends with the limit."""
    reading, writing = os.pipe()
    os.write(writing, b"ready\n")
    os.close(writing)
    done = check(index, tmp_path, "--json", "-r", f"/dev/fd/{reading}", pass_fds=[reading])
    os.close(reading)
    assert done.returncode == 0 and items(done)["ready"]["installable"], done.stderr
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "r.txt").write_text("-r pipe\n")
    done = check(index, tmp_path, "--json", "r.txt", "--limit", "1")
    assert done.returncode == 3 and not done.stdout and "no answer within 1 s" in done.stderr, done


PYLOCK = 'lock-version = "1.0"\ncreated-by = "hand"\n'
UV_LOCK = 'version = 1\nrequires-python = ">=3.11"\n'


@pytest.mark.parametrize("text, why", [
    ("\x7fELF\x02\x01\n", "x.lock:1: TOML"),
    ("\xff\xfe\n", "x.lock:1: bytes that are not UTF-8"),
    ("a = 1\n", "x.lock:1: none of"),
    ("a." * 100000 + "a = 1\n", "x.lock:1: a key of more parts"),
    ("a = " + "[" * 1000000, "x.lock:1: TOML"),
    ("a = [" + "[]," * 3000000 + "]", "x.lock:1: more values"),
    ("# " + "x" * (17 << 20), "x.lock"),
    (PYLOCK + "[[packages]]\nname = \"a\\u001b[31m\"\n", "x.lock:3: a package without a name"),
    (PYLOCK + "[[packages]]\nname = 'a'\nversion = '1'\nmarker = '" + "(" * 100000 + "'\n",
     "x.lock:6: marker"),
    (UV_LOCK + "[[package]]\nname = 'a'\nversion = '1'\n" * 100000, "more than 64 versions"),
])
def test_bad_locks(index, tmp_path, text, why):
    (tmp_path / "x.lock").write_bytes(text.encode("latin-1"))
    done = check(index, tmp_path, "x.lock", "--json", limit=120)
    assert done.returncode == 2 and not done.stdout, (done.returncode, done.stdout)
    assert why in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.strip().isprintable(), done.stderr


def test_a_lock_for_other_targets(index, tmp_path):
    (tmp_path / "pylock.toml").write_text(
        PYLOCK + "environments = [\"sys_platform == 'linux'\"]\n"
        "[[packages]]\nname = 'ready'\nversion = '1.0'\n"
        "wheels = [{name = 'ready-1.0-py3-none-any.whl'}]\n")
    done = check(index, tmp_path, "pylock.toml", "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert document["roots"] == [
        {"name": "pylock.toml", "reason": "not_locked", "blocks": ["ready"]}]
    [item] = document["items"]
    assert (item["headline"], item["installable"], item["source"]) == (
        "blocked", False, "pylock.toml:4")
    assert document["together"] == {TARGET: None}
    assert "was not locked for this target" in check(index, tmp_path, "pylock.toml").stdout


def test_a_pyproject(index, tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        "[project]\nname = 'x'\nrequires-python = '>=3.9'\ndependencies = ['ready', 'needs']\n"
        "[project.optional-dependencies]\nmore = ['gone']\n"
        "[dependency-groups]\ndev = ['left']\n[tool.uv]\nconstraint-dependencies = ['ready<2']\n")
    done = check(index, tmp_path, "pyproject.toml", "--json")
    told = items(done)
    assert done.returncode == 1
    assert {name: (i["source"], i["headline"], i["version"]) for name, i in told.items()} == {
        "ready": ("pyproject.toml:4", "ready", "1.0"),
        "needs": ("pyproject.toml:4", "blocked", None),
        "gone": ("pyproject.toml:6", "vanished", "1.0"),
        "left": ("pyproject.toml:8", "ready", "1.0")}


def test_a_pyproject_for_another_python(index, tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        "[project]\nname = 'x'\nrequires-python = '>=3.14'\ndependencies = ['ready', 'more']\n")
    done = check(index, tmp_path, "pyproject.toml", "--json", "--explain")
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert document["roots"] == [
        {"name": "pyproject.toml", "reason": "python", "blocks": ["ready", "more"]}]
    assert document["together"] == {TARGET: None}
    assert [i["blockers"][0]["path"] for i in document["items"]] == [
        "pyproject.toml requires Python >=3.14"] * 2


def test_a_lock_beside_requirements(index, tmp_path):
    (tmp_path / "pylock.toml").write_text(
        PYLOCK + "".join(
            f"[[packages]]\nname = '{name}'\nversion = '1.0'\nwheels = [{{name = '{file}'}}]\n"
            for name, file in [("more", "more-1.0-py3-none-any.whl"),
                               ("nowhere", "nowhere-1.0-cp313-cp313-win_arm64.whl")]))
    done = check(index, tmp_path, "ready", "pylock.toml", "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    assert [i["requirement"] for i in document["items"]] == ["ready", "more==1.0", "nowhere==1.0"]
    assert document["together"] == {TARGET: {"more": "1.0", "nowhere": "1.0", "ready": "2.0"}}


def test_a_lock_of_a_hundred_thousand_lines(index, tmp_path):
    """A chain of dependencies, each with two markers of its own."""
    count = 9000
    (tmp_path / "uv.lock").write_text(UV_LOCK + "".join(
        f"[[package]]\nname = 'p{i}'\nversion = '1'\nwheels = [\n"
        f"  {{url = 'https://files.example/p{i}-1-py3-none-any.whl'}},\n]\ndependencies = [\n"
        f"  {{name = 'p{i + 1}', marker = \"python_full_version >= '3.{i % 9}.{i}'\"}},\n"
        f"  {{name = 'p{i + 1}', marker = \"os_name != 'x{i}'\"}},\n]\n\n"
        for i in range(count)) + f"[[package]]\nname = 'p{count}'\nversion = '1'\n"
        "[[package]]\nname = 'project'\nsource = {virtual = '.'}\ndependencies = [{name = 'p0'}]\n")
    done = check(index, tmp_path, "uv.lock", "--json", limit=120)
    document = json.loads(done.stdout)
    assert len(document["items"]) == count + 1
    assert [i["name"] for i in document["items"] if not i["installable"]] == [f"p{count}"]


def test_a_hundred_thousand_lines(index, tmp_path):
    (tmp_path / "r.txt").write_text("ready>=0.1\nmore\n" * 50000)
    begun = time.monotonic()
    done = check(index, tmp_path, "r.txt", "--json", limit=300)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["items"]) == 100000
    print(time.monotonic() - begun)


def test_out_of_reach_concludes_nothing(tmp_path):
    done = subprocess.run(
        [WHEELFARM, "check", "--json", "--index", "http://127.0.0.1:9/simple/", "--db",
         tmp_path / "facts.db", "--target", TARGET, "ready"], capture_output=True, text=True,
        timeout=60, check=False)
    assert done.returncode == 3 and not done.stdout, done


def pigeons(count):
    """More pigeons than holes, as versions: small to write, endless to refute by trying."""
    releases = {}
    for pigeon in range(count + 1):
        releases[f"pigeon{pigeon}"] = [
            Release(f"pigeon{pigeon}", str(hole), ["any"], [f"hole{hole}=={pigeon}"])
            for hole in range(count)]
    for hole in range(count):
        releases[f"hole{hole}"] = [Release(f"hole{hole}", str(pigeon), ["any"])
                                   for pigeon in range(count + 1)]
    return releases


def test_a_graph_built_to_explode(tmp_path):
    index = solve_index.SolveIndex(pigeons(14))
    try:
        done = check(index, tmp_path, *[f"pigeon{i}" for i in range(15)], "--limit", "10", limit=120)
    finally:
        index.close()
    assert done.returncode in (1, 3), done
    if done.returncode == 3:
        assert "no answer within 10 s" in done.stderr and not done.stdout


def test_a_page_that_is_stored_is_asked_for_by_its_etag(tmp_path):
    served = conftest.Index()
    metadata = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
    served.pages["demo"] = {"meta": {"api-version": "1.1"}, "name": "demo", "files": [
        {"filename": "demo-1.0-py3-none-any.whl", "url": "/files/demo-1.0-py3-none-any.whl", "hashes": {},
         "core-metadata": {"sha256": hashlib.sha256(metadata).hexdigest()}}]}
    served.answers["/files/demo-1.0-py3-none-any.whl.metadata"] = 200, "text/plain", metadata
    try:
        answers = [check(served, tmp_path, "--json", "--fresh", "0", "demo")]
        assert answers[0].returncode == 0, answers[0].stderr
        answers.append(check(served, tmp_path, "--json", "--fresh", "0", "demo"))
        answers.append(check(served, tmp_path, "--json", "demo"))  # it is as fresh as the last look
        assert len({a.stdout for a in answers}) == 1
        asked = [headers.get("If-None-Match") for path, headers in served.requests if path == "/simple/demo/"]
        assert len(asked) == 2 and asked[0] is None and asked[1], asked
        served.pages["demo"]["files"][0]["yanked"] = True
        done = check(served, tmp_path, "--json", "--fresh", "0", "demo")
        assert done.returncode == 1 and items(done)["demo"]["blockers"][0]["reason"] == "yanked"
    finally:
        served.close()


def test_what_cannot_be_together_leaves_the_rest_in_peace(tmp_path):
    releases = {"s": [Release("s", "1.0", ["any"]), Release("s", "2.0", ["glibc"]), Release("s", "3.0", ["any"])],
                "a": [Release("a", "1.0", ["any"], ["s>=2"])], "b": [Release("b", "1.0", ["any"], ["s<3"])],
                "ready": [Release("ready", "1.0", ["any"])]}
    served = solve_index.SolveIndex(releases)
    try:
        done = check(served, tmp_path, "--json", "a", "ready", "b")
    finally:
        served.close()
    told = items(done)
    assert done.returncode == 1 and json.loads(done.stdout)["together"] == {TARGET: None}
    assert {name: item["installable"] for name, item in told.items()} == {"a": False, "b": False, "ready": True}
    assert [(b["name"], b["version"], b["reason"]) for b in told["a"]["blockers"]] == [("s", "2.0", "no_wheel")]

"""What a recipe does to an unpacked source tree, by the agent's own children: its patches, as GNU patch would apply them
strictly, and the tests that are to lie alone."""

import pathlib
import random
import shutil
import subprocess

import pytest
from conftest import WHEELFARM

AGENT = pathlib.Path(WHEELFARM).parent / "wheelfarm-agent"
EXIT_REASON = 64


def stage(*arguments):
    done = subprocess.run([AGENT, "--stage", *map(str, arguments)], capture_output=True, text=True, check=False)
    return done.returncode, (done.stderr.splitlines() or [""])[-1]


def files(folder):
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mode & 0o100)
            for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.endswith((".orig", ".rej"))}


def write(folder, contents):
    for name, text in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    return folder


def edited(dice, text):
    """The lines with a few changed, gone or new, and the last newline there or not."""
    lines = text.splitlines(keepends=True)
    for _ in range(dice.randrange(1, 4)):
        at = dice.randrange(len(lines) + 1)
        kind = dice.randrange(3)
        if kind == 0:
            lines.insert(at, b"new %d\n" % dice.randrange(9))
        elif lines[at:at + 1]:
            lines[at:at + 1] = [] if kind == 1 else [b"other %d\n" % dice.randrange(9)]
    made = b"".join(lines)
    return made[:-1] if dice.randrange(6) == 0 else made


def diff(folder, old, new, context):
    """A patch from old to new ({name: bytes}), as `diff -Nur` writes it."""
    shutil.rmtree(folder, ignore_errors=True)
    write(folder / "a", old)
    write(folder / "b", new)
    return subprocess.run(["diff", "-N", "-r", f"-U{context}", "a", "b"], cwd=folder, capture_output=True,
                          check=False).stdout


def test_as_gnu_patch_would(tmp_path):
    """The same trees and the same refusals, of diffs that fit, of such that fit elsewhere in a file that has changed
    since, and of such that do not."""
    dice = random.Random(20261129)
    applied = refused = 0
    for number in range(60):
        old = {f"f{i}/x.py": b"".join(b"line %d\n" % dice.randrange(4 if i else 60) for _ in range(dice.randrange(30)))
               for i in range(3)}
        new = {name: edited(dice, text) for name, text in old.items() if dice.randrange(8)}
        new["added.txt"] = b"one\ntwo\n"
        patch = tmp_path / "p"
        patch.write_bytes(diff(tmp_path / "d", old, new, dice.randrange(number % 2, 4)))
        if number % 2:
            changed = dice.choice(sorted(old))
            old[changed] = edited(dice, old[changed]) + b"tail\n" * dice.randrange(2)
        ends = []
        for who in ("gnu", "ours"):
            tree = tmp_path / who
            shutil.rmtree(tree, ignore_errors=True)
            write(tree, {**old, "beside": b""})
            if who == "ours":
                code, _ = stage("patch", patch, tree, 1, "p")
            else:
                code = subprocess.run(
                    ["patch", "-p1", "--fuzz=0", "--forward", "--batch", "--no-backup-if-mismatch", f"--directory={tree}",
                     f"--input={patch}"], capture_output=True, check=False).returncode
            ends.append((code == 0, files(tree) if code == 0 else None))
        assert ends[0] == ends[1], (number, patch.read_text())
        applied += ends[0][0]
        refused += not ends[0][0]
    assert applied > 30 and refused > 5


def test_a_patch_is_applied_whole_or_not_at_all(tmp_path):
    before = {"a.c": b"1\n2\n3\n", "b.c": b"1\n2\n3\n", "gone.c": b"x\n", "run": b"old\n"}
    good = diff(tmp_path / "d", before, {**before, "a.c": b"1\ntwo\n3\n"}, 3)
    bad = diff(tmp_path / "d", before, {**before, "b.c": b"1\ntwo\n3\n"}, 3)
    tree = write(tmp_path / "tree", {**before, "b.c": b"other\n"})
    (tmp_path / "p").write_bytes(good + bad)
    code, line = stage("patch", tmp_path / "p", tree, 1, "fix.patch")
    assert code > EXIT_REASON and line == "wheelfarm: fix.patch: b.c: hunk 1 of line 1 does not fit"
    assert files(tree)["a.c"] == (b"1\n2\n3\n", 0)
    (tmp_path / "p").write_bytes(
        good + diff(tmp_path / "d", before, {k: v for k, v in before.items() if k != "gone.c"}, 3)
        + b"diff --git a/run b/run\nold mode 100644\nnew mode 100755\n--- a/run\n+++ b/run\n@@ -1 +1 @@\n-old\n+new\n"
        + b"--- a/run\n+++ b/run\n@@ -1 +1,2 @@\n new\n+again\n")
    assert stage("patch", tmp_path / "p", tree, 1, "fix.patch") == (0, "")
    assert files(tree) == {"a.c": (b"1\ntwo\n3\n", 0), "b.c": (b"other\n", 0), "run": (b"new\nagain\n", 0o100)}


@pytest.mark.parametrize("text, says", [
    (b"--- a/x\n+++ b/../../out\n@@ -0,0 +1 @@\n+x\n", "not a name in the source tree"),
    (b"--- /dev/null\n+++ b/../out\n@@ -0,0 +1 @@\n+x\n", "not a name in the source tree"),
    (b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n", "not in the source tree"),
    (b"--- /dev/null\n+++ b/link\n@@ -0,0 +1 @@\n+x\n", "not a plain file"),
    (b"--- /dev/null\n+++ b/full\n@@ -0,0 +1 @@\n+x\n", "is there already"),
    (b"--- a/full\n+++ /dev/null\n@@ -1 +0,0 @@\n-1\n", "has other lines"),
    (b"", "no file is changed"),
    (b"all of it prose\n", "no file is changed"),
])
def test_patches_that_are_refused(tmp_path, text, says):
    tree = write(tmp_path / "tree", {"full": b"1\n2\n"})
    (tree / "link").symlink_to("/etc/hostname")
    (tmp_path / "p").write_bytes(text)
    code, line = stage("patch", tmp_path / "p", tree, 1, "fix.patch")
    assert code > EXIT_REASON and says in line
    assert sorted(files(tmp_path)) == ["p", "tree/full", "tree/link"]


def test_the_tests_lie_alone(tmp_path):
    tree = write(tmp_path / "tree", {"tests/unit/test_a.py": b"a", "tests/data/x": b"x", "conftest.py": b"c", "src/m.py": b"m"})
    (tree / "tests/run.sh").write_bytes(b"#!/bin/sh\n")
    (tree / "tests/run.sh").chmod(0o755)
    (tree / "tests/near").symlink_to("data/x")
    (tree / "away").symlink_to("/etc")
    to = tmp_path / "to"
    to.mkdir()
    assert stage("tests", tree, to, "tests", "conftest.py", "tests/unit/") == (0, "")
    assert {name: mode for name, (_, mode) in files(to).items()} == {
        "conftest.py": 0, "tests/data/x": 0, "tests/near": 0, "tests/run.sh": 0o100, "tests/unit/test_a.py": 0}
    assert (to / "tests/near").is_symlink()
    for name, says in (("nothing", "No such file"), ("../tree", "not a name"), ("away/hostname", "not a name"),
                       ("/etc/hostname", "not a name")):
        code, line = stage("tests", tree, to, name)
        assert code > EXIT_REASON and says in line
    assert not (to / "away").exists()

"""`wheelfarm pep` against packaging, on thousands of seeded lines that look like real ones. Nothing is
skipped: a line on which the two differ is a failure."""

import json
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/data/pep"))

import oracle  # noqa: E402

WHEELFARM = ROOT / "build/wheelfarm"
LINES = 4000


def ask(command, lines):
    """One answer a line; a line with a newline in it would be two questions."""
    assert not any("\n" in line for line in lines)
    text = "".join(line + "\n" for line in lines)
    done = subprocess.run([WHEELFARM, "pep", command], input=text.encode(), capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    answers = done.stdout.decode().split("\n")
    assert answers.pop() == ""
    assert len(answers) == len(lines)
    return answers


def check(lines, answers, expected):
    wrong = [f"{line!r}: {answer}, packaging: {right}"
             for line, answer, right in zip(lines, answers, expected) if answer != right]
    assert not wrong, f"{len(wrong)} of {len(lines)}\n" + "\n".join(wrong[:20])


@pytest.mark.parametrize("seed", [101, 102])
def test_compare(seed):
    lines = oracle.Lines(seed)
    pairs = [lines.pair() for _ in range(LINES)]
    asked = ["\t".join(pair) for pair in pairs]
    expected = [oracle.compare(*pair) for pair in pairs]
    assert {"<", "=", ">", "invalid"} == set(expected)
    check(asked, ask("compare", asked), expected)


@pytest.mark.parametrize("seed", [201, 202, 203])
def test_match(seed):
    lines = oracle.Lines(seed)
    pairs = [lines.question() for _ in range(LINES)]
    asked = ["\t".join(pair) for pair in pairs]
    expected = [oracle.match(*pair) for pair in pairs]
    assert {"true", "false", "invalid"} == set(expected)
    check(asked, ask("match", asked), expected)


def full_versions():
    """python_full_version of each target file: the one marker value that no rule gives."""
    found = {}
    for file in (ROOT / "recipes/targets").glob("*.yaml"):
        match = re.search(r'^python_full_version: *"?([^"\s]+)', file.read_text(), re.MULTILINE)
        found[file.stem] = match[1]
    return found


@pytest.mark.parametrize("seed", [301, 302])
def test_marker(seed):
    lines = oracle.Lines(seed)
    targets = full_versions()
    names = sorted(targets)
    assert len(names) > 20
    asked, expected = [], []
    for _ in range(LINES):
        target, marker = lines.random.choice(names), lines.marker()
        asked.append(f"{target}\t{marker}")
        expected.append(oracle.marker(oracle.environment(target, targets[target]), marker))
    assert {"true", "false", "invalid"} == set(expected)
    check(asked, ask("marker", asked), expected)


@pytest.mark.parametrize("seed", [401, 402])
def test_filename(seed):
    lines = oracle.Lines(seed)
    asked = [lines.filename() for _ in range(LINES)]
    answers = [json.loads(answer) for answer in ask("filename", asked)]
    for answer in answers:
        assert (answer.pop("why", None) is not None) == (answer["kind"] == "invalid")
    expected = [oracle.filename(line) for line in asked]
    assert {"wheel", "sdist", "invalid"} == {document["kind"] for document in expected}
    check(asked, answers, expected)


@pytest.mark.parametrize("command", ["compare", "match", "marker", "filename"])
def test_bad_lines_are_answered_in_their_place(command):
    asked = ["", "\t", "no tab", "\x00\t\x00", "\t\t\t", "a" * 100_000, "cp313-win_arm64\t" + "(" * 9999]
    answers = ask(command, asked)
    for answer in answers:
        assert answer == "invalid" or json.loads(answer)["kind"] == "invalid"


def test_last_line_needs_no_newline():
    done = subprocess.run([WHEELFARM, "pep", "compare"], input=b"1\t2", capture_output=True)
    assert (done.returncode, done.stdout) == (0, b"<\n")


def test_wrong_use():
    for arguments in [], ["frobnicate"], ["compare", "x"]:
        done = subprocess.run([WHEELFARM, "pep", *arguments], input=b"", capture_output=True)
        assert done.returncode == 2
        assert done.stdout == b""
        assert len(done.stderr.decode().strip().split("\n")) == 1

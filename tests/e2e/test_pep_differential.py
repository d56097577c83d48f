"""`wheelfarm pep` against packaging (the version in tests/requirements.in): everything that stands in
the recorded pages, and 100,000 generated and mutated lines.

WHEELFARM_SEED chooses other lines, WHEELFARM_PEP_LINES another number of them. A failure names the seed
and the smallest line that still differs. Differences that are right are in KNOWN, each with its reason.
"""

import gzip
import json
import os
import random
import subprocess
import sys

import pytest
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import Specifier

from conftest import PAGES, ROOT, WHEELFARM
from machines import FILES, Machine

sys.path.insert(0, str(ROOT / "tests/data/pep"))

import oracle  # noqa: E402

SEED = int(os.environ.get("WHEELFARM_SEED", "1"))
LINES = int(os.environ.get("WHEELFARM_PEP_LINES", "100000"))

# Differences that are right: sub-command, is this one, why we answer otherwise.
KNOWN = [
    ("match", lambda line, said, right: "===" in line and "\u212a" in line,
     "PEP 440, 'Arbitrary equality': 'simple string equality operations'. packaging folds case with "
     "str.lower(), which makes the Kelvin sign a 'k'; only ASCII letters have a case in a version."),
    *((command, lambda line, said, right:
       said == "invalid" and "~=" in line and any(i in line for i in "\u0130\u0131"),
       "PEP 440, 'Pre-release spelling': the letters of 'preview' are ASCII. packaging's pattern of '~=' "
       "takes a dotted capital and a dotless small I for an 'i' (re.IGNORECASE); its Version then does "
       "not, and what is asked of such a specifier ends in an AssertionError or in no one's answer.")
      for command in ("match", "requirement")),
    ("filename", lambda line, said, right: len(line.encode()) > 512 and said["kind"] == "invalid",
     "core/pep/filename.h, FILENAME_LIMIT: PEP 425 'Compressed Tag Sets' multiply to any number of "
     "tags; no file system takes such a name."),
    ("filename", lambda line, said, right: not line.isascii() and said["kind"] == "invalid",
     "Core metadata 'Name' (PEP 508) and PEP 425 'Python Tag' are ASCII letters and digits; packaging "
     "passes any Unicode word there."),
    ("filename", lambda line, said, right: not line.isascii() and lowered(said) == right,
     "PEP 503 'Normalized Names': a valid name is ASCII, and only those letters become lower case; "
     "packaging lowers 'É' and the Kelvin sign in a sdist's name and in tags too."),
]


def lowered(document):
    """As str.lower() has it, beyond ASCII too."""
    out = dict(document)
    if "name" in out:
        out["name"] = out["name"].lower()
    if "tags" in out:
        out["tags"] = sorted({tag.lower() for tag in out["tags"]})
    return out


class Wild(oracle.Lines):
    """The lines of the tables, and: what stands in recorded pages, and mutations of both, with the
    characters on which implementations part: other digits, letters that fold to ASCII, white space."""

    ALPHABET = ("0123456789abcdefgiklnoprstvwxyABCKPRT.-_+!*,;<>=~()[]{}'\"\\@#/: \f\v\x1c\x1f\x00"
                "\u00e9\u00b5\u0130\u0131\u017f\u0661\u2167\u212a\u2028\u200b\u3000\ufeff\U0001f40d")

    def __init__(self, seed, recorded):
        super().__init__(seed)
        self.recorded = recorded

    def wild(self, text, share=0.3):
        """Some of the lines are mutated once more, and harder."""
        r = self.random
        if r.random() >= share:
            return text
        pick = r.random()
        if pick < 0.6:
            return self.mutate(text, self.ALPHABET)
        at, end = sorted((r.randrange(len(text) + 1), r.randrange(len(text) + 1)))
        if pick < 0.8:
            return text[:at] + text[end:]
        return text[:at] + text[at:end] * r.choice([2, 3, 30]) + text[end:]

    def real(self, kind, share=0.3):
        return self.random.choice(self.recorded[kind]) if self.random.random() < share else None

    def compare_line(self):
        a, b = self.pair()
        a = self.real("version") or a
        b = self.real("version", 0.1) or self.near(a) if self.random.random() < 0.5 else b
        return self.wild(a, 0.1) + "\t" + self.wild(b, 0.1)

    def match_line(self):
        version, specifiers = self.question()
        if text := self.real("python"):
            specifiers = text
            version = self.random.choice([version, self.random.choice(self.recorded["full"])])
        return self.wild(version, 0.05) + "\t" + self.wild(specifiers)

    def marker_line(self):
        return self.random.choice(list(FILES)) + "\t" + self.wild(self.marker())

    def filename_line(self):
        return self.wild(self.real("filename") or self.filename())

    def requirement_line(self):
        return self.wild(self.requirement())


def expect_marker(line, environments={}):
    target, marker = line.split("\t", 1)
    if target not in environments:
        environments[target] = oracle.environment(target, Machine(target).full)
    return oracle.marker(environments[target], marker)


def expect_requirement(line):
    """A set of specifiers has no order, and no double ones."""
    try:
        r = Requirement(line)
    except InvalidRequirement:
        return "invalid"
    return {"name": r.name, "extras": sorted(r.extras), "url": r.url or "",
            "specifiers": sorted({str(s) for s in r.specifier}), "marker": r.marker is not None}


def read_requirement(answer):
    if answer == "invalid":
        return answer
    said = json.loads(answer)
    members = [text for text in said["specifiers"].split(",") if text.strip()]
    return {**said, "extras": sorted(set(said["extras"])), "marker": said["marker"] != "",
            "specifiers": sorted({str(Specifier(text)) for text in members})}


def read_filename(answer):
    said = json.loads(answer)
    assert ("why" in said) == (said["kind"] == "invalid")
    said.pop("why", None)
    return said


def expect_pair(function):
    return lambda line: function(*line.split("\t", 1))


# sub-command: share of the lines, what packaging says, how our answer is read, answers that must occur
KINDS = {
    "compare": (0.30, expect_pair(oracle.compare), str, ["<", "=", ">", "invalid"]),
    "match": (0.25, expect_pair(oracle.match), str, ["true", "false", "invalid"]),
    "marker": (0.15, expect_marker, str, ["true", "false", "invalid"]),
    "filename": (0.15, oracle.filename, read_filename, ["wheel", "sdist", "invalid"]),
    "requirement": (0.15, expect_requirement, read_requirement, ["invalid"]),
}


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


def differing(command, lines):
    """Those lines on which the two differ, with both answers; and all answers of packaging."""
    _, expect, read, _ = KINDS[command]
    wrong, answers = [], []
    for line, answer in zip(lines, ask(command, lines)):
        said, right = read(answer), expect(line)
        answers.append(right)
        if said != right and not any(
                command == kind and speaks(line, said, right) for kind, speaks, _ in KNOWN):
            wrong.append((line, said, right))
    return wrong, answers


def smallest(command, wrong):
    """The shortest line that still differs: pieces are cut out as long as it does."""
    best = min(wrong, key=lambda found: len(found[0]))
    while True:
        line = best[0]
        shorter = {line[:at] + line[at + n:] for n in (16, 8, 4, 2, 1) for at in range(len(line))}
        shorter = [text for text in shorter if text.count("\t") == line.count("\t")
                   and (command != "marker" or text.split("\t")[0] == line.split("\t")[0])
                   and len(text) < len(line)]
        found, _ = differing(command, shorter)
        if not found:
            return best
        best = min(found, key=lambda one: len(one[0]))


def check(command, lines):
    wrong, answers = differing(command, lines)
    if wrong:
        line, said, right = smallest(command, wrong)
        pytest.fail(
            f"WHEELFARM_SEED={SEED}: {len(wrong)} of {len(lines)} lines of `pep {command}` differ\n"
            f"smallest: {line!r}\n  wheelfarm: {said}\n  packaging: {right}\n"
            + "\n".join(f"{line!r}: {said}, not {right}" for line, said, right in wrong[:10]),
            pytrace=False)
    return answers


@pytest.fixture(scope="module")
def recorded():
    """What stands in the recorded pages, each once."""
    names, pythons = set(), set()
    for path in PAGES.glob("*.json.gz"):
        for file in json.loads(gzip.decompress(path.read_bytes()))["files"]:
            names.add(file["filename"])
            pythons.add(file.get("requires-python") or "")
    versions = {document["version"] for document in map(oracle.filename, names)
                if document["kind"] != "invalid"}
    full = {Machine(name).full for name in FILES} | {"2.7.18", "3.6.15", "3.9.0", "3.15.0rc1"}
    return {"filename": sorted(names), "version": sorted(versions), "python": sorted(pythons),
            "full": sorted(full)}


def test_recorded_file_names(recorded):
    assert len(recorded["filename"]) > 10_000
    check("filename", recorded["filename"])


def test_recorded_versions(recorded):
    """Each with its neighbour, and with random others."""
    versions, pick = recorded["version"], random.Random(SEED)
    assert len(versions) > 400
    lines = [f"{a}\t{b}" for a, b in zip(versions, versions[1:])]
    lines += [f"{a}\t{pick.choice(versions)}" for a in versions for _ in range(5)]
    check("compare", lines)


def test_recorded_requires_python(recorded):
    """On each shipped Python and some others."""
    lines = [f"{full}\t{text}" for text in recorded["python"] for full in recorded["full"]]
    assert len(recorded["python"]) > 20
    assert {"true", "false"} <= set(check("match", lines))


@pytest.mark.filterwarnings("ignore:invalid escape")  # of Python's, which reads a marker's literals
@pytest.mark.parametrize("command", KINDS)
def test_generated(command, recorded):
    share, _, _, occur = KINDS[command]
    lines = Wild(f"{command} {SEED}", recorded)
    make = getattr(lines, f"{command}_line")
    answers = check(command, [make().replace("\n", " ") for _ in range(round(LINES * share))])
    kinds = [answer["kind"] if "kind" in answer else answer for answer in answers]
    for answer in occur:
        share = kinds.count(answer) / len(kinds)
        assert 0.01 < share < 0.97, f"{share:.1%} of the answers are {answer!r}: they test nothing"


def test_known_differences_are_still_there():
    """What is listed and no longer differs must go from the list."""
    for (command, speaks, _), line in zip(KNOWN, [
            "1.0+k\t===1.0+\u212a", "1.0\t~=1.0prev\u0130ew1", "a~=1.0prev\u0131ew1",
            "a-1-py3-none-" + "any." * 200 + "any.whl",
            "caf\u00e9-1-py3-none-any.whl", "CAF\u00c9-1.tar.gz"], strict=True):
        _, expect, read, _ = KINDS[command]
        said, right = read(ask(command, [line])[0]), expect(line)
        assert said != right and speaks(line, said, right), line


@pytest.mark.parametrize("command", ["compare", "match", "marker", "filename", "requirement", "tags"])
def test_bad_lines_are_answered_in_their_place(command):
    asked = ["", "\t", "no tab", "\x00\t\x00", "\t\t\t", "a" * 100_000, "cp313-win_arm64\t" + "(" * 9999]
    for line, answer in zip(asked, ask(command, asked)):
        if command == "requirement" and line.startswith("a"):
            assert json.loads(answer)["name"] == line
        else:
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

"""The hand-written pages of tests/data/facts, one trap of the published fact each: the oracle judges
them, and the programs do, from an index page to `show --json`. The unit tests read the same files."""

import json
import re

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from conftest import ROOT, wheelfarm
from machines import FILES, Machine
from published_oracle import Page, published, ranks

FACTS = ROOT / "tests/data/facts"
SHOWN = {"first": "first_version", "date": "first_date", "newest": "newest_version",
         "lost": "lost_accelerator", "emulated": "emulated_alternative"}
# What only the programs' inner tests look at: no part of `show --json`.
INNER = {"sdist", "elsewhere"}


class Project:
    def __init__(self, name):
        self.name = canonicalize_name(name)
        self.files, self.newest, self.expected = [], None, []

    def document(self):
        return {"meta": {"api-version": "1.1"}, "name": self.name, "files": self.files}

    def add_file(self, filename, *options):
        file = {"filename": filename, "url": "https://files.invalid/" + filename, "hashes": {}}
        for option in options:
            key, _, value = option.partition("=")
            if key == "python":
                file["requires-python"] = value
            elif key == "date":
                file["upload-time"] = value + "T12:00:00.000000Z"
            else:
                assert option == "yanked", option
                file["yanked"] = True
        self.files.append(file)


def read(path):
    """The projects of a file."""
    projects = []
    for line in path.read_text().splitlines():
        word, *rest = line.split() if not line.startswith("#") else [""]
        if word == "package":
            projects.append(Project(*rest))
        elif word == "file":
            projects[-1].add_file(*rest)
        elif word == "newest":
            projects[-1].newest = rest[0]
        elif word == "expect":
            target, *pairs = rest
            projects[-1].expected.append((target, dict(pair.split("=", 1) for pair in pairs)))
    return projects


def text(value):
    """As the files write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)


def wrong(expected, fact):
    """What is expected and not so. `behind` of what was never supported is -1 in the files."""
    for key, right in expected.items():
        if key in INNER:
            continue
        have = fact[SHOWN.get(key, key)]
        if isinstance(have, Version) and right != "-":
            # 1.0 and 1.0.0 are one release, and the oracle does not care which name it has.
            have = right if have == Version(right) else have
        if text(have) != ("-" if key == "behind" and right == "-1" else right):
            yield f"{key}={text(have)}, not {right}"


TRAPS = {path.stem: path for path in sorted(FACTS.glob("*.txt"))}


@pytest.mark.parametrize("trap", TRAPS)
def test_trap(trap, tmp_path, state):
    projects = read(TRAPS[trap])
    assert projects and all(project.expected for project in projects)
    accepted = {}
    for project in projects:
        (tmp_path / f"{project.name}.json").write_text(json.dumps(project.document()))
    names = [project.name for project in projects]
    done = wheelfarm("scan", "--index", tmp_path, "--db", tmp_path / "f.db", *names, env=state)
    assert done.returncode == 0, done.stderr
    for project in projects:
        page = Page(project.name, project.document())
        done = wheelfarm("show", project.name, "--db", tmp_path / "f.db", "--json", env=state)
        shown = json.loads(done.stdout)
        facts = {row["target"]: row["published"] for row in shown["targets"]}
        if project.newest is not None:
            assert text(shown["newest"]) == project.newest
            assert page.newest() == (Version(shown["newest"]) if shown["newest"] else None)
        for target, expected in project.expected:
            machine = Machine(target)
            accepted.setdefault(target, ranks(machine))
            oracle = published(page, machine, accepted[target])
            where = f"{project.name} on {target}: "
            assert not (found := list(wrong(expected, oracle))), f"oracle: {where}{found}"
            assert not (found := list(wrong(expected, facts[target]))), where + str(found)


def test_every_trap_has_a_page():
    """facts.md numbers ten; 7 and 8 are of built wheels: tests/data/verify and tests/data/inspect."""
    named = re.findall(r"Trap (\d+)", "\n".join(path.read_text() for path in TRAPS.values()))
    assert {int(number) for number in named} == {1, 2, 3, 4, 5, 6, 9, 10}
    assert {target for path in TRAPS.values() for project in read(path)
            for target, _ in project.expected} <= set(FILES)

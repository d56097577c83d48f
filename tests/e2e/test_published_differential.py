"""The published fact of recorded and of mutated pages on every shipped target: what `scan` and
`show --json` say, the oracle (published_oracle.py) says, and what pip's own finder takes.

WHEELFARM_SEED chooses other mutations, WHEELFARM_MUTATED_PAGES how many; WHEELFARM_PAGES is another
folder of recorded pages. A failure names the seed and the smallest page that still differs.
"""

import gzip
import html
import json
import os
import pathlib
import random
import subprocess
import urllib.parse

import pytest
from packaging.version import Version

import conftest
import pip_finder
from conftest import WHEELFARM
from machines import FILES, Machine
from mutated_pages import Pages
from published_oracle import Page, published, ranks

PAGES = pathlib.Path(os.environ.get("WHEELFARM_PAGES", conftest.PAGES))
NAMES = sorted(path.name.removesuffix(".json.gz") for path in PAGES.glob("*.json.gz"))
SEED = int(os.environ.get("WHEELFARM_SEED", "1"))
COUNT = int(os.environ.get("WHEELFARM_MUTATED_PAGES", "120"))
# How many targets of each page are asked of pip's finder, which takes some time for each file.
OF_PIP = int(os.environ.get("WHEELFARM_PIP_TARGETS", "3"))


class Shipped:
    """The targets, and what can be made once of each."""

    def __init__(self):
        self.machines = {name: Machine(name) for name in FILES}
        self.ranks = {name: ranks(machine) for name, machine in self.machines.items()}
        self.pip = {name: pip_finder.target_python(m) for name, m in self.machines.items()}


@pytest.fixture(scope="module")
def shipped():
    return Shipped()


def document_of(name):
    return json.loads(gzip.decompress((PAGES / f"{name}.json.gz").read_bytes()))


def scan(folder, db, names):
    done = subprocess.run([WHEELFARM, "scan", "--index", folder, "--db", db, *names],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def show(db, name):
    done = subprocess.run([WHEELFARM, "show", name, "--db", db, "--json"],
                          check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def same(shown, right):
    """A release whose files spell its version in two ways (1.0, 1.0.0) has either text."""
    if isinstance(right, Version):
        return shown is not None and Version(shown) == right and str(Version(shown)) == shown
    return shown == right


def differences(name, document, shown, shipped, of_pip):
    """Lines that say where what was shown is not what it should be."""
    page = Page(name, document)
    newest = page.newest()
    if not same(shown["newest"], newest):
        yield f"newest: shown {shown['newest']}, is {newest}"
    if [row["target"] for row in shown["targets"]] != sorted(FILES):
        yield "not all targets are shown"
    links = pip_finder.links(name, document) if of_pip else []
    for row in shown["targets"]:
        target, have = row["target"], row["published"]
        want = published(page, shipped.machines[target], shipped.ranks[target])
        for key, value in want.items():
            if not same(have[key], value):
                yield f"{target} {key}: shown {have[key]!r}, is {str(value)!r}"
        if target in of_pip:
            taken = pip_finder.take(name, links, shipped.pip[target])
            if (taken and taken[1]) != have["file"] and not (
                    taken is None and only_prereleases_beside_yanked(page, have["version"])):
                yield f"{target} file: shown {have['file']!r}, pip takes {taken}"


def only_prereleases_beside_yanked(page, version):
    """Known: pip lets a yanked final release shut out the pre-releases, and then takes nothing. By
    PEP 592 ("An installer MUST ignore yanked releases, if the selection constraints can be satisfied
    with a non-yanked version") and facts.md the yanked one is left out first."""
    return Version(version).is_prerelease and any(
        f.yanked and not f.version.is_prerelease for f in page.known)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    db = tmp_path_factory.mktemp("published") / "facts.db"
    scan(PAGES, db, NAMES)
    return db


@pytest.mark.parametrize("name", NAMES)
def test_recorded_page_on_every_target(name, recorded, shipped):
    targets = random.Random(f"{name} {SEED}").sample(sorted(FILES), OF_PIP)
    found = list(differences(name, document_of(name), show(recorded, name), shipped, targets))
    assert not found, "\n".join(found[:40])


def smallest(name, document, shipped, folder, of_pip):
    """The page with as few files as it still takes to differ."""
    def differing(files):
        work = folder / "smallest"
        work.mkdir(exist_ok=True)
        smaller = {**document, "files": files}
        (work / f"{name}.json").write_text(json.dumps(smaller))
        (work / "facts.db").unlink(missing_ok=True)
        scan(work, work / "facts.db", [name])
        return list(differences(name, smaller, show(work / "facts.db", name), shipped, of_pip))

    files, found = document["files"], differing(document["files"])
    step = max(len(files) // 2, 1)
    while found:
        for at in range(0, len(files), step):
            less = differing(files[:at] + files[at + step:])
            if less:
                files, found = files[:at] + files[at + step:], less
                break
        else:
            if step == 1:
                break
            step = max(step // 2, 1)
    keys = ("filename", "yanked", "requires-python", "upload-time")
    lines = [json.dumps({key: file[key] for key in keys if key in file}) for file in files]
    return "\n".join(lines + found[:10])


def test_mutated_pages(tmp_path, shipped):
    pages = Pages(SEED, {name: document_of(name) for name in NAMES})
    documents = {name: pages.page(name) for name in (f"demo{n}" for n in range(COUNT))}
    for name, document in documents.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    db = tmp_path / "facts.db"
    scan(tmp_path, db, list(documents))
    wrong = {}
    states = set()
    for name, document in documents.items():
        shown = show(db, name)
        states |= {row["published"]["state"] for row in shown["targets"]}
        of_pip = random.Random(f"{name} {SEED}").sample(sorted(FILES), OF_PIP)
        if list(differences(name, document, shown, shipped, of_pip)):
            wrong[name] = of_pip
    assert states >= {"wheel", "pure", "sdist", "none", "python_excluded"}
    if wrong:
        name = min(wrong, key=lambda name: len(documents[name]["files"]))
        pytest.fail(
            f"WHEELFARM_SEED={SEED}: {len(wrong)} of {COUNT} pages differ: {' '.join(wrong)}\n"
            + smallest(name, documents[name], shipped, tmp_path, wrong[name]), pytrace=False)


def as_html(document):
    """The page as PEP 503 has it; there are no dates in it. An empty data-yanked is yanked (PEP 592),
    an empty text in JSON is not (PEP 691)."""
    lines = ["<!DOCTYPE html><html><head><title>Links</title></head><body>"]
    for file in document["files"]:
        more = ""
        if file.get("requires-python"):
            more += f' data-requires-python="{html.escape(file["requires-python"])}"'
        if file.get("yanked"):
            reason = file["yanked"] if isinstance(file["yanked"], str) else ""
            more += f' data-yanked="{html.escape(reason)}"'
        name = html.escape(file["filename"])
        lines.append(f'<a href="/files/{urllib.parse.quote(file["filename"])}#sha256={"0" * 64}"'
                     f'{more}>{name}</a><br />')
    return "\n".join([*lines, "</body></html>"])


def test_html_pages(tmp_path, shipped, index):
    """What an index says in HTML is judged as what it says in JSON."""
    pages = Pages(f"html {SEED}", {name: document_of(name) for name in NAMES})
    documents = {f"demo{n}": pages.page(f"demo{n}") for n in range(max(COUNT // 8, 1))}
    for name, document in documents.items():
        for file in document["files"]:
            file.pop("upload-time", None)
        index.answers[f"/simple/{name}/"] = (200, "text/html", as_html(document).encode())
    scan(index.url, tmp_path / "facts.db", list(documents))
    for name, document in documents.items():
        shown = show(tmp_path / "facts.db", name)
        found = list(differences(name, document, shown, shipped, []))
        assert not found, f"WHEELFARM_SEED={SEED} {name}\n" + "\n".join(found[:20])

"""The published fact of every recorded page on every shipped target, computed a second time from the
text of the definition with `packaging`, and compared with what `scan` and `show --json` say."""

import gzip
import json
import os
import pathlib
import re
import subprocess

import pytest
from packaging import tags
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = pathlib.Path(os.environ.get("WHEELFARM_PAGES", ROOT / "tests/data/pages"))
WHEELFARM = pathlib.Path(os.environ.get("WHEELFARM", ROOT / "build/wheelfarm"))
NAMES = sorted(p.name.removesuffix(".json.gz") for p in PAGES.glob("*.json.gz"))


class Target:
    """A target file: which tags its Python accepts, and its full version."""

    def __init__(self, path):
        text = path.read_text()
        self.name = path.stem
        self.full = re.search(r'python_full_version: "?([0-9.]+)', text)[1]
        abi, platform = self.name.split("-", 1)
        version = tuple(int(n) for n in self.full.split(".")[:2])
        if platform == "win_arm64":
            platforms = ["win_arm64"]
        else:
            kind, major, minor, arch = platform.split("_", 3)
            platforms = [f"linux_{arch}"]
            lowest = 17 if kind == "manylinux" else 0
            for n in range(int(minor), lowest - 1, -1):
                platforms.append(f"{kind}_{major}_{n}_{arch}")
                if kind == "manylinux" and n == 17:
                    platforms.append(f"manylinux2014_{arch}")
        accepted = list(tags.cpython_tags(version, abis=[abi], platforms=platforms))
        self.interpreters = {(t.interpreter, t.abi) for t in accepted if t.abi != "none"}
        accepted += tags.compatible_tags(version, interpreter="cp%d%d" % version, platforms=platforms)
        self.rank = {tag: n for n, tag in reversed(list(enumerate(accepted)))}
        self.windows = platform == "win_arm64"


class File:
    """A file of a page; version is None where its name is no wheel's and no sdist's."""

    def __init__(self, project, data):
        self.name = data["filename"]
        self.yanked = bool(data.get("yanked"))
        self.requires = data.get("requires-python") or ""
        self.uploaded = data.get("upload-time") or ""
        self.version = None
        self.tags = frozenset()
        self.build = ()
        self.sdist = False
        try:
            if self.name.endswith(".whl"):
                name, self.version, self.build, self.tags = parse_wheel_filename(self.name)
            elif self.name.endswith((".tar.gz", ".zip")):
                name, self.version = parse_sdist_filename(self.name)
                self.sdist = True
            if self.version is not None and name != project:
                self.version = None
        except (InvalidWheelFilename, InvalidSdistFilename):
            self.version = None

    def admits(self, target, cache={}):
        key = (self.requires, target.full)
        if key not in cache:
            try:
                cache[key] = SpecifierSet(self.requires).contains(target.full, prereleases=True)
            except InvalidSpecifier:
                cache[key] = True
        return cache[key]

    def best(self, target):
        fitting = [t for t in self.tags if t in target.rank]
        return min(fitting, key=target.rank.get) if fitting else None


def expected(files, target):
    usable = [f for f in files if f.version is not None and not f.yanked and f.admits(target)]
    wheels = {f.name: f.best(target) for f in usable}
    fitting = [f for f in usable if f.sdist or wheels[f.name]]
    final = [f for f in fitting if not f.version.is_prerelease]
    out = {"version": None, "lost_accelerator": False, "emulated_alternative": False}
    looked_at = max((f.version for f in final or fitting), default=None)
    if looked_at is None:
        out["state"] = "none" if any(f.admits(target) for f in files) else "python_excluded"
    else:
        out["version"] = str(looked_at)
        own = [wheels[f.name] for f in fitting if f.version == looked_at and wheels[f.name]]
        if any(tag.platform != "any" for tag in own):
            out["state"] = "wheel"
        else:
            out["state"] = "pure" if own else "sdist"
        release = [
            t for f in files if f.version == looked_at and not f.yanked for t in f.tags
            if (t.interpreter, t.abi) in target.interpreters
        ]
        out["lost_accelerator"] = out["state"] == "pure" and any(
            t.platform != "any" for t in release
        )
        out["emulated_alternative"] = target.windows and any(
            t.platform == "win_amd64" for t in release
        )
    there = [
        f for f in usable
        if wheels[f.name] and wheels[f.name].platform != "any" and not f.version.is_prerelease
    ]
    first = min((f.version for f in there), default=None)
    dates = [f.uploaded[:10] for f in there if f.version == first]
    out["first_version"] = str(first) if first else None
    out["first_date"] = min(dates, default=None)
    highest = max((f.version for f in usable if not f.version.is_prerelease), default=None)
    last = max((f.version for f in there), default=None)
    out["vanished"] = str(last) if last and last != highest else None
    return out


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    db = tmp_path_factory.mktemp("published") / "facts.db"
    subprocess.run(
        [WHEELFARM, "scan", "--index", PAGES, "--db", db, *NAMES],
        check=True, capture_output=True, text=True,
    )
    return db


@pytest.fixture(scope="module")
def targets():
    return {p.stem: Target(p) for p in sorted((ROOT / "recipes/targets").glob("*.yaml"))}


@pytest.mark.parametrize("name", NAMES)
def test_every_target(name, database, targets):
    page = json.loads(gzip.decompress((PAGES / f"{name}.json.gz").read_bytes()))
    files = [File(canonicalize_name(name), f) for f in page["files"]]
    done = subprocess.run(
        [WHEELFARM, "show", name, "--db", database, "--json"],
        check=True, capture_output=True, text=True,
    )
    shown = json.loads(done.stdout)
    final = [f.version for f in files if f.version and not f.yanked and not f.version.is_prerelease]
    assert shown["newest"] == str(max(final))
    assert [t["target"] for t in shown["targets"]] == sorted(targets)
    for row in shown["targets"]:
        want = expected(files, targets[row["target"]])
        have = {key: row["published"][key] for key in want}
        assert have == want, row["target"]

"""A package index of N made-up projects, once a machine: made by generate.c, kept in the cache.

Usage: local_index.py PAGES [--names LIST]   makes it if need be and prints its folder
LIST is a list of the most downloaded packages (JSON with "rows"); without it names are made up.
"""

import argparse
import dataclasses
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ROOT / "tests/index"
PROGRAM = "tests/index/generate_index"
SEED = 1


@dataclasses.dataclass
class LocalIndex:
    """A folder as generate.c describes it."""

    folder: pathlib.Path

    @property
    def packages(self):
        """The list for `wheelfarm scan --packages`, the most downloaded first."""
        return self.folder / "list.json"

    @property
    def pages(self):
        """Also an index by itself, for `--index DIR`."""
        return self.folder / "pages"

    @property
    def facts(self):
        """pages, files, bytes, packed, median, percentile_99, largest, largest_name."""
        return json.loads((self.folder / "facts.json").read_text())

    def names(self):
        return [row["project"] for row in json.loads(self.packages.read_text())["rows"]]


def generator_hash(*more):
    digest = hashlib.sha256()
    for path in sorted(SOURCES.glob("*.[ch]")):
        digest.update(path.read_bytes())
    for text in more:
        digest.update(text.encode())
    return digest.hexdigest()[:12]


def build(*programs):
    """Compiles programs of the build folder that are not built by default."""
    done = subprocess.run(["ninja", "-C", ROOT / "build", *programs], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stdout)


def generate(folder, pages, names=None, seed=SEED):
    """Makes an index in a folder that is there; `names`: a text file, one a line."""
    build(PROGRAM)
    subprocess.run([ROOT / "build" / PROGRAM, str(pages), str(seed), folder,
                    *([names] if names else [])], check=True)
    return LocalIndex(pathlib.Path(folder))


def ensure(pages, top_list=None):
    """The index of so many pages, made if it is not in the cache."""
    names = ""
    if top_list:
        rows = json.loads(pathlib.Path(top_list).read_text())["rows"]
        names = "".join(row["project"] + "\n" for row in rows)
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    folder = cache / "wheelfarm" / f"local-index-{pages}-{generator_hash(names)}"
    if folder.exists():
        return LocalIndex(folder)
    making = folder.with_name(f"{folder.name}.{os.getpid()}")
    making.mkdir(parents=True)
    try:
        (making / "names.txt").write_text(names)
        generate(making, pages, making / "names.txt")
        making.rename(folder)
    except OSError:
        if not folder.exists():  # else another process was quicker
            raise
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return LocalIndex(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", type=int)
    parser.add_argument("--names", metavar="LIST")
    asked = parser.parse_args()
    index = ensure(asked.pages, asked.names)
    print(index.folder)
    print(json.dumps(index.facts), file=sys.stderr)


if __name__ == "__main__":
    main()

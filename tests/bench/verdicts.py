"""Verdicts on dependencies of a whole made-up index, on every target that is shipped: judged from the
database in one go, and again after one new fact. Beside it dose-distcheck (Debian) on the same graph
written as stanzas, for one target, at the size that it manages: the same verdicts, and a ratio.

Usage: verdicts.py [--sizes 500,5000,15000] [--dose 500]   prints seconds; the goals are printed, not judged
"""

import argparse
import copy
import gzip
import hashlib
import json
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import measure

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from machines import Machine

WHEELFARM = ROOT / "build/wheelfarm"
TARGET = "cp313-win_arm64"
PYTHONS = ("310", "311", "312", "313", "313t", "314", "314t", "315", "315t")
PLATFORMS = {"glibc": "manylinux_2_17_aarch64.manylinux2014_aarch64", "musl": "musllinux_1_2_aarch64",
             "windows": "win_arm64"}
MARKERS = ['; sys_platform == "win32"', '; python_version < "3.12"', '; sys_platform != "win32"',
           '; platform_machine == "aarch64"', '; extra == "x"', '; extra == "x"']


class Graph:
    """Packages in the order of how many need them; the earlier, the more. Ask for what a page and the
    database need, or for what an oracle does."""

    def __init__(self, size):
        draw = random.Random(f"verdicts {size}")
        self.names = [f"p{i:05d}" for i in range(size)]
        self.count = {name: max(1, min(400, round(draw.lognormvariate(3, 1)))) for name in self.names}
        self.wheels, self.requires, self.python = {}, {}, {}
        self.yanked = set()  # name and place
        for i, name in enumerate(self.names):
            self.draw_package(draw, i, name)

    def draw_package(self, draw, place, name):
        kind = draw.random()
        since = 0 if kind < 0.9 else draw.randrange(self.count[name] + 1)
        style = self.draw_requires(draw, place)
        self.wheels[name], self.requires[name] = [], []
        self.python[name] = draw.choice(("", "", ">=3.8", ">=3.9", ">=3.11"))
        for version in range(self.count[name]):
            if draw.random() < 0.1:
                style = self.draw_requires(draw, place)
            if kind < 0.85:
                wheels = ("any",)
            elif kind < 0.96:
                wheels = ("glibc", "musl", "windows") if version >= since else ("glibc",)
            else:
                wheels = ("glibc",) if draw.random() < 0.7 else ()
            self.wheels[name].append(wheels)
            self.requires[name].append(style)

    def draw_requires(self, draw, place):
        """Of others that more need, each once. Most ask for something not too new; a fifth have an upper
        bound, which three in four times no release has reached; one in a hundred is a pin."""
        found = {}
        for _ in range(min(place, draw.choice((0, 1, 2, 3, 4, 5, 7)))):
            other = self.names[int(place * draw.random() ** 3)]
            count, kind = self.count[other], draw.random()
            low = int(count * draw.random() ** 2)
            text = "" if kind < 0.3 else f">={low}.0"
            if kind > 0.99:
                text = f"=={max(0, count - 1 - int(5 * draw.random() ** 3))}.0"
            elif kind > 0.8:
                reached = draw.random() < 0.25
                text += f",<{low + 1 + int((count - low) * draw.random()) if reached else count + 3}.0"
            extra = "[x]" if draw.random() < 0.05 else ""
            marker = draw.choice(MARKERS) if draw.random() < 0.2 else ""
            found[other] = f"{other}{extra}{text}{marker}"
        return tuple(found.values())

    def version(self, name, at):
        return f"{at}.0"

    def files(self, name, at):
        stem = f"{name}-{self.version(name, at)}"
        names = [f"{stem}.tar.gz"]
        for kind in self.wheels[name][at]:
            if kind == "any":
                names.append(f"{stem}-py3-none-any.whl")
            else:
                names += [f"{stem}-cp{p.rstrip('t')}-cp{p}-{PLATFORMS[kind]}.whl" for p in PYTHONS]
        return names

    def page(self, name):
        files = []
        for at in range(self.count[name]):
            digest = hashlib.sha256(f"{name} {at}".encode()).hexdigest()
            for file in self.files(name, at):
                entry = {"filename": file, "url": file,
                         "hashes": {"sha256": hashlib.sha256(file.encode()).hexdigest()}}
                if (name, at) in self.yanked:
                    entry["yanked"] = True
                if self.python[name]:
                    entry["requires-python"] = self.python[name]
                if file.endswith(".whl"):
                    entry["core-metadata"] = {"sha256": digest}
                files.append(entry)
        return json.dumps({"meta": {"api-version": "1.1"}, "name": name, "files": files}).encode()

    def write_page(self, folder, name):
        (folder / f"{name}.json.gz").write_bytes(gzip.compress(self.page(name), 1, mtime=0))

    def text(self, name, at):
        return "".join(f"{line}\n" for line in ("E x", *(f"R {r}" for r in self.requires[name][at])))

    def fill(self, db):
        """The metadata of every version, as if it had been read."""
        base = sqlite3.connect(db)
        ids = dict(base.execute("SELECT name, id FROM package"))
        base.execute("CREATE TEMP TABLE t (key BLOB, sha256 BLOB, package INTEGER)")
        for name in self.names:
            for at in range(self.count[name]):
                if not self.wheels[name][at]:
                    continue
                text = self.text(name, at)
                digest = hashlib.sha256(text.encode()).digest()
                base.execute("INSERT OR IGNORE INTO requires (sha256, text) VALUES (?, ?)", (digest, text))
                base.execute("INSERT INTO t VALUES (?, ?, ?)",
                             (hashlib.sha256(f"{name} {at}".encode()).digest(), digest, ids[name]))
        base.execute("""INSERT INTO file_requires (key, requires, package)
            SELECT key, id, package FROM t JOIN requires USING (sha256) ORDER BY key""")
        base.commit()
        base.close()


def scan(folder, db, *words):
    return measure.cost([WHEELFARM, "scan", "--index", folder, "--db", db, "--rate", "0", *words],
                        fine=(0, 1))


def letters(db, target):
    base = sqlite3.connect(db)
    place = base.execute("SELECT id FROM target WHERE name = ?", (target,)).fetchone()[0]
    found = {name: text[place - 1:place] for name, text in
             base.execute("SELECT name, dependencies FROM package")}
    base.close()
    return found


# --- as Debian has it ---

def environment(machine):
    return {"sys_platform": "win32", "platform_machine": "ARM64", "os_name": "nt",
            "python_version": "%d.%d" % machine.version[:2], "python_full_version": machine.full,
            "platform_system": "Windows", "implementation_name": "cpython"}


class Stanzas:
    """The graph on one target: each set of versions that somebody wants is a virtual package that those
    versions provide; an extra is a package that depends on its own version of the other."""

    def __init__(self, graph, target):
        self.graph, self.machine = graph, Machine(target)
        self.environment = environment(self.machine)
        self.sets, self.wanted = {}, {}

    def fits(self, name, at):
        admitted = SpecifierSet(self.graph.python[name]).contains(self.machine.full)
        return admitted and bool({"any", "windows"} & set(self.graph.wheels[name][at]))

    def node(self, requirement):
        parsed = Requirement(requirement)
        names = [(parsed.name, extra) for extra in parsed.extras] or [(parsed.name, "")]
        found = []
        for name, extra in names:
            key = (name, extra, str(parsed.specifier))
            if key not in self.sets:
                self.sets[key] = f"set{len(self.sets)}"
                self.wanted.setdefault((name, extra), []).append((parsed.specifier, self.sets[key]))
            found.append(self.sets[key])
        return found

    def depends(self, name, at, extra):
        found = []
        for text in self.graph.requires[name][at]:
            marker = Requirement(text).marker
            plain = not marker or marker.evaluate({**self.environment, "extra": ""})
            with_extra = not marker or marker.evaluate({**self.environment, "extra": "x"})
            if (plain if not extra else with_extra and not plain):
                found += self.node(text)
        return found

    def rows(self):
        found = []
        for name in self.graph.names:
            for at in range(self.graph.count[name]):
                if self.fits(name, at):
                    found.append((name, at, "", self.depends(name, at, "")))
                    found.append((name, at, "x", self.depends(name, at, "x") + [f"{name} (= {at})"]))
        return found

    def write(self, front, back):
        """The newest of each in `front`, which are checked; all others in `back`. Those checked."""
        checked = {}
        rows = self.rows()
        versions = {name: [f"{at}.0" for at in range(self.graph.count[name])] for name in self.graph.names}
        provides = {}
        for (name, extra), wanted in self.wanted.items():
            for specifier, virtual in wanted:
                for at, version in enumerate(versions[name]):
                    if specifier.contains(version, prereleases=True):
                        provides.setdefault((name, at, extra), []).append(virtual)
        newest = {name: max((at for n, at, x, _ in rows if n == name and not x), default=None)
                  for name in ()}
        for name, at, extra, _ in rows:
            if not extra:
                newest[name] = max(newest.get(name, -1), at)
        with open(front, "w") as one, open(back, "w") as other:
            for name, at, extra, depends in rows:
                is_checked = not extra and at == newest[name] == self.graph.count[name] - 1
                lines = [f"Package: {name}{'-extra-x' if extra else ''}", f"Version: {at}",
                         "Architecture: all"]
                lines += [f"Depends: {', '.join(depends)}"] if depends else []
                virtual = provides.get((name, at, extra))
                lines += [f"Provides: {', '.join(virtual)}"] if virtual else []
                (one if is_checked else other).write("\n".join(lines) + "\n\n")
                if is_checked:
                    checked[name] = at
        return checked


def ask_dose(graph, folder, limit):
    """(names that can be installed, names asked, cost); None where it took longer than that."""
    stanzas = Stanzas(graph, TARGET)
    checked = stanzas.write(folder / "front", folder / "back")
    command = ["timeout", str(limit), "dose-debcheck", "--deb-native-arch=arm64", "--failures", "--fg",
               folder / "front", "--bg", folder / "back"]
    cost = measure.cost(command, fine=(0, 1, 124))
    broken = set(re.findall(r"package: (\S+)", cost.out))
    return broken, checked, cost, "total-packages" in cost.out or "foreground-packages" in cost.out


def compare_dose(graph, db, folder, ours, limit):
    if shutil.which("dose-debcheck") is None:
        print("  dose-debcheck is not here (package dose-distcheck)")
        return
    broken, checked, cost, ended = ask_dose(graph, folder, limit)
    if not ended:
        print(f"  dose-debcheck, one target: not done after {limit} s")
        return
    found = letters(db, TARGET)
    different = [n for n in checked if (found[n] == "k") != (n in broken) or found[n] == "u"]
    print(f"  dose-debcheck, one target of 35: {cost.wall:.2f} s, processor {cost.cpu:.2f} s;"
          f" {len(checked)} packages, {len(broken)} blocked, {len(different)} verdicts differ"
          + (f" {different[:3]}" if different else ""))
    print(f"  ratio of processor time, dose for one target : wheelfarm for all: {cost.cpu / ours.cpu:.1f}")


def dependants(graph):
    found = dict.fromkeys(graph.names, 0)
    for name in graph.names:
        for other in {Requirement(r).name for r in graph.requires[name][-1]}:
            found[other] += 1
    return found


def add_release(graph, db, name, wheels, requires):
    """Its metadata is there, as if it had been read."""
    at = graph.count[name]
    graph.count[name] += 1
    graph.wheels[name].append(wheels)
    graph.requires[name].append(requires)
    text = graph.text(name, at)
    digest = hashlib.sha256(text.encode()).digest()
    base = sqlite3.connect(db)
    base.execute("INSERT OR IGNORE INTO requires (sha256, text) VALUES (?, ?)", (digest, text))
    base.execute("""INSERT INTO file_requires (key, requires, package) SELECT ?, r.id, p.id
        FROM requires r, package p WHERE r.sha256 = ? AND p.name = ?""",
                 (hashlib.sha256(f"{name} {at}".encode()).digest(), digest, name))
    base.commit()
    base.close()


def another_like(graph, db, name):
    add_release(graph, db, name, graph.wheels[name][-1], graph.requires[name][-1])


def asks_for_more(graph, db, name):
    add_release(graph, db, name, graph.wheels[name][-1], (*graph.requires[name][-1], "nobody-has-this"))


def source_alone(graph, db, name):
    add_release(graph, db, name, (), graph.requires[name][-1])


def wheels_for_all(graph, _, name):
    graph.wheels[name][-1] = ("any",)


def wheels_gone(graph, _, name):
    graph.wheels[name][-1] = ()


def yank(graph, _, name):
    graph.yanked.add((name, graph.count[name] - 1))


FACTS = {"a release like the last": another_like, "one that asks for more": asks_for_more,
         "one of source alone": source_alone, "a wheel for all": wheels_for_all,
         "the last one's wheels gone": wheels_gone, "the last one yanked": yank}


def after_a_fact(graph, folder, db, name, fact):
    """On copies; the package's page is the only one that is read."""
    with tempfile.TemporaryDirectory(prefix="wheelfarm-bench-", dir=folder) as text:
        here = pathlib.Path(text)
        shutil.copy(db, here / "facts.db")
        changed = copy.copy(graph)
        changed.count, changed.yanked = dict(graph.count), set(graph.yanked)
        changed.wheels = {**graph.wheels, name: list(graph.wheels[name])}
        changed.requires = {**graph.requires, name: list(graph.requires[name])}
        fact(changed, here / "facts.db", name)
        changed.write_page(here, name)
        cost = scan(here, here / "facts.db", name)
    judged = re.search(r"(\d+) judged", cost.out)
    return cost, int(judged[1]) if judged else 0


def tell_facts(graph, folder, db):
    rare = dependants(graph)
    by_need = sorted(graph.names, key=lambda n: rare[n])
    middle = [n for n in by_need if rare[n] != 0]
    for label, name in (("nobody needs", by_need[0]), ("some need", middle[len(middle) // 2]),
                        ("most need", by_need[-1])):
        print(f"  one new fact of what {label} ({name}, named by the newest of {rare[name]}):")
        for what, fact in FACTS.items():
            cost, judged = after_a_fact(graph, folder, db, name, fact)
            print(f"    {what}: {cost.wall:.2f} s, processor {cost.cpu:.2f} s, {judged} packages judged")
            sys.stdout.flush()


def run(size, dose, limit):
    graph = Graph(size)
    with tempfile.TemporaryDirectory(prefix="wheelfarm-bench-") as text:
        folder = pathlib.Path(text)
        pages, db = folder / "pages", folder / "facts.db"
        pages.mkdir()
        for name in graph.names:
            graph.write_page(pages, name)
        (folder / "list").write_text("".join(f"{name}\n" for name in graph.names))
        scan(pages, db, "--packages", folder / "list")
        graph.fill(db)
        before = db.stat().st_size
        cost = scan(pages, db, "--dependencies", graph.names[0])
        found = letters(db, TARGET)
        print(f"{size} packages, {sum(graph.count.values())} releases, 35 targets:"
              f" {cost.wall:.2f} s, processor {cost.cpu:.2f} s, {cost.memory:.0f} MB;"
              f" database {before >> 20} MB, with verdicts {db.stat().st_size >> 20} MB")
        print(f"  on {TARGET}: " + ", ".join(
            f"{word} {sum(1 for v in found.values() if v == letter)}"
            for letter, word in (("o", "ok"), ("k", "blocked"), ("u", "no wheel of its own or unknown"))))
        tell_facts(graph, folder, db)
        sys.stdout.flush()
        if size <= dose:
            compare_dose(graph, db, folder, cost, limit)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="500,5000,15000")
    parser.add_argument("--dose", type=int, default=1000, help="largest size that dose is asked about")
    parser.add_argument("--limit", type=int, default=300, help="seconds that dose may take")
    asked = parser.parse_args()
    print("goal: 15,000 packages on all targets in under 60 s; after one new fact in under 1 s")
    for size in map(int, asked.sizes.split(",")):
        run(size, asked.dose, asked.limit)


if __name__ == "__main__":
    main()

"""The rules of the house that a machine can hold: ranks, sizes, marks, shell scripts."""

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#include "([^"]+)"', re.M)


def tracked(*patterns):
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in listing.stdout.splitlines() if (ROOT / line).is_file()]


def ranks():
    table = {}
    for line in (ROOT / "tests/lint/ranks.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            folder, rank = line.split()
            table[folder] = int(rank)
    return table


def sources():
    return [p for p in tracked("*.c", "*.h") if p.relative_to(ROOT).parts[0] != "tests"]


def folder_of(path):
    return str(pathlib.PurePosixPath(path).parent)


def test_every_folder_of_c_has_a_rank():
    folders = {folder_of(p.relative_to(ROOT)) for p in sources()}
    assert folders and folders == set(ranks()) & folders


def test_includes_go_down():
    table = ranks()
    wrong = []
    for path in sources():
        mine = folder_of(path.relative_to(ROOT))
        for target in INCLUDE.findall(path.read_text()):
            theirs = folder_of(target)
            if theirs == ".":  # made at build time, beside its user
                continue
            if theirs != mine and table.get(theirs, 99) >= table[mine]:
                wrong.append(f"{path.relative_to(ROOT)} includes {target}")
    assert not wrong, "\n".join(wrong)


def test_a_source_includes_its_own_header_first():
    wrong = []
    for path in sources():
        if path.suffix != ".c":
            continue
        header = path.relative_to(ROOT).with_suffix(".h")
        found = INCLUDE.findall(path.read_text())
        if (ROOT / header).exists() and (not found or found[0] != str(header)):
            wrong.append(str(path.relative_to(ROOT)))
    assert not wrong, wrong


def test_pep_and_base_use_no_library_but_libc():
    # sys/random.h and the rest of libc are fine; nothing of another package is.
    foreign = re.compile(r"#include <(uv|curl|simdjson|cyaml|sqlite3|archive|git2|pcre2|openssl|zlib)")
    wrong = [p for p in sources()
             if p.relative_to(ROOT).parts[:2] in {("core", "base"), ("core", "pep")}
             and foreign.search(p.read_text())]
    assert not wrong


@pytest.mark.parametrize("limit", [520])
def test_files_hold_one_noun(limit):
    long = {str(p.relative_to(ROOT)): n
            for p in tracked("*.c", "*.h", "*.py", "*.js", "*.css", "*.sh", "farm")
            if (n := len(p.read_text().splitlines())) > limit}
    assert not long, long


def test_nothing_is_left_open():
    mark = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
    wrong = [str(p.relative_to(ROOT))
             for p in tracked("*.c", "*.h", "*.py", "*.js", "*.css", "*.sh", "*.sql", "farm")
             if mark.search(p.read_text())]
    assert not wrong


def test_shell_scripts():
    scripts = [str(p) for p in tracked("farm", "*.sh", ".ci/run")]
    done = subprocess.run(
        ["shellcheck", "-x", *scripts], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_form_of_c():
    files = [str(p) for p in tracked("*.c", "*.h")]
    done = subprocess.run(
        ["clang-format-14", "--dry-run", *files], cwd=ROOT, capture_output=True, text=True,
        check=True)
    wrong = sorted({line.split(":")[0] for line in done.stderr.splitlines() if "warning:" in line})
    assert not wrong, wrong

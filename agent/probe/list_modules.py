"""Which modules an installed wheel has: its compiled ones, and its top-level packages.

    python3 -I list_modules.py SITE_DIR PROJECT RESULT.json

Reads the RECORD of PROJECT in SITE_DIR; imports nothing. {"modules": ["markupsafe", "markupsafe._speedups"]}
"""
import csv
import json
import os
import re
import sys

SUFFIX = re.compile(r"^([A-Za-z_][A-Za-z0-9_]*)(\.[A-Za-z0-9_.-]+)?\.(so|pyd)$")
NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
LEFT_OUT = {"test", "tests", "testing", "docs", "examples", "benchmarks"}


def normalised(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def recorded(site, project):
    for entry in sorted(os.listdir(site)):
        if entry.endswith(".dist-info") and normalised(entry.split("-")[0]) == normalised(project):
            path = os.path.join(site, entry, "RECORD")
            if not os.path.exists(path):
                break
            with open(path, encoding="utf-8", newline="") as file:
                return [row[0] for row in csv.reader(file) if row]
    # no RECORD: whatever lies there and is no other project's
    return [os.path.relpath(os.path.join(folder, name), site) for folder, _, names in os.walk(site) for name in names]


def modules(paths):
    top, native = set(), set()
    for path in paths:
        parts = path.split("/")
        if parts[0].endswith((".dist-info", ".data", ".libs")) or parts[0] in ("..", "bin", "__pycache__"):
            continue
        if any(part in LEFT_OUT for part in parts[:-1]):
            continue
        if len(parts) == 2 and parts[1] == "__init__.py" and NAME.match(parts[0]):
            top.add(parts[0])
        elif len(parts) == 1 and path.endswith(".py") and NAME.match(path[:-3]):
            top.add(path[:-3])
        match = SUFFIX.match(parts[-1])
        if match and all(NAME.match(part) for part in parts[:-1]):
            stem = match.group(1)
            native.add(".".join(parts[:-1] if stem == "__init__" else parts[:-1] + [stem]))
    return sorted(top), sorted(native)


def main():
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    site, project, result = sys.argv[1:]
    top, native = modules(recorded(site, project))
    names = [name for name in top if not name.startswith("_") or not native] + [n for n in native if n not in top]
    with open(result, "w", encoding="utf-8") as file:
        json.dump({"modules": names}, file)
    print("modules:", " ".join(names) or "none")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Print what a source tree declares for its build, as one line of JSON.

    python3 build_requires.py SOURCE_DIR

    {"requires": ["setuptools>=77"], "backend": "setuptools.build_meta", "backend_path": []}

Reads pyproject.toml only; nothing of the source tree is run. The defaults are PEP 517's and 518's.
Exit 0 with the JSON line, or 2 with one line on stderr.
"""
import json
import os
import sys

try:
    import tomllib
except ImportError:  # Python 3.9 and 3.10 (pip carries a copy)
    from pip._vendor import tomli as tomllib

LEGACY = "setuptools.build_meta:__legacy__"


def declared(source):
    path = os.path.join(source, "pyproject.toml")
    if not os.path.exists(path):
        if not os.path.exists(os.path.join(source, "setup.py")):
            raise ValueError("neither pyproject.toml nor setup.py")
        return {"requires": ["setuptools>=40.8.0"], "backend": LEGACY, "backend_path": []}
    with open(path, "rb") as file:
        table = tomllib.load(file).get("build-system")
    if table is None:
        return {"requires": ["setuptools>=40.8.0"], "backend": LEGACY, "backend_path": []}
    requires = table.get("requires")
    backend = table.get("build-backend", LEGACY)
    backend_path = table.get("backend-path", [])
    if not is_list_of_text(requires):
        raise ValueError("build-system.requires is not a list of strings")
    if not isinstance(backend, str) or not is_list_of_text(backend_path):
        raise ValueError("build-backend or backend-path has the wrong type")
    return {"requires": requires, "backend": backend, "backend_path": backend_path}


def is_list_of_text(value):
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        print(json.dumps(declared(sys.argv[1])))
    except (OSError, ValueError) as error:  # TOMLDecodeError is a ValueError
        print("build_requires: %s" % error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Call one hook of a source tree's build backend (PEP 517). Runs the sdist's code: sandboxed, offline.

    VENV/bin/python backend_hook.py requires SOURCE_DIR RESULT.json [SETTINGS.json]
    VENV/bin/python backend_hook.py wheel    SOURCE_DIR RESULT.json [SETTINGS.json] WHEEL_DIR

`requires` asks get_requires_for_build_wheel: {"requires": [...]}. `wheel` calls build_wheel: {"wheel": "NAME.whl"}.
SETTINGS.json holds the config settings, an object of strings or lists of strings; "-" or nothing means none.
The answer goes to a file, because the backend prints to stdout whatever it likes. Exit 0, else the backend failed.
"""
import importlib
import json
import os
import runpy
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != HERE]  # a backend must not find our files
declared = runpy.run_path(os.path.join(HERE, "build_requires.py"))["declared"]
view = runpy.run_path(os.path.join(HERE, "target_view.py"))


def load_backend(source):
    wanted = declared(source)
    for path in reversed(wanted["backend_path"]):
        full = os.path.realpath(os.path.join(source, path))
        if os.path.commonpath([full, os.path.realpath(source)]) != os.path.realpath(source):
            raise SystemExit("backend_hook: backend-path leaves the source tree: %s" % path)
        sys.path.insert(0, full)
    module, _, attributes = wanted["backend"].partition(":")
    backend = importlib.import_module(module)
    for name in filter(None, attributes.split(".")):
        backend = getattr(backend, name)
    return backend


def read_settings(path):
    if path in (None, "-"):
        return None
    with open(path, encoding="utf-8") as file:
        return json.load(file) or None


def main():
    arguments = sys.argv[1:]
    if len(arguments) < 3 or arguments[0] not in ("requires", "wheel"):
        print(__doc__, file=sys.stderr)
        return 2
    hook, source, result = arguments[0], os.path.abspath(arguments[1]), os.path.abspath(arguments[2])
    settings = read_settings(arguments[3] if len(arguments) > 3 else None)
    wheels = os.path.abspath(arguments[4]) if hook == "wheel" else None
    sys.argv = [sys.argv[0]]
    os.chdir(source)  # PEP 517: hooks run with the source tree as working directory
    suffix = os.environ.get("SETUPTOOLS_EXT_SUFFIX", "")
    described = os.path.join(os.path.dirname(HERE), "target.json")
    if os.path.exists(described):
        with open(described, encoding="utf-8") as file:
            view["install"](json.load(file), source)
    backend = load_backend(source)
    view["name_stable_modules"](suffix)
    if hook == "requires":
        ask = getattr(backend, "get_requires_for_build_wheel", None)
        answer = {"requires": list(ask(settings)) if ask else []}
    else:
        os.makedirs(wheels, exist_ok=True)
        answer = {"wheel": backend.build_wheel(wheels, settings)}
    with open(result, "w", encoding="utf-8") as file:
        json.dump(answer, file)
    return 0


if __name__ == "__main__":
    sys.exit(main())

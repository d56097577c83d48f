"""Import one module of an installed wheel and say whether compiled code of that wheel was loaded.

    python3 -I import_module.py SITE_DIR MODULE RESULT.json

{"module": …, "ok": bool, "native": bool, "file": …, "error": last line or null}. Exit 0, or 1 if the import failed.
The answer is also there when the interpreter is ended by a signal in the import: then ok is false.
"""
import importlib
import json
import os
import sys
import traceback

COMPILED = (".so", ".pyd")


def write(path, answer):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(answer, file)


def is_below(path, folder):
    return path is not None and os.path.realpath(path).startswith(os.path.realpath(folder) + os.sep)


def main():
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    site, name, result = sys.argv[1:]
    sys.path.insert(0, site)
    answer = {"module": name, "ok": False, "native": False, "file": None, "error": "ended during the import"}
    write(result, answer)
    try:
        module = importlib.import_module(name)
    except BaseException as error:  # SystemExit in a module is its failure too
        traceback.print_exc()
        answer["error"] = traceback.format_exception_only(type(error), error)[-1].strip()[:400]
        write(result, answer)
        return 1
    answer["file"] = getattr(module, "__file__", None)
    answer["ok"] = True
    answer["error"] = None
    if answer["file"] is not None and not is_below(answer["file"], site):
        answer["ok"] = False
        answer["error"] = "%s was imported from %s, not from the wheel" % (name, answer["file"])
    loaded = [getattr(one, "__file__", None) for one in list(sys.modules.values())]
    answer["native"] = any(path and path.endswith(COMPILED) and is_below(path, site) for path in loaded)
    write(result, answer)
    print("import %s: %s%s" % (name, "ok" if answer["ok"] else answer["error"], ", compiled" if answer["native"] else ""))
    return 0 if answer["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())

"""The target as seen by a source tree's own build code, and by it alone. Imported by backend_hook.py.

A cross build runs on the builder, so its Python is honest about the builder; a setup.py that asks it what system it
builds for gets the wrong answer. What target.json says ({"machine": …, "platform": …, "os_name": …, "version": …}) is
given to modules of the source tree when they import os, sys or platform; setuptools, Cython, pip and the standard
library keep seeing the builder, whose files and processes they work with.
"""
import builtins
import collections
import os
import platform
import sys
import types

WINDOWS_VERSION = (10, 0, 26100)  # Windows 11


class View(types.ModuleType):
    """A module with some answers changed; all else, also what is set, is the real one's."""

    def __init__(self, real, answers):
        super().__init__(real.__name__, real.__doc__)
        object.__setattr__(self, "_real", real)
        object.__setattr__(self, "_answers", answers)

    def __getattribute__(self, name):
        answers = object.__getattribute__(self, "_answers")
        if name in answers:
            return answers[name]
        return getattr(object.__getattribute__(self, "_real"), name)

    def __setattr__(self, name, value):
        setattr(object.__getattribute__(self, "_real"), name, value)

    def __dir__(self):
        return dir(object.__getattribute__(self, "_real"))


def answers_of(target):
    machine = target["machine"]
    uname = platform.uname()._replace(machine=machine)
    answers = {
        "platform": {"machine": lambda: machine, "processor": lambda: machine},
        "os": {"uname": lambda: os.uname_result(tuple(os.uname())[:4] + (machine,))},
        "sys": {},
    }
    if "platform" in target:  # the system too
        uname = uname._replace(system="Windows", release="11", version="10.0.26100")
        version = collections.namedtuple("getwindowsversion", "major minor build platform service_pack")
        answers["sys"] = {"platform": target["platform"], "version": target["version"],
                          "getwindowsversion": lambda: version(*WINDOWS_VERSION, 2, "")}
        answers["os"]["name"] = target["os_name"]
        answers["platform"]["system"] = lambda: "Windows"
        answers["platform"]["python_compiler"] = lambda: target["version"].partition("[")[2].rstrip("]")
    answers["platform"]["uname"] = lambda: uname
    return answers


def install(target, source):
    views = {name: View(sys.modules[name], answers) for name, answers in answers_of(target).items()}
    below = os.path.realpath(source) + os.sep
    real = builtins.__import__

    def importer(name, globals=None, locals=None, fromlist=(), level=0):
        module = real(name, globals, locals, fromlist, level)
        view = views.get(module.__name__) if isinstance(module, types.ModuleType) else None
        if view is None or level != 0 or not globals:
            return module
        file = globals.get("__file__")
        return view if isinstance(file, str) and os.path.realpath(file).startswith(below) else module

    builtins.__import__ = importer


def name_stable_modules(suffix):
    """setuptools asks the builder's Python how a module of the stable ABI is called; on Windows that is plain .pyd."""
    if suffix.endswith(".pyd") and "setuptools" in sys.modules:
        from setuptools.command import build_ext
        build_ext.get_abi3_suffix = lambda: ".pyd"

#!/usr/bin/env python3
"""Writes stable_abi.txt anew from the installed abi3info: stable_abi_update.py >stable_abi.txt

abi3info is CPython's Misc/stable_abi.toml as a Python package; tests/requirements.txt pins it, and a
test compares the kept file with what this writes."""

import importlib.metadata

import abi3info

# What PEP 803 takes out of the free-threaded Stable ABI: PyModuleDef is opaque there (abi3info says so
# of the struct, in abi3t_opaque), so nothing can be called that takes or gives one.
MODULE_DEFINITION = {
    "PyModuleDef_Init", "PyModule_Create2", "PyModule_ExecDef", "PyModule_FromDefAndSpec2",
    "PyModule_GetDef", "PyState_AddModule", "PyState_FindModule", "PyState_RemoveModule",
    "PyType_GetModuleByDef",
}
HEAD = """\
# The Stable ABI of CPython (PEP 384, PEP 652): what an extension tagged abi3 may import, by the version
# that added it; written by stable_abi_update.py.
# added MINOR CONDITION NAME...   of Python 3.MINOR; the condition of a build that has it: any, windows,
#                                 unix (fork), debug
# opaque NAME...                  of no use in the free-threaded one, abi3t (PEP 803)
source abi3info {version} from PyPI (MIT), which is Misc/stable_abi.toml of CPython; opaque: functions of PyModuleDef
"""
CONDITIONS = {None: "any", "MS_WINDOWS": "windows", "HAVE_FORK": "unix", "Py_REF_DEBUG": "debug",
              "PY_HAVE_THREAD_NATIVE_ID": "any", "USE_STACKCHECK": "any"}


def main():
    groups = {}
    items = [*abi3info.FUNCTIONS.values(), *abi3info.DATAS.values()]
    for item in items:
        condition = CONDITIONS[item.ifdef.name if item.ifdef else None]
        groups.setdefault((item.added.minor, condition), []).append(item.symbol.name)
    names = {item.symbol.name for item in items}
    assert MODULE_DEFINITION <= names and abi3info.STRUCTS["PyModuleDef"].abi3t_opaque
    print(HEAD.format(version=importlib.metadata.version("abi3info")), end="")
    for (minor, condition), group in sorted(groups.items()):
        print(f"added {minor} {condition} {' '.join(sorted(group))}")
    print(f"opaque {' '.join(sorted(MODULE_DEFINITION))}")


main()

"""Wheels for Windows on ARM that are wrong, each in one way, as real modules that zig compiles and links, unlike the
zoo of tests/data/inspect, whose images are written by hand."""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

from conftest import ROOT

sys.path.insert(0, str(ROOT / "tests/data/inspect"))
from images import pe  # noqa: E402
from wheel_kit import PYD, WINDOWS, Wheel  # noqa: E402

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))) / "wheelfarm"
MODULE = """\
#include <Python.h>
%s
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "fast", 0, -1, 0};
PyMODINIT_FUNC PyInit_%s(void)
{
	%s
	return PyModule_Create(&definition);
}
"""
TAKE = "__declspec(dllimport) int %s(void);"
NEVER = "if (Py_GetVersion() == NULL) { %s(); }"
ARM64, AMD64, I686 = "aarch64-windows-gnu", "x86_64-windows-gnu", "x86-windows-gnu"


@dataclasses.dataclass
class Case:
    """`takes` is (DLL, function) that the module imports; `code` what inspect finds, if anything; `bench` how the import
    ends under Wine: "ok", a part of the error, or "limit", without Python's word."""
    code: str = ""
    bench: str = "ok"
    takes: tuple = None
    calls: bool = False
    init: str = "fast"
    body: str = ""
    target: str = ARM64
    wheel: str = WINDOWS
    cut: float = None
    data: bytes = None
    beside: dict = dataclasses.field(default_factory=dict)  # path in the wheel: DLL with that function
    python: str = "python313.dll"
    is_warning: bool = False

    @property
    def is_error(self):
        return bool(self.code) and not self.is_warning


LOAD = "DLL load failed"
CASES = {
    "fine": Case(),
    "dll_nowhere": Case("missing_dll", LOAD, ("nowhere.dll", "nowhere")),
    # the runtime of Visual C++ may be there
    "dll_msvcp": Case("missing_dll", "ok", ("msvcp140.dll", "_Mtx_init_in_situ"), is_warning=True),
    "dll_beside": Case("", "ok", ("foo.dll", "foo"), beside={"demo/foo.dll": "foo"}),
    "dll_elsewhere": Case("", LOAD, ("foo.dll", "foo"), beside={"demo.libs/foo.dll": "foo"}),
    "dll_without_export": Case("missing_export", "ok", ("foo.dll", "bar"), beside={"demo/foo.dll": "foo"}),
    "kernel_export": Case("missing_export", "ok", ("kernel32.dll", "SleepWell")),
    "kernel_export_called": Case("missing_export", "limit", ("kernel32.dll", "SleepWell"), calls=True),
    "runtime_export": Case("missing_export", "ok", ("api-ms-win-crt-heap-l1-1-0.dll", "freed")),
    "python_export": Case("missing_export", "ok", ("python313.dll", "PyNothing_Here")),
    "python_other": Case("python_abi_mismatch", LOAD, python="python312.dll"),
    "python_debug": Case("python_abi_mismatch", LOAD, python="python313_d.dll"),
    "machine_x64": Case("machine_mismatch", LOAD, target=AMD64),
    "machine_x86": Case("machine_mismatch", LOAD, target=I686),
    "machine_linux": Case("machine_mismatch", LOAD, target="aarch64-linux-gnu"),
    "machine_arm64ec": Case("arm64ec", LOAD, data=pe(machine=0x8664, chpe=True, exports=["PyInit_fast"])),
    "init_none": Case("no_init_function", "does not define module export function", init="_fast"),
    "init_other": Case("no_init_function", "does not define module export function", init="slow"),
    "file_cut": Case("machine_mismatch", LOAD, cut=0.5),
    "file_empty": Case("machine_mismatch", LOAD, data=b""),
    "tag_pure": Case("binary_in_pure", "ok", wheel="demo-1.0-py3-none-any.whl"),
    "crash": Case("", "limit", body="*(volatile int *)8 = 1;"),
    "raises": Case("", "the sky", body='PyErr_SetString(PyExc_ImportError, "the sky"); return NULL;'),
}
# What a problem of the bytes is called as a reason, and which contradict the tag whatever a run says.
REASONS = {"missing_dll": "wrong_wheel", "missing_export": "wrong_wheel", "no_init_function": "wrong_wheel",
           "machine_mismatch": "tag_lies", "python_abi_mismatch": "tag_lies", "arm64ec": "tag_lies", "binary_in_pure": "tag_lies"}
CONTRADICT = {"machine_mismatch", "python_abi_mismatch", "arm64ec"}
START = "int __stdcall DllMainCRTStartup(void *module, unsigned long reason, void *reserved) { return 1; }\n"
PYTHON = ["PyModule_Create2", "Py_GetVersion", "PyErr_SetString", "PyExc_ImportError DATA"]


def source(case):
    if case.target != ARM64:
        return "EXPORT void *PyInit_fast(void) { return 0; }\n"
    declare = TAKE % case.takes[1] if case.takes else ""
    body = case.body
    if case.takes:
        body = (case.takes[1] + "();") if case.calls else NEVER % case.takes[1]
    return MODULE % (declare, case.init, body) + START


def commands(folder):
    """What the sandbox runs: a shell script that leaves NAME.out of each case."""
    lines = ["set -e", "zig=/wheelfarm/zig/zig"]

    def library(dll, names):
        stem = dll[:-len(".dll")]
        (folder / (stem + ".def")).write_text("LIBRARY %s\nEXPORTS\n%s\n" % (dll, "\n".join(names)))
        lines.append("$zig dlltool -m arm64 -d %s.def -l %s.lib" % (stem, stem))
        return stem + ".lib"

    pythons = {case.python for case in CASES.values()}
    for python in sorted(pythons):
        library(python, PYTHON)
    for name, case in CASES.items():
        if case.data is not None:
            continue
        (folder / (name + ".c")).write_text(source(case))
        libraries = [case.python[:-len(".dll")] + ".lib"] if case.target == ARM64 else []
        if case.takes:
            (folder / name).mkdir()
            definition = folder / name / "taken.def"
            definition.write_text("LIBRARY %s\nEXPORTS\n%s\n" % case.takes)
            lines.append("$zig dlltool -m arm64 -d %s/taken.def -l %s/taken.lib" % (name, name))
            libraries.insert(0, name + "/taken.lib")
        export = "" if "linux" in case.target else "'__declspec(dllexport)'"
        lines.append("$zig cc -target %s -O1 -g0 -w -fno-sanitize=undefined -fno-builtin -DPy_ENABLE_SHARED -DMS_WIN64 "
                     "-DEXPORT=%s -I/wheelfarm/sdk/include -c %s.c -o %s.o" % (case.target, export, name, name))
        entry = "" if "linux" in case.target or case.target == ARM64 else "-Wl,--no-entry"
        lines.append("$zig cc -target %s -shared -s -nostdlib %s -o %s.out %s.o %s"
                     % (case.target, entry, name, name, " ".join(libraries)))
    (folder / "foo.c").write_text("__declspec(dllexport) int foo(void) { return 1; }\n" + START)
    lines.append("$zig cc -target %s -O1 -w -c foo.c -o foo.o" % ARM64)
    lines.append("$zig cc -target %s -shared -s -nostdlib -o foo.out foo.o" % ARM64)
    return "\n".join(lines) + "\n"


def sandbox(root, folder, *command):
    """A command beside the compiler, in the builder's root."""
    cache = CACHE.resolve()
    sdk = sorted((cache / "sdk").glob("cp313-win_arm64-*"))[-1]
    shutil.copytree(cache / "zig-seed" / sdk.name, folder / "cache")
    return subprocess.run(
        ["bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", root / "usr", "/usr", "--symlink", "usr/bin", "/bin",
         "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "--dev", "/dev", "--tmpfs",
         "/tmp", "--ro-bind", (cache / "zig").resolve(), "/wheelfarm/zig", "--ro-bind", sdk, "/wheelfarm/sdk", "--bind",
         folder, "/wheelfarm/work", "--chdir", "/wheelfarm/work", "--clearenv", "--setenv", "PATH", "/usr/bin:/bin",
         "--setenv", "HOME", "/wheelfarm/work", "--setenv", "ZIG_GLOBAL_CACHE_DIR", "/wheelfarm/work/cache", "--setenv",
         "ZIG_LOCAL_CACHE_DIR", "/wheelfarm/work/local", *command], check=False, capture_output=True, text=True)


def make(folder):
    """{case: wheel}, in `folder`."""
    work = folder / "work"
    work.mkdir(parents=True)
    (work / "make.sh").write_text(commands(work))
    builder = sorted((CACHE / "images").glob("trixie-amd64-builder-*/root"))[-1]
    done = sandbox(builder, work, "sh", "make.sh")
    assert done.returncode == 0, done.stderr[-3000:]
    foo = (work / "foo.out").read_bytes()
    wheels = {}
    for name, case in CASES.items():
        data = case.data if case.data is not None else (work / (name + ".out")).read_bytes()
        if case.cut:
            data = data[:int(len(data) * case.cut)]
        files = {PYD: data, **{path: foo for path in case.beside}}
        (folder / name).mkdir()
        Wheel(case.wheel, files).save(folder / name)
        wheels[name] = folder / name / case.wheel
    return wheels


def renamed(wheel, package, folder):
    """The same as a wheel of that package, with the one module: in `folder`."""
    stem = package.replace("-", "_")
    with zipfile.ZipFile(wheel) as archive:
        files = {path: archive.read(path) for path in archive.namelist() if ".dist-info/" not in path}
    made = Wheel(wheel.name.replace("demo-", stem + "-", 1), files, info=f"{stem}-1.0.dist-info",
                 metadata=f"Metadata-Version: 2.4\nName: {package}\nVersion: 1.0\n".encode())
    made.lines = [line for line in made.lines if not line.startswith("demo/__init__.py,")]
    del made.files["demo/__init__.py"]
    made.save(folder)
    return folder / made.name

#!/usr/bin/env python3
"""Makes the wheels of wheels.txt, each in a folder of its case's name: make_wheels.py FOLDER

A case is a function of this file; what is wrong with its wheel is what its name says."""

import base64
import hashlib
import os
import shutil
import struct
import sys
import zipfile

from images import elf, macho, pe

LINUX = "demo-1.0-cp313-cp313-manylinux_2_28_aarch64.whl"
MUSL = "demo-1.0-cp313-cp313-musllinux_1_2_aarch64.whl"
WINDOWS = "demo-1.0-cp313-cp313-win_arm64.whl"
PURE = "demo-1.0-py3-none-any.whl"
SO = "demo/fast.cpython-313-aarch64-linux-gnu.so"
PYD = "demo/fast.cp313-win_arm64.pyd"
INFO = "demo-1.0.dist-info"
DATE = (2026, 1, 1, 0, 0, 0)
TIMES = {"libc.so.6": ["GLIBC_2.17"]}
PYTHON = {"python313.dll": ["PyModule_Create2"], "KERNEL32.dll": ["Sleep"],
          "VCRUNTIME140.dll": ["memcpy"], "api-ms-win-crt-heap-l1-1-0.dll": ["free"]}


def module(**options):
    return elf(**{"defined": ["PyInit_fast"], "versions": TIMES, **options})


def windows_module(**options):
    return pe(**{"exports": ["PyInit_fast"], "imports": PYTHON, **options})


def digest(data):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def expand(name):
    *_, pythons, abis, platforms = name[: -len(".whl")].split("-")
    return [f"{p}-{a}-{t}" for p in pythons.split(".") for a in abis.split(".")
            for t in platforms.split(".")]


class Wheel:
    """Files are in order; `record` and `lines` may be changed before save."""

    def __init__(self, name, files, tags=None, metadata=None, wheel=None, info=INFO):
        pure = "true" if name.endswith("-any.whl") else "false"
        self.name = name
        self.info = info
        self.files = {"demo/__init__.py": b"", **files}
        self.files[f"{info}/METADATA"] = (
            b"Metadata-Version: 2.4\nName: demo\nVersion: 1.0\n" if metadata is None else metadata)
        self.files[f"{info}/WHEEL"] = wheel if wheel is not None else (
            f"Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: {pure}\n" +
            "".join(f"Tag: {tag}\n" for tag in tags or expand(name))).encode()
        self.lines = [f"{path},{digest(data)},{len(data)}" for path, data in self.files.items()]
        self.lines.append(f"{info}/RECORD,,")
        self.has_record = True
        self.after = None  # changes the archive's bytes

    def entries(self):
        yield from self.files.items()
        if self.has_record:
            yield f"{self.info}/RECORD", "".join(line + "\n" for line in self.lines).encode()

    def save(self, folder, more=()):
        path = os.path.join(folder, self.name)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in [*self.entries(), *more]:
                entry = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name, DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, data)
        if self.after:
            with open(path, "rb") as file:
                data = self.after(bytearray(file.read()))
            with open(path, "wb") as file:
                file.write(data)
        return self


def linux(folder, data, name=LINUX, path=SO, **more):
    Wheel(name, {path: data}, **more).save(folder)


def windows(folder, data, name=WINDOWS, path=PYD, **more):
    Wheel(name, {path: data}, **more).save(folder)


def raw(folder, change, name=PURE):
    wheel = Wheel(name, {"demo/data.txt": b"data " * 40})
    wheel.after = change
    wheel.save(folder)


def extra(folder, name, data=b"x", hashed=True):
    wheel = Wheel(PURE, {})
    if hashed:
        wheel.lines.append(f"{name},{digest(data)},{len(data)}")
    wheel.save(folder, [(name, data)])


def rename(data, old, new, last_only=False):
    """In the directory (and in local headers), names of one length."""
    at = data.rfind(old) if last_only else data.find(old)
    while at >= 0:
        data[at:at + len(old)] = new
        at = -1 if last_only else data.find(old, at + 1)
    return data


def end_of(data):
    return data.rfind(b"PK\5\6")


# fine ones
def fine_linux(f): linux(f, module())
def fine_gnu_hash(f): linux(f, module(gnu_hash=True, undefined=["PyModule_Create2"]))
def fine_musl(f): linux(f, module(needs=["libc.musl-aarch64.so.1"], versions={}), MUSL, SO.replace("gnu", "musl"))
def fine_windows(f): windows(f, windows_module())
def fine_pure(f): Wheel(PURE, {}).save(f)


def fine_abi3(f):
    linux(f, module(), "demo-1.0-cp39-abi3-manylinux2014_aarch64.manylinux_2_17_aarch64.whl", "demo/fast.abi3.so")


def fine_abi3_windows(f):
    data = windows_module(imports={"python3.dll": ["PyModule_Create2"]})
    windows(f, data, "demo-1.0-cp39-abi3-win_arm64.whl", "demo/fast.pyd")


def fine_abi3t(f):
    data = elf(defined=["PyModExport_fast"], versions=TIMES)
    linux(f, data, "demo-1.0-cp315-abi3.abi3t-manylinux_2_28_aarch64.whl", "demo/fast.abi3t.so")


def fine_free_threaded(f):
    data = windows_module(imports={"python314t.dll": ["PyModule_Create2"]})
    windows(f, data, "demo-1.0-cp314-cp314t-win_arm64.whl", "demo/fast.cp314t-win_arm64.pyd")


def fine_vendored(f):
    needs = {"versions": {"libfoo-1a2b.so.1": ["FOO_1", "GLIBC_2.99"]}}
    Wheel(LINUX, {SO: module(needs=["libfoo-1a2b.so.1", "libc.so.6"], rpath="$ORIGIN/../demo.libs", **needs),
                  "demo.libs/libfoo-1a2b.so.1": elf(soname="libfoo-1a2b.so.1")}).save(f)


def fine_delvewheel(f):
    Wheel(WINDOWS, {PYD: windows_module(imports={**PYTHON, "msvcp140-1a2b.dll": ["throw"]}),
                    "demo.libs/MSVCP140-1A2B.dll": pe(exports=["throw"])}).save(f)


def fine_program(f):
    data = elf(type=3, interpreter="/lib/ld-linux-aarch64.so.1", versions=TIMES)
    linux(f, data, "demo-1.0-py3-none-manylinux_2_17_aarch64.whl", "demo-1.0.data/scripts/demo")


def fine_many_tags(f):
    data = module()
    linux(f, data, "demo-1.0-7fix-cp313-cp313-manylinux2014_aarch64.manylinux_2_17_aarch64.whl")


def fine_stored(f):
    wheel = Wheel(PURE, {})
    with zipfile.ZipFile(os.path.join(f, PURE), "w", zipfile.ZIP_STORED) as archive:
        for name, data in wheel.entries():
            archive.writestr(zipfile.ZipInfo(name, DATE), data)


def fine_descriptors(f):
    class Pipe:  # cannot seek, so sizes follow the data
        def __init__(self, file): self.file = file
        def write(self, data): return self.file.write(data)
        def flush(self): self.file.flush()
    wheel = Wheel(PURE, {})
    with open(os.path.join(f, PURE), "wb") as file:
        with zipfile.ZipFile(Pipe(file), "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in wheel.entries():
                archive.writestr(zipfile.ZipInfo(name, DATE), data)


def fine_zip64(f):
    wheel = Wheel(PURE, {})
    with zipfile.ZipFile(os.path.join(f, PURE), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in wheel.entries():
            with archive.open(zipfile.ZipInfo(name, DATE), "w", force_zip64=True) as file:
                file.write(data)


def fine_comment(f):
    def change(data):
        data[end_of(data) + 20:] = b"\5\0hello"
        return data
    raw(f, change)


def fine_folders(f):
    Wheel(PURE, {}).save(f, [("demo/", b""), (INFO + "/", b"")])


# the archive
def zip_cut(f): raw(f, lambda d: d[:-30])
def zip_empty(f): raw(f, lambda d: b"")
def zip_text(f): raw(f, lambda d: b"this is no zip " * 9)
def zip_trailing(f): raw(f, lambda d: d + b"more")
def zip_prefix(f): raw(f, lambda d: b"#!/bin/sh\n" + d)
def zip_crc(f): raw(f, lambda d: rename(d, struct.pack("<I", zipfile.crc32(b"data " * 40)), b"\1\2\3\4"))
def zip_local_name(f): raw(f, lambda d: rename(d, b"demo/data.txt", b"demo/atad.txt", last_only=True))


def break_data(data):
    at = data.find(b"demo/data.txt") + len(b"demo/data.txt")
    data[at:at + 4] = b"\xff\xff\xff\xff"
    return data


def zip_broken_data(f): raw(f, break_data)


def set_flag(data, flag):
    at = data.rfind(b"demo/data.txt") - 46
    data[at + 8] |= flag
    local = data.find(b"demo/data.txt") - 30
    data[local + 6] |= flag
    return data


def zip_encrypted(f): raw(f, lambda d: set_flag(d, 1))


def zip_method(f):
    def change(data):
        data[data.rfind(b"demo/data.txt") - 46 + 10] = 12
        return data
    raw(f, change)


def zip_size(f):
    def change(data):
        at = data.rfind(b"demo/data.txt") - 46
        data[at + 24:at + 28] = struct.pack("<I", 100)
        return data
    raw(f, change)


def zip_overlap(f):
    def change(data):
        first = data.find(b"PK\1\2")
        at = data.rfind(b"demo/data.txt") - 46
        data[at + 42:at + 46] = data[first + 42:first + 46]
        return data
    raw(f, change)


def zip_count(f):
    def change(data):
        at = end_of(data)
        data[at + 8] += 1
        data[at + 10] += 1
        return data
    raw(f, change)


def zip_symlink(f):
    entry = zipfile.ZipInfo("demo/link", DATE)
    entry.create_system = 3
    entry.external_attr = 0o120777 << 16
    wheel = Wheel(PURE, {})
    wheel.lines.append(f"demo/link,{digest(b'/etc/passwd')},11")
    wheel.save(f, [(entry, b"/etc/passwd")])


def zip_two_names(f):
    entry = zipfile.ZipInfo("demo/a.txt", DATE)
    entry.extra = struct.pack("<HHBI", 0x7075, 15, 1, zipfile.crc32(b"demo/a.txt")) + b"demo/b.txt"
    wheel = Wheel(PURE, {})
    wheel.lines.append(f"demo/a.txt,{digest(b'x')},1")
    wheel.save(f, [(entry, b"x")])


def path_parent(f): extra(f, "demo/../../evil.py")
def path_absolute(f): extra(f, "/etc/evil.py")
def path_drive(f): extra(f, "C:/evil.py")
def path_backslash(f): raw(f, lambda d: rename(d, b"demo/data.txt", b"demo\\data.txt"))
def path_control(f): raw(f, lambda d: rename(d, b"demo/data.txt", b"demo/da\033a.txt"))
def path_nul(f): raw(f, lambda d: rename(d, b"demo/data.txt", b"demo/da\0a.txt"))


def path_twice(f):
    wheel = Wheel(PURE, {"demo/one.py": b"1", "demo/two.py": b"2"})
    wheel.after = lambda data: rename(data, b"demo/two.py", b"demo/one.py")
    wheel.lines = [line for line in wheel.lines if "two.py" not in line]
    wheel.save(f)


def bomb(f): extra(f, "demo/zeros.bin", b"\0" * (65 << 20))


# dist-info
def info_none(f):
    with zipfile.ZipFile(os.path.join(f, PURE), "w") as archive:
        archive.writestr("demo/__init__.py", "")


def info_two(f): extra(f, "other-1.0.dist-info/METADATA")
def info_other_name(f): Wheel(PURE, {}, info="omed-1.0.dist-info").save(f)
def info_other_version(f): Wheel(PURE, {}, info="demo-1.1.dist-info").save(f)
def info_no_wheel(f):
    wheel = Wheel(PURE, {})
    del wheel.files[f"{INFO}/WHEEL"]
    wheel.lines = [line for line in wheel.lines if "/WHEEL" not in line]
    wheel.save(f)


def info_wheel_2(f): Wheel(PURE, {}, wheel=b"Wheel-Version: 2.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n").save(f)
def info_purelib(f): linux(f, module(), wheel=b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: cp313-cp313-manylinux_2_28_aarch64\n")
def metadata_name(f): Wheel(PURE, {}, metadata=b"Metadata-Version: 2.1\nName: other\nVersion: 1.0\n").save(f)
def metadata_version(f): Wheel(PURE, {}, metadata=b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0.1\n").save(f)
def metadata_same_version(f): Wheel(PURE, {}, metadata=b"Metadata-Version: 2.1\nName: DEMO\nVersion: 1.0.0\n").save(f)
def metadata_empty(f): Wheel(PURE, {}, metadata=b"").save(f)
def tags_other(f): linux(f, module(), tags=["cp313-cp313-linux_aarch64"])
def tags_fewer(f): linux(f, module(), "demo-1.0-cp313-cp313-manylinux2014_aarch64.manylinux_2_17_aarch64.whl", tags=["cp313-cp313-manylinux_2_17_aarch64"])
def name_bad(f): Wheel("demo.whl", {}, tags=["py3-none-any"]).save(f)


# RECORD
def record_none(f):
    wheel = Wheel(PURE, {})
    wheel.has_record = False
    wheel.save(f)


def changed(f, change, files=None):
    wheel = Wheel(PURE, files or {})
    wheel.lines = change(wheel.lines)
    wheel.save(f)


def record_lost_file(f): changed(f, lambda lines: ["demo/gone.py,," + "1"] + lines)
def record_unlisted(f): changed(f, lambda lines: lines[1:])
def record_twice(f): changed(f, lambda lines: lines[:1] + lines)
def record_other_hash(f): changed(f, lambda lines: ["demo/__init__.py," + digest(b"other") + ",0"] + lines[1:])
def record_other_size(f): changed(f, lambda lines: [lines[0][:-1] + "7"] + lines[1:])
def record_no_hash(f): changed(f, lambda lines: ["demo/__init__.py,,"] + lines[1:])
def record_md5(f): changed(f, lambda lines: ["demo/__init__.py,md5=1B2M2Y8AsgTpgAmY7PhCfg,0"] + lines[1:])
def record_padded(f): changed(f, lambda lines: [lines[0].replace(",0", "=,0")] + lines[1:])
def record_own_hash(f): changed(f, lambda lines: lines[:-1] + [f"{INFO}/RECORD,{digest(b'x')},1"])
def record_no_csv(f): changed(f, lambda lines: lines + ['"open'])


def record_quoted(f):
    wheel = Wheel(PURE, {'demo/a,"b".py': b"1"})
    wheel.lines = [line.replace('demo/a,"b".py', '"demo/a,""b"".py"') for line in wheel.lines]
    wheel.save(f)


def record_signed(f): Wheel(PURE, {}).save(f, [(f"{INFO}/RECORD.jws", b"{}")])


# machines
def machine_x86(f): linux(f, module(machine=62))
def machine_x86_windows(f): windows(f, windows_module(machine=0x8664))
def machine_x86_named_so(f): linux(f, module(), path="demo/fast.cpython-313-x86_64-linux-gnu.so")
def machine_two_named_wrong(f): linux(f, module(), "demo-1.0-cp313-cp313-manylinux_2_28_aarch64.manylinux_2_28_x86_64.whl", "demo/fast.cpython-313-x86_64-linux-gnu.so")
def machine_pe_in_linux(f): linux(f, windows_module(), path="demo/fast.pyd")
def machine_cut(f): linux(f, module()[:300])
def machine_macho(f): linux(f, macho())
def machine_aside(f): Wheel(LINUX, {SO: module(), "demo/run.exe": pe(machine=0x8664, is_dll=False)}).save(f)
def machine_emulated(f): Wheel(WINDOWS, {PYD: windows_module(), "demo/run.exe": pe(machine=0x8664, is_dll=False)}).save(f)
def machine_gpu(f): Wheel(LINUX, {SO: module(), "demo/kernel.cubin": elf(machine=190, needs=[])}).save(f)
def pure_library(f): Wheel(PURE, {"demo/libfast.so": elf()}).save(f)
def pure_launcher(f): Wheel(PURE, {"demo/gui-arm64.exe": pe(is_dll=False)}).save(f)
def platform_empty(f): Wheel(LINUX, {}).save(f)
def platform_headers(f): Wheel("demo-1.0-py3-none-win_arm64.whl", {"demo/x.h": b"\n"}).save(f)
def arm64ec(f): windows(f, windows_module(machine=0x8664, chpe=True))
def arm64x(f): windows(f, windows_module(chpe=True))


# modules
def suffix_version(f): linux(f, module(), path="demo/fast.cpython-312-aarch64-linux-gnu.so")
def suffix_threads(f): linux(f, module(), path="demo/fast.cpython-313t-aarch64-linux-gnu.so")
def suffix_windows(f): windows(f, windows_module(), path="demo/fast.cp313-win_amd64.pyd")
def suffix_libc(f): linux(f, module(needs=["libc.musl-aarch64.so.1"], versions={}), MUSL)
def suffix_in_abi3(f): linux(f, module(), "demo-1.0-cp39-abi3-manylinux_2_28_aarch64.whl")
def suffix_abi3_threads(f): linux(f, module(), "demo-1.0-cp314-cp314t-manylinux_2_28_aarch64.whl", "demo/fast.abi3.so")
def init_none(f): linux(f, elf(versions=TIMES))
def init_other(f): linux(f, elf(defined=["PyInit_slow"], versions=TIMES))
def init_undefined(f): linux(f, elf(undefined=["PyInit_fast"], versions=TIMES))
def init_windows(f): windows(f, windows_module(exports=["DllMain"]))
def init_plain_so(f): linux(f, elf(versions=TIMES), path="demo/libfast.so")
def init_package(f): linux(f, elf(defined=["PyInit_demo"], versions=TIMES), path="demo/__init__.cpython-313-aarch64-linux-gnu.so")
def init_unicode(f): linux(f, elf(defined=["PyInitU_ml_via6e"], versions=TIMES), path="demo/mäöl.cpython-313-aarch64-linux-gnu.so")
def init_unicode_other(f): linux(f, elf(defined=["PyInitU_ml_2iaj8h", "PyInit_mäöl"], versions=TIMES), path="demo/mäöl.cpython-313-aarch64-linux-gnu.so")
def module_text(f): linux(f, b"version https://git-lfs.github.com/spec/v1\n" * 3)


# Linux
def glibc_new(f): linux(f, module(versions={"libc.so.6": ["GLIBC_2.17", "GLIBC_2.34"]}))
def glibc_hole(f): linux(f, module(versions={"libc.so.6": ["GLIBC_2.22"]}), "demo-1.0-cp313-cp313-manylinux_2_17_aarch64.whl")
def glibc_strictest(f): linux(f, module(versions={"libc.so.6": ["GLIBC_2.28"]}), "demo-1.0-cp313-cp313-manylinux_2_17_aarch64.manylinux_2_28_aarch64.whl")
def glibc_cxx(f): linux(f, module(needs=["libstdc++.so.6", "libc.so.6"], versions={"libstdc++.so.6": ["GLIBCXX_3.4.30"]}))
def glibc_private(f): linux(f, module(versions={"libc.so.6": ["GLIBC_PRIVATE"]}))
def glibc_linux_tag(f): linux(f, module(versions={"libc.so.6": ["GLIBC_2.38"]}), "demo-1.0-cp313-cp313-linux_aarch64.whl")
def glibc_in_musl(f): linux(f, module(), MUSL, SO.replace("gnu", "musl"))
def library_other(f): linux(f, module(needs=["libssl.so.3", "libc.so.6"]))
def library_python(f): linux(f, module(needs=["libpython3.13.so.1.0", "libc.so.6"]))
def library_private(f): linux(f, module(needs=["libz.so.1", "libc.so.6"], undefined=["inflate_table"]))
def page_4k(f): linux(f, module(align=0x1000))
def rpath_home(f): linux(f, module(rpath="/home/me/lib:$ORIGIN/libs"))
def rpath_above(f): linux(f, module(rpath="$ORIGIN/../../.."))
def rpath_empty_part(f): linux(f, module(rpath="$ORIGIN:"))
def stack(f): linux(f, module(exec_stack=True))
def text(f): linux(f, module(text_relocations=True))
def stray_object(f): Wheel(LINUX, {SO: module(), "demo/fast.o": elf(type=1, needs=[])}).save(f)
def stray_pdb(f): Wheel(WINDOWS, {PYD: windows_module(), "demo/fast.pdb": b"Microsoft C/C++ MSF 7.00\r\n".ljust(80)}).save(f)
def stray_lib(f): Wheel(WINDOWS, {PYD: windows_module(), "demo/fast.lib": b"!<arch>\n".ljust(80)}).save(f)
def stray_protein(f): Wheel(PURE, {"demo/1abc.pdb": b"HEADER    PROTEIN".ljust(80), "demo/cube.obj": b"v 0 0 0\n" * 12}).save(f)


# Windows
def python_other(f): windows(f, windows_module(imports={"python312.dll": ["PyModule_Create2"]}))
def python_threads(f): windows(f, windows_module(imports={"python313t.dll": ["PyModule_Create2"]}))
def python_two(f): windows(f, windows_module(imports={"python313.dll": ["PyList_New"], "python3.dll": ["PyDict_New"]}))
def python_delayed(f): windows(f, windows_module(imports={"KERNEL32.dll": ["Sleep"]}, delayed={"python312.dll": ["a"]}))
def python_debug(f): windows(f, windows_module(imports={"python313_d.dll": ["a"]}))
def python_stable(f): windows(f, windows_module(imports={"python3.dll": ["PyDict_New"]}))
def python_in_abi3(f): windows(f, windows_module(), "demo-1.0-cp39-abi3-win_arm64.whl", "demo/fast.pyd")
def dll_missing(f): windows(f, windows_module(imports={**PYTHON, "foo.dll": ["foo", 7]}))
def dll_missing_delayed(f): windows(f, windows_module(delayed={"foo.dll": ["foo"]}))
def dll_msvcp(f): windows(f, windows_module(imports={**PYTHON, "MSVCP140.dll": ["throw"]}))
def dll_vcruntime_1(f): windows(f, windows_module(imports={**PYTHON, "vcruntime140_1.dll": ["x"]}))
def export_missing(f):
    Wheel(WINDOWS, {PYD: windows_module(imports={**PYTHON, "foo.dll": ["foo", "bar"]}), "demo/foo.dll": pe(exports=["foo"])}).save(f)


def python_none(f): windows(f, windows_module(imports={"KERNEL32.dll": ["Sleep"]}))


def forward(f, helper, exports=("PyInit_fast",), taken="foo"):
    imports = {**PYTHON, "foo.dll": [taken]} if taken else PYTHON
    Wheel(WINDOWS, {PYD: windows_module(imports=imports, exports=exports), **helper}).save(f)


def forward_fine(f):
    forward(f, {"demo/foo.dll": pe(exports={"foo": "bar.oof"}), "demo/BAR.dll": pe(exports=["oof"])})


def forward_init(f):
    forward(f, {"demo/bar.dll": pe(exports=["oof"])}, exports={"PyInit_fast": "bar.PyInit_slow"}, taken=None)


def forward_circle(f):
    forward(f, {"demo/foo.dll": pe(exports={"foo": "bar.foo"}), "demo/bar.dll": pe(exports={"foo": "foo.foo"})})


def forward_circle_unused(f):
    forward(f, {"demo/foo.dll": pe(exports={"foo": "foo.foo"})}, taken=None)


def forward_nowhere(f):
    forward(f, {"demo/foo.dll": pe(exports={"foo": "gone.foo"})})


def forward_system(f):
    forward(f, {"demo/foo.dll": pe(exports={"foo": "NTDLL.RtlAllocateHeap", "oof": "kernel32.#12"})})


# the Stable ABI
ABI3 = "demo-1.0-cp39-abi3-manylinux_2_28_aarch64.whl"
ABI3T = "demo-1.0-cp315-abi3.abi3t-manylinux_2_28_aarch64.whl"


def abi3(f, name=ABI3, path="demo/fast.abi3.so", **options): linux(f, module(**options), name, path)
def abi3_windows(f, symbols, name="demo-1.0-cp39-abi3-win_arm64.whl", path="demo/fast.pyd"): windows(f, windows_module(imports={"python3.dll": symbols}), name, path)
def abi3_private(f): abi3(f, undefined=["PyModule_Create2", "_PyLong_Sign", "PyUnicode_New"])
def abi3_newer(f): abi3(f, undefined=["PyModule_Create2", "PyType_GetModuleByDef"])
def abi3_weak(f): abi3(f, weak=["PyType_GetModuleByDef", "_PyLong_Sign"])
def abi3_own(f): Wheel(ABI3, {"demo/fast.abi3.so": module(undefined=["PyQuux_New"], needs=["libquux.so"], rpath="$ORIGIN"), "demo/libquux.so": elf(defined=["PyQuux_New"], soname="libquux.so")}).save(f)
def abi3_windows_only(f): abi3(f, undefined=["PyErr_SetFromWindowsErr"])
def abi3_on_windows(f): abi3_windows(f, ["PyErr_SetFromWindowsErr", 7])
def abi3_fork_on_windows(f): abi3_windows(f, ["PyOS_AfterFork_Child"])
def abi3_none(f): abi3(f, name="demo-1.0-py3-none-manylinux_2_28_aarch64.whl", undefined=["_PyLong_Sign"])
def abi3_lowest(f): abi3(f, name="demo-1.0-cp311.cp38-abi3-manylinux_2_28_aarch64.whl", undefined=["PyObject_Vectorcall", "PyObject_CallNoArgs"])
def abi3_in_python3(f): abi3_windows(f, ["_PyLong_Sign"], WINDOWS, PYD)
def abi3_not_claimed(f): linux(f, module(undefined=["_PyLong_Sign", "PyUnicode_New"]))
def abi3t_definition(f): abi3(f, ABI3T, "demo/fast.abi3t.so", defined=["PyModExport_fast"], undefined=["PyState_FindModule"])
def abi3t_init(f): abi3(f, ABI3T, "demo/fast.abi3t.so")
def abi3t_both(f): abi3(f, ABI3T, "demo/fast.abi3t.so", defined=["PyModExport_fast", "PyInit_fast"], undefined=["PyModule_FromSlotsAndSpec"])
def threads_in_lock(f): linux(f, module(undefined=["_Py_MergeZeroLocalRefcount"]))
def threads(f): linux(f, module(undefined=["_Py_MergeZeroLocalRefcount"]), "demo-1.0-cp314-cp314t-manylinux_2_28_aarch64.whl", "demo/fast.cpython-314t-aarch64-linux-gnu.so")


def save_images(folder):
    """What the tests of elf and pe read, and the fuzzers begin with."""
    images = {
        "full.elf": elf(needs=["libfoo.so.1", "libc.so.6"], rpath="$ORIGIN/libs", soname="fast.so",
                        versions={"libc.so.6": ["GLIBC_2.17", "GLIBC_2.34"], "libfoo.so.1": ["FOO_1"]},
                        defined=["PyInit_fast", "other", "PyModExport_fast"],
                        undefined=["PyModule_Create2", "inflate"], exec_stack=True,
                        text_relocations=True, align=0x1000),
        "gnu_hash.elf": elf(defined=["PyInit_fast"], undefined=["PyModule_Create2"], gnu_hash=True),
        "program.elf": elf(interpreter="/lib/ld-linux-aarch64.so.1"),
        "full.pe": pe(imports={"python313.dll": ["PyModule_Create2", 7], "KERNEL32.dll": ["Sleep"]},
                      delayed={"foo.dll": ["foo"]}, exports=["PyInit_fast", "other"]),
        "arm64x.pe": pe(chpe=True),
        "arm64ec.pe": pe(machine=0x8664, chpe=True),
        "program.pe": pe(is_dll=False),
    }
    os.makedirs(folder, exist_ok=True)
    for name, data in images.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)


def main():
    target = sys.argv[1]
    table = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wheels.txt")
    shutil.rmtree(target, ignore_errors=True)
    save_images(os.path.join(target, "images"))
    for line in open(table, encoding="utf-8"):
        words = line.split()
        folder = os.path.join(target, words[0]) if words else target
        if words and not words[0].startswith("#") and not os.path.exists(folder):
            os.makedirs(folder)
            globals()[words[0]](folder)


if __name__ == "__main__":
    main()

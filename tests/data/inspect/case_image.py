"""Wheels of wheels.txt that are judged by their binaries. A case is a function; what is wrong with its
wheel is what its name says."""

import os
import random
import struct
import zipfile

from images import elf, macho, pe
from wheel_kit import (DATE, INFO, LINUX, MUSL, PURE, PYD, PYTHON, SO, TIMES, WINDOWS, Wheel, end_of, linux, module, raw,
                       windows, windows_module)

# fine ones
def fine_linux(f): linux(f, module())
def fine_gnu_hash(f): linux(f, module(gnu_hash=True, undefined=["PyModule_Create2"]))
def fine_musl(f): linux(f, module(needs=["libc.musl-aarch64.so.1"], versions={}), MUSL, SO.replace("gnu", "musl"))
def fine_windows(f): windows(f, windows_module())


def headers_many(f):
    """400 modules, none of which deflates: what may be read of it for their headers alone?"""
    noise = random.Random(400).randbytes(16 << 10)
    Wheel(LINUX, {f"demo/m{i}.cpython-313-aarch64-linux-gnu.so": module() + noise for i in range(400)}).save(f)


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


# machines
def machine_x86(f): linux(f, module(machine=62))
def machine_x86_windows(f): windows(f, windows_module(machine=0x8664))
def machine_x86_named_so(f): linux(f, module(), path="demo/fast.cpython-313-x86_64-linux-gnu.so")
def machine_two_named_wrong(f): linux(f, module(), "demo-1.0-cp313-cp313-manylinux_2_28_aarch64.manylinux_2_28_x86_64.whl", "demo/fast.cpython-313-x86_64-linux-gnu.so")
def machine_pe_in_linux(f): linux(f, windows_module(), path="demo/fast.pyd")
def machine_cut(f): linux(f, module()[:300])
def machine_cut_head(f): linux(f, module()[:40])
def machine_empty(f): linux(f, b"")
def machine_big_endian(f): linux(f, put(module(), 5, "<B", 2, 18, ">H", 183, 56, ">H", 0))
def machine_32(f): linux(f, elf32(40))
def machine_ilp32(f): linux(f, elf32(183))
def machine_riscv(f): linux(f, module(machine=243))
def machine_unknown(f): linux(f, module(machine=0x7ABC))
def machine_x86_lying_tag(f): linux(f, module(machine=62), path="demo/fast.cpython-313-x86_64-linux-gnu.so")
def machine_mixed(f): Wheel(LINUX, {SO: module(), "demo/libold.so": elf(machine=62)}).save(f)
def machine_firmware(f): Wheel(LINUX, {SO: module(), "demo/stub.elf": elf(machine=94, type=2, needs=[])}).save(f)


def put(data, *changes):
    """Triples of offset, form, value."""
    data = bytearray(data)
    for i in range(0, len(changes), 3):
        struct.pack_into(changes[i + 1], data, changes[i], changes[i + 2])
    return bytes(data)


def elf32(machine):
    """A 32-bit little-endian header with one LOAD segment of itself."""
    ident = b"\177ELF\1\1\1" + b"\0" * 9
    head = ident + struct.pack("<HHIIIIIHHHHHH", 3, machine, 1, 0, 52, 0, 0, 52, 32, 1, 40, 0, 0)
    return head + struct.pack("<IIIIIIII", 1, 0, 0, 0, 84, 84, 5, 0x10000)


def dynamic_at(data, tag):
    """Offset of the value of a dynamic entry in an image of elf()."""
    where, = struct.unpack_from("<Q", data, 64 + 56 + 8)
    while struct.unpack_from("<Q", data, where)[0] != tag:
        where += 16
    return where + 8


def elf_wild_headers(f): linux(f, put(module(), 32, "<Q", 1 << 63))
def elf_wild_segment(f): linux(f, put(module(), 64 + 32, "<Q", (1 << 64) - 1))
def elf_wild_strings(f): linux(f, put(module(), dynamic_at(module(), 5), "<Q", 1 << 40))
def elf_wild_symbols(f): linux(f, put(module(), dynamic_at(module(), 6), "<Q", len(module()) - 8))
def elf_wild_versions(f): linux(f, put(module(), dynamic_at(module(), 0x6FFFFFFE), "<Q", len(module()) - 8))


def elf_endless_versions(f):
    data = module(versions={"libc.so.6": ["GLIBC_2.17"], "libm.so.6": ["GLIBC_2.17"]})
    where, = struct.unpack_from("<Q", data, dynamic_at(data, 0x6FFFFFFE))
    linux(f, put(data, where + 12, "<I", 0xFFFFFFF0, dynamic_at(data, 0x6FFFFFFF), "<Q", 1 << 60))


def elf_no_dynamic(f): linux(f, put(module(), 64 + 56, "<I", 0))


# of pe(): the data directories are at 0x40 + 24 + 112, the section's data at 0x400 for 0x1000
def directory(i): return 0x40 + 24 + 112 + 8 * i
def pe_cut(f): windows(f, windows_module()[:600])
def pe_wild_head(f): windows(f, put(windows_module(), 0x3C, "<I", 0xFFFFFF00))
def pe_wild_imports(f): windows(f, put(windows_module(), directory(1), "<I", 0xFFFFF000))
def pe_wild_delayed(f): windows(f, put(windows_module(delayed={"foo.dll": ["foo"]}), directory(13), "<I", 0x7FFFF000))
def pe_wild_exports(f): windows(f, put(windows_module(), directory(0), "<I", 0x80000000))
def pe_wild_config(f): windows(f, put(windows_module(), directory(10), "<I", 0x80000000))


def pe_wild_names(f):
    data = windows_module()
    where = struct.unpack_from("<I", data, directory(0))[0] - 0x1000 + 0x400
    windows(f, put(data, where + 24, "<I", 0x7FFFFFFF))


def pe_endless_imports(f):
    """The last, empty row is overwritten: the directory runs into what follows it, to the end."""
    data = bytearray(windows_module())
    where = struct.unpack_from("<I", data, directory(1))[0] - 0x1000 + 0x400
    row = bytes(data[where:where + 20])
    while where + 20 <= len(data):
        data[where:where + 20] = row
        where += 20
    windows(f, bytes(data))


def pe_32(f): windows(f, put(windows_module(machine=0x014C), 0x40 + 24, "<H", 0x20B))
def pe_arm32(f): windows(f, windows_module(machine=0x01C4))
def pe_object_machine(f): windows(f, windows_module(machine=0xA641))
def macho_beside(f): Wheel(LINUX, {SO: module(), "demo/libfast.dylib": macho()}).save(f)
def macho_fat(f): linux(f, struct.pack(">II", 0xCAFEBABE, 2).ljust(64, b"\0"))
def machine_macho(f): linux(f, macho())
def machine_aside(f): Wheel(LINUX, {SO: module(), "demo/run.exe": pe(machine=0x8664, is_dll=False)}).save(f)
def machine_emulated(f): Wheel(WINDOWS, {PYD: windows_module(), "demo/run.exe": pe(machine=0x8664, is_dll=False)}).save(f)
def machine_gpu(f): Wheel(LINUX, {SO: module(), "demo/kernel.cubin": elf(machine=190, needs=[])}).save(f)
def pure_library(f): Wheel(PURE, {"demo/libfast.so": elf()}).save(f)
def pure_launcher(f): Wheel(PURE, {"demo/gui-arm64.exe": pe(is_dll=False)}).save(f)
def platform_empty(f): Wheel(LINUX, {}).save(f)
def platform_headers(f): Wheel("demo-1.0-py3-none-win_arm64.whl", {"demo/x.h": b"\n"}).save(f)
def arm64ec(f): windows(f, windows_module(machine=0x8664, chpe=True))
def arm64x(f): windows(f, windows_module(chpe=True, arm64x=True))
def arm64x_no_metadata(f): windows(f, windows_module(arm64x=True))
def arm64x_no_relocations(f): windows(f, windows_module(chpe=True))


# modules
def suffix_version(f): linux(f, module(), path="demo/fast.cpython-312-aarch64-linux-gnu.so")
def suffix_threads(f): linux(f, module(), path="demo/fast.cpython-313t-aarch64-linux-gnu.so")
def suffix_windows(f): windows(f, windows_module(), path="demo/fast.cp313-win_amd64.pyd")
def suffix_libc(f): linux(f, module(needs=["libc.musl-aarch64.so.1"], versions={}), MUSL)
def suffix_in_abi3(f): linux(f, module(), "demo-1.0-cp39-abi3-manylinux_2_28_aarch64.whl")
def suffix_abi3_threads(f): linux(f, module(), "demo-1.0-cp314-cp314t-manylinux_2_28_aarch64.whl", "demo/fast.abi3.so")
def suffix_one_of_two(f): linux(f, module(defined=["PyModExport_fast"]), "demo-1.0-cp315-abi3.abi3t-manylinux_2_28_aarch64.whl", "demo/fast.abi3.so")
def suffix_both(f): Wheel("demo-1.0-cp315-abi3.abi3t-manylinux_2_28_aarch64.whl", {f"demo/fast.{abi}.so": module(defined=["PyModExport_fast"]) for abi in ("abi3", "abi3t")}).save(f)
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
def page_16k(f): linux(f, module(align=0x4000))
def page_broken(f): linux(f, misaligned())
def page_x86(f): linux(f, module(machine=62, align=0x1000), "demo-1.0-cp313-cp313-manylinux_2_28_x86_64.whl", "demo/fast.cpython-313-x86_64-linux-gnu.so")
def library_path(f): linux(f, module(needs=["/opt/lib/libc.so.6"]))
def glibc_long_names(f): linux(f, module(versions={"libc.so.6": [f"GLIBC_9.{'9' * 900}{i}" for i in range(40)]}))
def glibc_library(f): linux(f, module(needs=["libcrypt.so.2", "libc.so.6"]))


def misaligned():
    """The last program header, of the stack, becomes a second LOAD 4 KiB beside its place."""
    data = bytearray(module())
    struct.pack_into("<IIQQQQQQ", data, 64 + 56 * 2, 1, 6, 0x100, 0x21100, 0x21100, 8, 8, 0x10000)
    return bytes(data)


def rpath_home(f): linux(f, module(rpath="/home/me/lib:$ORIGIN/libs"))
def rpath_relative(f): linux(f, module(rpath="libs"))
def rpath_old(f): linux(f, put(module(rpath="/opt/lib"), dynamic_at(module(rpath="/opt/lib"), 29) - 8, "<Q", 15))
def rpath_above(f): linux(f, module(rpath="$ORIGIN/../../.."))
def rpath_empty_part(f): linux(f, module(rpath="$ORIGIN:"))
def stack(f): linux(f, module(exec_stack=True))
def text(f): linux(f, module(text_relocations=True))
def stray_object(f): Wheel(LINUX, {SO: module(), "demo/fast.o": elf(type=1, needs=[])}).save(f)
def stray_archive(f): Wheel(LINUX, {SO: module(), "demo/libfast.a": b"!<arch>\n".ljust(80)}).save(f)
def stray_obj(f): Wheel(WINDOWS, {PYD: windows_module(), "demo/fast.obj": struct.pack("<HHIIIHH", 0xAA64, 1, 0, 0, 0, 0, 0).ljust(80, b"\0")}).save(f)
def stray_obj_ec(f): Wheel(WINDOWS, {PYD: windows_module(), "demo/fast.obj": struct.pack("<HHIIIHH", 0xA641, 1, 0, 0, 0, 0, 0).ljust(80, b"\0")}).save(f)
def stray_obj_big(f): Wheel(WINDOWS, {PYD: windows_module(), "demo/fast.obj": struct.pack("<HHHH", 0, 0xFFFF, 2, 0xAA64).ljust(80, b"\0")}).save(f)
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


def export_kernel(f): windows(f, windows_module(imports={**PYTHON, "KERNEL32.dll": ["Sleep", "SleepWell"]}))
def export_kernel_delayed(f): windows(f, windows_module(delayed={"kernel32.DLL": ["SleepWell"]}))
def export_runtime(f): windows(f, windows_module(imports={**PYTHON, "api-ms-win-crt-heap-l1-1-0.dll": ["freed"]}))
def export_unlisted(f): windows(f, windows_module(imports={**PYTHON, "cabinet.dll": ["whatever"]}))


def export_python(f):
    data = windows_module(imports={"python311.dll": ["PyModule_Create2", "PyNothing_Here"]})
    windows(f, data, "demo-1.0-cp311-cp311-win_arm64.whl", "demo/fast.cp311-win_arm64.pyd")


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
def lock_in_threads(f): linux(f, module(undefined=["_Py_Dealloc"]), "demo-1.0-cp314-cp314t-manylinux_2_28_aarch64.whl", "demo/fast.cpython-314t-aarch64-linux-gnu.so")
def threads(f): linux(f, module(undefined=["_Py_MergeZeroLocalRefcount"]), "demo-1.0-cp314-cp314t-manylinux_2_28_aarch64.whl", "demo/fast.cpython-314t-aarch64-linux-gnu.so")

#!/usr/bin/env python3
"""Writes exports_windows.txt anew: exports_update.py ZIG PYTHON.dll… >exports_windows.txt

ZIG is zig's binary, beside which its lib/libc/mingw lies: MinGW-w64's lists of what Windows' DLLs export. The PYTHON.dll
are CPythons that were built from source (tools/prepare/wine_python.sh)."""

import os
import pathlib
import re
import struct
import subprocess
import sys

# The Universal CRT, which wheels import through API sets, and the DLLs that extension modules use most.
SYSTEM = ["ucrtbase", "kernel32", "ntdll", "user32", "advapi32", "ws2_32", "bcrypt", "bcryptprimitives", "ole32", "oleaut32",
          "shell32", "shlwapi", "crypt32", "iphlpapi", "psapi", "pdh", "secur32", "version", "winmm", "powrprof",
          "wtsapi32", "userenv", "dbghelp"]
HEAD = """\
# What Windows' DLLs on ARM64 export by name, and the Python libraries; written by exports_update.py.
# dll NAME, and its names on the lines below
# source MinGW-w64's .def files in zig {version} from PyPI (MinGW-w64: public domain, and ZPL 2.1): of Windows up to 11;
#        what newer versions of Windows have gained may be missing
# source python*.dll: CPython's own source, built (PSF-2.0)
"""
WIDTH = 110


def listed(zig, name):
    folder = pathlib.Path(os.path.realpath(zig)).parent / "lib/libc/mingw"
    path = folder / "lib-common" / (name + ".def")
    if path.exists():
        text = path.read_text(encoding="utf-8", errors="replace")
    else:
        text = subprocess.run([zig, "cc", "-target", "aarch64-windows-gnu", "-E", "-P", "-w", "-x", "c",
                               "-I" + str(folder / "def-include"), "-I" + str(folder / "lib-common"), str(path) + ".in"],
                              check=True, capture_output=True, text=True).stdout
    names = set()
    for line in text.splitlines():
        # "; btowc ; replaced …": the DLL has it, MinGW's programs take another
        replaced = re.match(r"; (\w+) ; replaced", line)
        line = replaced.group(1) if replaced else line.split(";")[0].strip()
        if not line or line.startswith(("LIBRARY", "EXPORTS", "#")):
            continue
        for part in line.split("=="):  # NAME DATA == REAL: MinGW's name for it, and its own
            word = re.split(r"[ =@]", part.strip())[0].strip('"')
            if re.fullmatch(r"[A-Za-z_?][\w?$]*", word):
                names.add(word)
    assert len(names) > 3, name
    return names


def exported(path):
    """The export names of a PE file, by its directory."""
    data = pathlib.Path(path).read_bytes()
    header = struct.unpack_from("<I", data, 0x3C)[0]
    count, optional = struct.unpack_from("<H", data, header + 6)[0], struct.unpack_from("<H", data, header + 20)[0]
    sections = [struct.unpack_from("<IIII", data, header + 24 + optional + 40 * i + 8) for i in range(count)]

    def at(address):
        for size, virtual, raw_size, raw in sections:
            if virtual <= address < virtual + max(size, raw_size):
                return address - virtual + raw
        raise ValueError(address)

    directory = at(struct.unpack_from("<I", data, header + 24 + 112)[0])
    total, names = struct.unpack_from("<I", data, directory + 24)[0], struct.unpack_from("<I", data, directory + 32)[0]
    for i in range(total):
        start = at(struct.unpack_from("<I", data, at(names) + 4 * i)[0])
        yield data[start:data.index(b"\0", start)].decode("ascii")


def write(name, names):
    print("dll", name)
    line = ""
    for one in sorted(names):
        if len(line) + len(one) + 1 > WIDTH:
            print(line.strip())
            line = ""
        line += " " + one
    print(line.strip())


def main():
    zig, pythons = sys.argv[1], sys.argv[2:]
    version = subprocess.run([zig, "version"], check=True, capture_output=True, text=True).stdout.strip()
    print(HEAD.format(version=version), end="")
    for name in SYSTEM:
        write(name + ".dll", listed(zig, name))
    for path in sorted(pythons):
        write(os.path.basename(path).lower(), exported(path))


main()

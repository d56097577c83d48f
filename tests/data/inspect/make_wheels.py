#!/usr/bin/env python3
"""Makes the wheels of wheels.txt, each in a folder of its case's name: make_wheels.py FOLDER"""

import os
import shutil
import sys

import case_archive
import case_image
from images import elf, pe


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
        "arm64x.pe": pe(chpe=True, arm64x=True),
        "forward.pe": pe(exports={"foo": "bar.oof", "oof": "kernel32.#12", "self": "me.self"}),
        "arm64ec.pe": pe(machine=0x8664, chpe=True),
        "program.pe": pe(is_dll=False),
    }
    os.makedirs(folder, exist_ok=True)
    for name, data in images.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)


BESIDE = ["headers_many"]  # of the table: judged by a test of its own


def case_of(name):
    return getattr(case_archive, name, None) or getattr(case_image, name)


def main():
    target = sys.argv[1]
    table = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wheels.txt")
    shutil.rmtree(target, ignore_errors=True)
    save_images(os.path.join(target, "images"))
    for line in [*open(table, encoding="utf-8"), *BESIDE]:
        words = line.split()
        folder = os.path.join(target, words[0]) if words else target
        if words and not words[0].startswith("#") and not os.path.exists(folder):
            os.makedirs(folder)
            case_of(words[0])(folder)


if __name__ == "__main__":
    main()

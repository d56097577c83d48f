#!/usr/bin/env python3
"""Turns the lists of exports into C tables: exports_generate.py EXPORTS_WINDOWS.txt OUT.c"""

import sys


def main():
    source, target = sys.argv[1:]
    dlls = {}
    names = None
    for number, line in enumerate(open(source, encoding="ascii"), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "dll" and len(words) == 2:
            names = dlls.setdefault(words[1], set())
        elif names is None:
            sys.exit(f"{source}:{number}: names before the first dll")
        else:
            names.update(words)
    with open(target, "w", encoding="ascii") as out:
        out.write('#include "core/inspect/exports.h"\n\n')
        rows = ""
        for i, (dll, exported) in enumerate(sorted(dlls.items())):
            out.write(f"static const char *const names_{i}[] = {{\n")
            out.write("".join(f'\t"{name}",\n' for name in sorted(exported)) + "};\n")
            rows += f'\t{{"{dll}", names_{i}, {len(exported)}}},\n'
        out.write(f"const struct exports exports_table[] = {{\n{rows}}};\nconst size_t exports_count = {len(dlls)};\n")


main()

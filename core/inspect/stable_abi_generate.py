#!/usr/bin/env python3
"""Turns the list of the Stable ABI into a C table: stable_abi_generate.py STABLE_ABI.txt OUT.c"""

import sys

CONDITIONS = {"any": "STABLE_ABI_ANY", "windows": "STABLE_ABI_WINDOWS", "unix": "STABLE_ABI_UNIX",
              "debug": "STABLE_ABI_DEBUG"}


def main():
    source, target = sys.argv[1:]
    rows = {}
    for number, line in enumerate(open(source, encoding="ascii"), 1):
        words = line.split()
        if not words or words[0] == "source" or words[0].startswith("#"):
            continue
        if words[0] == "added":
            for name in words[3:]:
                rows[name] = [int(words[1]), CONDITIONS[words[2]], "false"]
        elif words[0] == "opaque":
            for name in words[1:]:
                rows[name][2] = "true"
        else:
            sys.exit(f"{source}:{number}: unknown line kind {words[0]}")
    with open(target, "w", encoding="ascii") as out:
        out.write('#include "core/inspect/stable_abi.h"\n\nconst struct stable_abi stable_abi_table[] = {\n')
        for name, (minor, condition, opaque) in sorted(rows.items()):
            out.write(f'\t{{"{name}", {minor}, {condition}, {opaque}}},\n')
        out.write(f"}};\nconst size_t stable_abi_count = {len(rows)};\n")


main()

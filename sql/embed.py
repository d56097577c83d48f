#!/usr/bin/env python3
"""Turns .sql files into C: embed.py OUT.h OUT.c MIGRATION... -- QUERY... -- EXPORT

A migration is NNNN_words.sql, numbered from 1 without gaps. A query file holds blocks, each after a
line `-- name: noun_verb` whose first word is the file's stem; blocks end where the next begins."""

import pathlib
import re
import sys

NAME = re.compile(r"-- name: ([a-z][a-z0-9_]*)\s*$")


def fail(path, number, why):
    sys.exit(f"{path}:{number}: {why}")


def read_blocks(path, blocks):
    name = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = NAME.match(line)
        if match:
            name = match[1]
            if not name.startswith(path.stem + "_"):
                fail(path, number, f"block {name} does not start with {path.stem}_")
            if name in blocks:
                fail(path, number, f"block {name} is there twice")
            blocks[name] = []
        elif name is None:
            if line.strip() and not line.startswith("--"):
                fail(path, number, "text before the first block")
        elif not line.lstrip().startswith("--"):
            blocks[name].append(line)


def c_text(lines):
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    quoted = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return "\n".join(f'\t\t"{line}\\n"' for line in quoted)


def main():
    header, source, *files = sys.argv[1:]
    cut = files.index("--")
    *queries, _, export = files[cut + 1:]
    migrations = sorted(map(pathlib.Path, files[:cut]))
    blocks = {}
    for path in sorted(map(pathlib.Path, queries)):
        read_blocks(path, blocks)
    for number, path in enumerate(migrations, 1):
        if not path.name.startswith(f"{number:04}_"):
            fail(path, 1, f"this must be migration {number:04}")
    for name, lines in blocks.items():
        if not "".join(lines).strip():
            sys.exit(f"block {name} is empty")

    with open(header, "w", encoding="utf-8") as out:
        out.write("/* Made by sql/embed.py: the named blocks of the query files. */\n#pragma once\n\n")
        out.write("enum sql_block {\n")
        out.writelines(f"\tSQL_{name.upper()},\n" for name in blocks)
        out.write("\tSQL_BLOCK_COUNT,\n};\n")
    with open(source, "w", encoding="utf-8") as out:
        out.write('#include "sql/embedded.h"\n\n')
        out.write("const char *const sql_migrations[] = {\n")
        for path in migrations:
            text = path.read_text(encoding="utf-8").splitlines()
            out.write(c_text(text) + ",\n")
        out.write(f"}};\nconst int sql_migration_count = {len(migrations)};\n\n")
        out.write("const char *const sql_export_script =\n")
        out.write(c_text(pathlib.Path(export).read_text(encoding="utf-8").splitlines()) + ";\n\n")
        out.write("const struct sql_embedded sql_blocks[SQL_BLOCK_COUNT] = {\n")
        for name, lines in blocks.items():
            out.write(f'\t{{"{name}",\n{c_text(lines)}}},\n')
        out.write("};\n")


main()

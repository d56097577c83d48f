"""advice.toml as C: advice.py ADVICE.toml OUT.c"""

import pathlib
import re
import sys
import tomllib

THREAD = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+#[0-9]+")


def literal(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main(source, out):
    rows = []
    for code, row in tomllib.loads(pathlib.Path(source).read_text(encoding="utf-8")).items():
        if set(row) - {"recipe"} != {"do", "see"} or not row["do"].isascii():
            sys.exit(f"{source}: {code}: it has do, in ASCII, see, and perhaps recipe")
        for thread in row["see"]:
            if not THREAD.fullmatch(thread):
                sys.exit(f"{source}: {code}: '{thread}' is not OWNER/REPO#NUMBER")
        if len(row["see"]) > 7:
            sys.exit(f"{source}: {code}: seven threads are enough")
        see = ", ".join([literal(t) for t in row["see"]] + ["NULL"])
        recipe = literal(row["recipe"]) if "recipe" in row else "NULL"
        rows.append(f"\t{{{literal(code)}, {literal(row['do'])},\n\t\t{{{see}}}, {recipe}}},")
    pathlib.Path(out).write_text("\n".join([
        '#include "reports/advice.h"', "", "const struct advice advice_rows[] = {", *rows, "};",
        f"const size_t advice_count = {len(rows)};", ""]), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

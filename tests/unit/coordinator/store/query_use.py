#!/usr/bin/env python3
"""Every block of sql/query is used by the store: query_use.py ROOT"""

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
blocks = set()
for path in (root / "sql/query").glob("*.sql"):
    blocks |= set(re.findall(r"^-- name: (\w+)", path.read_text(), re.M))
used = set()
for path in (root / "coordinator/store").glob("*.c"):
    used |= {name.lower() for name in re.findall(r"\bSQL_([A-Z0-9_]+)\b", path.read_text())}
unused = sorted(blocks - used)
assert blocks, "no query blocks found"
sys.exit(f"query blocks that nobody uses: {', '.join(unused)}" if unused else 0)

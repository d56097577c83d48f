"""Assets as C: embed.py OUT.c STYLE.css… SCRIPT.js ICON.svg

All style sheets become one, in the order given. Each asset's address has the hash of its bytes, so
it may be kept for ever by whoever fetched it.
"""

import gzip
import hashlib
import pathlib
import sys

TYPES = {
    ".css": ("style", "text/css; charset=utf-8"),
    ".js": ("script", "text/javascript; charset=utf-8"),
    ".svg": ("icon", "image/svg+xml"),
}


def rows(data):
    for start in range(0, len(data), 24):
        yield "\t" + ", ".join(str(byte) for byte in data[start:start + 24]) + ","


def main(out, *sources):
    contents = {}
    for source in map(pathlib.Path, sources):
        contents[source.suffix] = contents.get(source.suffix, b"") + source.read_bytes()
    arrays, table, first = [], [], []
    for suffix, (name, content_type) in TYPES.items():
        data = contents[suffix]
        packed = gzip.compress(data, 9, mtime=0)
        address = f"/assets/{name}-{hashlib.sha256(data).hexdigest()[:12]}{suffix}"
        for kind, content in (("plain", data), ("packed", packed)):
            arrays += [f"static const unsigned char {name}_{kind}[] = {{", *rows(content), "};"]
        table.append(
            f'\t{{"{address}", "{content_type}", {name}_plain, sizeof({name}_plain), '
            f"{name}_packed, sizeof({name}_packed)}},")
        first.append(f'\t.{name} = "{address}",')
    pathlib.Path(out).write_text("\n".join([
        '#include "web/assets.h"', "", *arrays, "", "const struct asset assets[] = {", *table, "};",
        f"const size_t asset_count = {len(table)};", "",
        "const struct page_assets asset_addresses = {", *first, "};", ""]), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Assets as C: embed.py OUT.c LOCK ASSETS-FOLDER

What is served is the table below: our own files, and files of the packages that LOCK names
(tools/prepare/npm_packages.sh put them into the cache). Parts of an asset become one file. Each
asset's address has the hash of its bytes, so it may be kept for ever by whoever fetched it; a style
sheet's url(NAME.EXT) is replaced by the hashed name of the asset NAME.
"""

import gzip
import hashlib
import os
import pathlib
import sys

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
# A name's place in struct page_assets ("" for those that only style sheets name), its ending, its parts;
# "npm:" is a file of a package. The font comes before the style sheet that names it.
ASSETS = [
    ("", "inter", ".woff2", ["npm:@fontsource-variable/inter/files/inter-latin-wght-normal.woff2"]),
    ("style", "style", ".css", ["base.css", "tables.css", "log.css", "pages.css", "narrow.css"]),
    ("script", "script", ".js", ["script.js", "search.js"]),
    ("icon", "icon", ".svg", ["icon.svg"]),
    ("chart", "chart", ".js", ["npm:uplot/dist/uPlot.iife.min.js", "chart.js"]),
    ("chart_style", "chart", ".css", ["npm:uplot/dist/uPlot.min.css"]),
    ("licences", "licences", ".txt",
     ["licences.txt", "npm:uplot/LICENSE", "npm:@fontsource-variable/inter/LICENSE"]),
]


def packages(lock):
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    identity = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    folder = cache / "wheelfarm" / f"web-packages-{identity}" / "node_modules"
    if not folder.is_dir():
        sys.exit(f"{folder} is not there: ./farm build (or tools/prepare/npm_packages.sh) makes it")
    return folder


def rows(data):
    for start in range(0, len(data), 24):
        yield "\t" + ", ".join(str(byte) for byte in data[start:start + 24]) + ","


def main(out, lock, folder):
    npm, own = packages(pathlib.Path(lock)), pathlib.Path(folder)
    arrays, table, first, names = [], [], [], {}
    for number, (place, name, ending, parts) in enumerate(ASSETS):
        files = [npm / p.removeprefix("npm:") if p.startswith("npm:") else own / p for p in parts]
        data = b"\n".join(f.read_bytes() for f in files) if len(files) > 1 else files[0].read_bytes()
        for plain, hashed in names.items():
            data = data.replace(f"url({plain})".encode(), f"url({hashed})".encode())
        packed = gzip.compress(data, 9, mtime=0)
        hashed = f"{name}-{hashlib.sha256(data).hexdigest()[:12]}{ending}"
        names[name + ending] = hashed
        for kind, content in (("plain", data), ("packed", packed)):
            arrays += [f"static const unsigned char {kind}_{number}[] = {{", *rows(content), "};"]
        table.append(
            f'\t{{"/assets/{hashed}", "{TYPES[ending]}", plain_{number}, sizeof(plain_{number}), '
            f"packed_{number}, sizeof(packed_{number})}},")
        if place:
            first.append(f'\t.{place} = "/assets/{hashed}",')
    pathlib.Path(out).write_text("\n".join([
        '#include "web/assets.h"', "", *arrays, "", "const struct asset assets[] = {", *table, "};",
        f"const size_t asset_count = {len(table)};", "",
        "const struct page_assets asset_addresses = {", *first, "};", ""]), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

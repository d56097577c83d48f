"""Writes sdists for the test of PKG-INFO into a folder: each way one is packed, and what a hostile one
tries. Usage: make_sdists.py FOLDER"""

import gzip
import io
import random
import struct
import sys
import tarfile
import zipfile
from pathlib import Path

folder = Path(sys.argv[1])
TEXT = b"Metadata-Version: 2.2\nName: x\nVersion: 1\n"


def member(name, data=TEXT, kind=tarfile.REGTYPE, link="", pax=None):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.pax_headers = kind, link, pax or {}
    info.size = len(data) if kind == tarfile.REGTYPE else 0
    return info, data


def tar(name, *members, form=tarfile.PAX_FORMAT, level=1):
    with tarfile.open(folder / name, "w:gz", format=form, compresslevel=level) as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data) if info.size else None)


def zip_file(name, *members, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(folder / name, "w", method) as archive:
        for path, data in members:
            archive.writestr(path, data)


class Once(io.RawIOBase):
    """A stream that cannot go back: zipfile writes sizes behind the data."""

    def __init__(self):
        self.data = b""

    def writable(self):
        return True

    def write(self, data):
        self.data += bytes(data)
        return len(data)


code = member("x-1/code.py", b"print(1)\n" * 1000)
for label, form in (("pax", tarfile.PAX_FORMAT), ("gnu", tarfile.GNU_FORMAT), ("ustar", tarfile.USTAR_FORMAT)):
    tar(f"first-{label}.tar.gz", member("x-1", kind=tarfile.DIRTYPE), member("x-1/PKG-INFO"), code, form=form)
    tar(f"last-{label}.tar.gz", code, member("x-1/x.egg-info/PKG-INFO", b"other"), member("x-1/PKG-INFO"), form=form)
tar("dots.tar.gz", member("./x-1//./PKG-INFO"))
tar("letters.tar.gz", member("ä-1/日.txt"), member("ä-1/PKG-INFO"))
zip_file("deflated.zip", ("x-1/code.py", code[1]), ("x-1/PKG-INFO", TEXT))
zip_file("stored.zip", ("x-1/code.py", code[1]), ("x-1/PKG-INFO", TEXT), method=zipfile.ZIP_STORED)
once = Once()
with zipfile.ZipFile(once, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("x-1/code.py", code[1])
    archive.writestr("x-1/PKG-INFO", TEXT)
(folder / "stream.zip").write_bytes(once.data)

# What comes behind PKG-INFO is not read: here it is damaged.
tar("rest.tar.gz", member("x-1/PKG-INFO"), member("x-1/noise", random.Random(1).randbytes(1 << 20)))
whole = (folder / "rest.tar.gz").read_bytes()
(folder / "rest.tar.gz").write_bytes(whole[:len(whole) // 2] + b"\xff" * 1000)

tar("none.tar.gz", code, member("PKG-INFO"), member("x-1/deep/PKG-INFO"), member("x-1/PKG-INFO/more"))
tar("absolute.tar.gz", member("/x-1/PKG-INFO"))
tar("dotdot.tar.gz", member("x-1/../PKG-INFO"), member("../PKG-INFO"))
tar("folder.tar.gz", member("x-1/PKG-INFO", kind=tarfile.DIRTYPE))
tar("symlink.tar.gz", member("x-1/PKG-INFO", kind=tarfile.SYMTYPE, link="/etc/passwd"))
tar("hard.tar.gz", code, member("x-1/PKG-INFO", kind=tarfile.LNKTYPE, link="x-1/code.py"))
tar("fifo.tar.gz", member("x-1/PKG-INFO", kind=tarfile.FIFOTYPE))
tar("bomb.tar.gz", member("x-1/zeros", bytes(64 << 20)), member("x-1/PKG-INFO"), level=9)
tar("sparse.tar.gz", member("x-1/PKG-INFO", b"1\n1125899906842112\n512\n".ljust(512, b"\0") + bytes(512), pax={
    "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "x-1/PKG-INFO",
    "GNU.sparse.realsize": "1125899906842624"}))
zip_file("large.zip", ("x-1/PKG-INFO", b"x" * ((16 << 20) + 1)), method=zipfile.ZIP_STORED)
(folder / "page.tar.gz").write_bytes(b"<html>not found</html>\n" * 40)
(folder / "page.zip").write_bytes(b"<html>not found</html>\n" * 40)
(folder / "empty.tar.gz").write_bytes(b"")
whole = (folder / "last-pax.tar.gz").read_bytes()
(folder / "cut.tar.gz").write_bytes(whole[:len(whole) // 2])
whole = (folder / "deflated.zip").read_bytes()
(folder / "cut.zip").write_bytes(whole[:40])
tar("egg.tar.bz2", member("x-1/PKG-INFO"))

# One header more than anybody looks at; each stands for an empty file.
info, _ = member("x-1/n", b"")
(folder / "many.tar.gz").write_bytes(gzip.compress(
    info.tobuf(tarfile.USTAR_FORMAT) * 100001 + member("x-1/PKG-INFO")[0].tobuf(tarfile.USTAR_FORMAT), 1))
# A length that no file has: base 256, all ones.
header = bytearray(member("x-1/n", b"")[0].tobuf(tarfile.GNU_FORMAT))
header[124:136] = b"\x80" + b"\x7f" * 11
header[148:156] = b" " * 8
header[148:156] = b"%06o\0 " % sum(header)
(folder / "length.tar.gz").write_bytes(gzip.compress(bytes(header) + bytes(2048)))
# A zip entry that says it is encrypted.
whole = bytearray((folder / "deflated.zip").read_bytes())
struct.pack_into("<H", whole, whole.rfind(b"PK\x03\x04") + 6, 1)
(folder / "encrypted.zip").write_bytes(whole)

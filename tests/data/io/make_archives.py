"""Writes the archives of the unpacking test into a folder: a few good ones, and one for each thing
a hostile package tries. Usage: make_archives.py FOLDER"""

import gzip
import io
import stat
import struct
import sys
import tarfile
import zipfile
from pathlib import Path

folder = Path(sys.argv[1])
TEXT = b"text\n"


def member(name, data=TEXT, kind=tarfile.REGTYPE, mode=0o644, link="", mtime=1500000000):
    info = tarfile.TarInfo(name)
    info.type = kind
    info.mode = mode
    info.linkname = link
    info.mtime = mtime
    info.uid = info.gid = 12345
    info.size = len(data) if kind == tarfile.REGTYPE else 0
    return info, data


def tar(name, *members, mode="w"):
    with tarfile.open(folder / name, mode, format=tarfile.PAX_FORMAT) as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data) if info.type == tarfile.REGTYPE else None)


def folder_member(name):
    return member(name, kind=tarfile.DIRTYPE, mode=0o700)


def symlink(name, target):
    return member(name, kind=tarfile.SYMTYPE, link=target)


def hard_link(name, target):
    return member(name, kind=tarfile.LNKTYPE, link=target)


def zip_file(name, *members):
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data, mode in members:
            info = zipfile.ZipInfo(path)
            info.external_attr = mode << 16
            archive.writestr(info, data)


good = [
    folder_member("pkg-1.0"),
    member("pkg-1.0/setup.py", b"print(1)\n"),
    member("./pkg-1.0//bin/./run", b"#!/bin/sh\n", mode=0o700),
    member("pkg-1.0/empty", b""),
]
for suffix, mode in [("", "w"), (".gz", "w:gz"), (".bz2", "w:bz2"), (".xz", "w:xz")]:
    tar("good.tar" + suffix, *good, mode=mode)
zip_file(
    "good.zip",
    ("pkg-1.0/", b"", stat.S_IFDIR | 0o755),
    ("pkg-1.0/setup.py", b"print(1)\n", stat.S_IFREG | 0o644),
    ("pkg-1.0/bin/run", b"#!/bin/sh\n", stat.S_IFREG | 0o755),
)
tar("links.tar", member("pkg/file"), symlink("pkg/sub/link", "../file"), symlink("pkg/up", "sub/link"),
    hard_link("pkg/hard", "pkg/file"))
tar("two-tops.tar", member("a/x"), member("b/x"))
tar("one-file.tar", member("a"))
tar("unicode.tar", member("päkg/日.txt"))
tar("setuid.tar", member("pkg/su", mode=0o6755))
tar("times.tar", member("pkg/old", mtime=1000000000))

tar("absolute.tar", member("/tmp/wheelfarm-evil"))
tar("dotdot.tar", member("../evil"))
tar("dotdot-inside.tar", member("a/b/../c"))
zip_file("dotdot.zip", ("a/../../evil", TEXT, stat.S_IFREG | 0o644))
zip_file("absolute.zip", ("/tmp/wheelfarm-evil", TEXT, stat.S_IFREG | 0o644))
tar("link-absolute.tar", symlink("pkg/l", "/etc/passwd"))
tar("link-up.tar", symlink("pkg/l", "../../evil"))
zip_file("link-up.zip", ("pkg/l", b"../../evil", stat.S_IFLNK | 0o777))
# "here" is the top, from three levels down; "here/.." would be outside though it reads as inside
tar("link-by-link.tar", folder_member("a/b/c"), symlink("a/b/c/here", "../../.."),
    symlink("a/b/c/out", "here/../evil"))
tar("through-link.tar", folder_member("pkg/real"), symlink("pkg/l", "real"), member("pkg/l/file"))
tar("over-link.tar", member("pkg/file"), symlink("pkg/l", "file"), member("pkg/l"))
tar("hard-outside.tar", hard_link("pkg/h", "../evil"))
tar("hard-absolute.tar", hard_link("pkg/h", "/etc/passwd"))
tar("hard-to-symlink.tar", symlink("pkg/l", "none"), hard_link("pkg/h", "pkg/l"))
tar("hard-missing.tar", hard_link("pkg/h", "pkg/none"))
tar("device.tar", member("pkg/zero", kind=tarfile.CHRTYPE))
tar("fifo.tar", member("pkg/pipe", kind=tarfile.FIFOTYPE))
tar("twice.tar", member("pkg/x"), member("./pkg/x"))
tar("file-as-folder.tar", member("pkg"), member("pkg/x"))
tar("folder-as-file.tar", folder_member("pkg/x"), member("pkg/x"))
tar("bomb.tar.gz", member("pkg/zeros", bytes(64 << 20)), mode="w:gz")
tar("long-name.tar", member("/".join(["x" * 100] * 12)))
tar("long-part.tar", member("pkg/" + "x" * 300))
Path(folder / "text.tar.gz").write_bytes(b"<html>not found</html>\n" * 40)

whole = Path(folder / "good.tar.gz").read_bytes()
Path(folder / "cut.tar.gz").write_bytes(whole[: len(whole) // 2])
whole = Path(folder / "good.zip").read_bytes()
Path(folder / "cut.zip").write_bytes(whole[: len(whole) // 2])

# A GNU sparse file (format 1.0 by pax headers) of 1 PiB that takes 512 bytes here.
info, data = member("pkg/sparse", b"1\n1125899906842112\n512\n".ljust(512, b"\0") + bytes(512))
info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0",
    "GNU.sparse.name": "pkg/sparse", "GNU.sparse.realsize": "1125899906842624"}
tar("sparse.tar", (info, data))

# A zip whose entry says that it is encrypted.
whole = bytearray(Path(folder / "good.zip").read_bytes())
at = 0
while (at := whole.find(b"PK\x01\x02", at)) >= 0:
    struct.pack_into("<H", whole, at + 8, 1)
    at += 4
at = 0
while (at := whole.find(b"PK\x03\x04", at)) >= 0:
    struct.pack_into("<H", whole, at + 6, 1)
    at += 4
Path(folder / "encrypted.zip").write_bytes(whole)
assert gzip.decompress(Path(folder / "good.tar.gz").read_bytes())

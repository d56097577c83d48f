"""Wheels of wheels.txt that are judged by their archive, paths, dist-info and RECORD. A case is a
function; what is wrong with its wheel is what its name says."""

import os
import struct
import zipfile

from wheel_kit import (DATE, INFO, LINUX, PURE, Wheel, digest, end_of, extra, linux, module, raw,
                       rename)

# the archive
def zip_cut(f): raw(f, lambda d: d[:-30])
def zip_empty(f): raw(f, lambda d: b"")
def zip_text(f): raw(f, lambda d: b"this is no zip " * 9)
def zip_trailing(f): raw(f, lambda d: d + b"more")
def zip_prefix(f): raw(f, lambda d: b"#!/bin/sh\n" + d)
def zip_crc(f): raw(f, lambda d: rename(d, struct.pack("<I", zipfile.crc32(b"data " * 40)), b"\1\2\3\4"))
def zip_local_name(f): raw(f, lambda d: rename(d, b"demo/data.txt", b"demo/atad.txt", last_only=True))


def break_data(data):
    at = data.find(b"demo/data.txt") + len(b"demo/data.txt")
    data[at:at + 4] = b"\xff\xff\xff\xff"
    return data


def zip_broken_data(f): raw(f, break_data)


def set_flag(data, flag):
    at = data.rfind(b"demo/data.txt") - 46
    data[at + 8] |= flag
    local = data.find(b"demo/data.txt") - 30
    data[local + 6] |= flag
    return data


def zip_encrypted(f): raw(f, lambda d: set_flag(d, 1))


def zip_method(f):
    def change(data):
        data[data.rfind(b"demo/data.txt") - 46 + 10] = 12
        return data
    raw(f, change)


def zip_size(f):
    def change(data):
        at = data.rfind(b"demo/data.txt") - 46
        data[at + 24:at + 28] = struct.pack("<I", 100)
        return data
    raw(f, change)


def zip_overlap(f):
    def change(data):
        first = data.find(b"PK\1\2")
        at = data.rfind(b"demo/data.txt") - 46
        data[at + 42:at + 46] = data[first + 42:first + 46]
        return data
    raw(f, change)


def zip_count(f):
    def change(data):
        at = end_of(data)
        data[at + 8] += 1
        data[at + 10] += 1
        return data
    raw(f, change)


def zip_symlink(f):
    entry = zipfile.ZipInfo("demo/link", DATE)
    entry.create_system = 3
    entry.external_attr = 0o120777 << 16
    wheel = Wheel(PURE, {})
    wheel.lines.append(f"demo/link,{digest(b'/etc/passwd')},11")
    wheel.save(f, [(entry, b"/etc/passwd")])


def zip_two_names(f):
    entry = zipfile.ZipInfo("demo/a.txt", DATE)
    entry.extra = struct.pack("<HHBI", 0x7075, 15, 1, zipfile.crc32(b"demo/a.txt")) + b"demo/b.txt"
    wheel = Wheel(PURE, {})
    wheel.lines.append(f"demo/a.txt,{digest(b'x')},1")
    wheel.save(f, [(entry, b"x")])


def path_parent(f): extra(f, "demo/../../evil.py")
def path_absolute(f): extra(f, "/etc/evil.py")
def path_drive(f): extra(f, "C:/evil.py")
def path_backslash(f): raw(f, lambda d: rename(d, b"demo/data.txt", b"demo\\data.txt"))
def path_control(f): raw(f, lambda d: rename(d, b"demo/data.txt", b"demo/da\033a.txt"))
def path_nul(f): raw(f, lambda d: rename(d, b"demo/data.txt", b"demo/da\0a.txt"))


def path_twice(f):
    wheel = Wheel(PURE, {"demo/one.py": b"1", "demo/two.py": b"2"})
    wheel.after = lambda data: rename(data, b"demo/two.py", b"demo/one.py")
    wheel.lines = [line for line in wheel.lines if "two.py" not in line]
    wheel.save(f)


def bomb(f): extra(f, "demo/zeros.bin", b"\0" * (65 << 20))


# dist-info
def info_none(f):
    with zipfile.ZipFile(os.path.join(f, PURE), "w") as archive:
        archive.writestr("demo/__init__.py", "")


def info_two(f): extra(f, "other-1.0.dist-info/METADATA")
def info_other_name(f): Wheel(PURE, {}, info="omed-1.0.dist-info").save(f)
def info_other_version(f): Wheel(PURE, {}, info="demo-1.1.dist-info").save(f)
def info_no_wheel(f):
    wheel = Wheel(PURE, {})
    del wheel.files[f"{INFO}/WHEEL"]
    wheel.lines = [line for line in wheel.lines if "/WHEEL" not in line]
    wheel.save(f)


def info_wheel_2(f): Wheel(PURE, {}, wheel=b"Wheel-Version: 2.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n").save(f)
def info_purelib(f): linux(f, module(), wheel=b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: cp313-cp313-manylinux_2_28_aarch64\n")
def metadata_name(f): Wheel(PURE, {}, metadata=b"Metadata-Version: 2.1\nName: other\nVersion: 1.0\n").save(f)
def metadata_version(f): Wheel(PURE, {}, metadata=b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0.1\n").save(f)
def metadata_same_version(f): Wheel(PURE, {}, metadata=b"Metadata-Version: 2.1\nName: DEMO\nVersion: 1.0.0\n").save(f)
def metadata_empty(f): Wheel(PURE, {}, metadata=b"").save(f)
def tags_other(f): linux(f, module(), tags=["cp313-cp313-linux_aarch64"])
def tags_fewer(f): linux(f, module(), "demo-1.0-cp313-cp313-manylinux2014_aarch64.manylinux_2_17_aarch64.whl", tags=["cp313-cp313-manylinux_2_17_aarch64"])
def name_bad(f): Wheel("demo.whl", {}, tags=["py3-none-any"]).save(f)


# RECORD
def record_none(f):
    wheel = Wheel(PURE, {})
    wheel.has_record = False
    wheel.save(f)


def changed(f, change, files=None):
    wheel = Wheel(PURE, files or {})
    wheel.lines = change(wheel.lines)
    wheel.save(f)


def record_lost_file(f): changed(f, lambda lines: ["demo/gone.py,," + "1"] + lines)
def record_unlisted(f): changed(f, lambda lines: lines[1:])
def record_twice(f): changed(f, lambda lines: lines[:1] + lines)
def record_other_hash(f): changed(f, lambda lines: ["demo/__init__.py," + digest(b"other") + ",0"] + lines[1:])
def record_other_size(f): changed(f, lambda lines: [lines[0][:-1] + "7"] + lines[1:])
def record_no_hash(f): changed(f, lambda lines: ["demo/__init__.py,,"] + lines[1:])
def record_md5(f): changed(f, lambda lines: ["demo/__init__.py,md5=1B2M2Y8AsgTpgAmY7PhCfg,0"] + lines[1:])
def record_padded(f): changed(f, lambda lines: [lines[0].replace(",0", "=,0")] + lines[1:])
def record_own_hash(f): changed(f, lambda lines: lines[:-1] + [f"{INFO}/RECORD,{digest(b'x')},1"])
def record_no_csv(f): changed(f, lambda lines: lines + ['"open'])


def record_quoted(f):
    wheel = Wheel(PURE, {'demo/a,"b".py': b"1"})
    wheel.lines = [line.replace('demo/a,"b".py', '"demo/a,""b"".py"') for line in wheel.lines]
    wheel.save(f)


def record_signed(f): Wheel(PURE, {}).save(f, [(f"{INFO}/RECORD.jws", b"{}")])

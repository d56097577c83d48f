"""Wheels of wheels.txt that are judged by their archive, paths, dist-info and RECORD. A case is a
function; what is wrong with its wheel is what its name says."""

import base64
import hashlib
import os
import struct
import zipfile

from wheel_kit import (DATE, INFO, LINUX, PURE, PYD, SO, WINDOWS, Wheel, digest, end_of, extra, linux,
                       module, raw, rename, windows_module)

# fine ones
def fine_pure(f): Wheel(PURE, {}).save(f)


def fine_stored(f):
    wheel = Wheel(PURE, {})
    with zipfile.ZipFile(os.path.join(f, PURE), "w", zipfile.ZIP_STORED) as archive:
        for name, data in wheel.entries():
            archive.writestr(zipfile.ZipInfo(name, DATE), data)


def fine_descriptors(f):
    class Pipe:  # cannot seek, so sizes follow the data
        def __init__(self, file): self.file = file
        def write(self, data): return self.file.write(data)
        def flush(self): self.file.flush()
    wheel = Wheel(PURE, {})
    with open(os.path.join(f, PURE), "wb") as file:
        with zipfile.ZipFile(Pipe(file), "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in wheel.entries():
                archive.writestr(zipfile.ZipInfo(name, DATE), data)


def fine_zip64(f):
    wheel = Wheel(PURE, {})
    with zipfile.ZipFile(os.path.join(f, PURE), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in wheel.entries():
            with archive.open(zipfile.ZipInfo(name, DATE), "w", force_zip64=True) as file:
                file.write(data)


def fine_comment(f):
    def change(data):
        data[end_of(data) + 20:] = b"\5\0hello"
        return data
    raw(f, change)


def fine_folders(f):
    Wheel(PURE, {}).save(f, [("demo/", b""), (INFO + "/", b"")])


# the archive
def zip_cut(f): raw(f, lambda d: d[:-30])
def zip_empty(f): raw(f, lambda d: b"")
def zip_text(f): raw(f, lambda d: b"this is no zip " * 9)
def zip_trailing(f): raw(f, lambda d: d + b"more")
def zip_prefix(f): raw(f, lambda d: b"#!/bin/sh\n" + d)
def zip_prefix_adjusted(f):
    """As zip -A leaves it: every offset is right."""
    def change(data):
        more = b"#!/bin/sh\n"
        end = end_of(data)
        at, = struct.unpack_from("<I", data, end + 16)
        field(data, end + 16, "<I", at + len(more))
        while data[at:at + 4] == b"PK\1\2":
            field(data, at + 42, "<I", struct.unpack_from("<I", data, at + 42)[0] + len(more))
            at += 46 + sum(struct.unpack_from("<HHH", data, at + 28))
        return more + data
    raw(f, change)


def zip_hidden(f):
    """A member that only the local headers have: to readers of streams it is there."""
    def change(data):
        secret = b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, zipfile.crc32(b"x"), 1, 1, 4, 0) + b"evilx"
        at = data.find(b"PK\3\4", 4)
        end = end_of(data)
        start, = struct.unpack_from("<I", data, end + 16)
        field(data, end + 16, "<I", start + len(secret))
        row = start
        while data[row:row + 4] == b"PK\1\2":
            offset, = struct.unpack_from("<I", data, row + 42)
            if offset >= at:
                field(data, row + 42, "<I", offset + len(secret))
            row += 46 + sum(struct.unpack_from("<HHH", data, row + 28))
        return data[:at] + secret + data[at:]
    raw(f, change)


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


def zip_device(f):
    entry = zipfile.ZipInfo("demo/null", DATE)
    entry.create_system = 3
    entry.external_attr = 0o020666 << 16
    wheel = Wheel(PURE, {})
    wheel.lines.append(f"demo/null,{digest(b'')},0")
    wheel.save(f, [(entry, b"")])


def field(data, at, form, value):
    struct.pack_into(form, data, at, value)
    return data


def central(data, path=b"demo/data.txt"):
    return data.rfind(path) - 46


def local(data, path=b"demo/data.txt"):
    return data.find(path) - 30


def other_archive():
    """The directory and end record of an archive that holds something else."""
    body = b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, 0, 0, 0, 1, 0) + b"x"
    row = b"PK\1\2" + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0)
    row += b"x"
    return body + row + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(row), len(body), 0)


def zip_two_ends(f): raw(f, lambda d: d + other_archive())


def zip_end_in_comment(f):
    def change(data):
        more = other_archive()
        return field(data, end_of(data) + 20, "<H", len(more)) + more
    raw(f, change)


def zip_million(f): raw(f, lambda d: field(field(d, end_of(d) + 8, "<H", 65000), end_of(d) + 10, "<H", 65000))


def with_end64(data, count, size=None, offset=None):
    """Puts a zip64 end record and its locator before the end record, which is saturated."""
    at = end_of(data)
    old_size, old_offset = struct.unpack_from("<II", data, at + 12)
    record = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count,
                                     old_size if size is None else size,
                                     old_offset if offset is None else offset)
    locator = b"PK\6\7" + struct.pack("<IQI", 0, at, 1)
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return data[:at] + record + locator + end


def count_of(data):
    return struct.unpack_from("<H", data, end_of(data) + 10)[0]


def zip_million_64(f): raw(f, lambda d: with_end64(d, 1000000))
def zip_64_lie(f): raw(f, lambda d: field(with_end64(d, count_of(d)), len(d) + 76 - 22 + 10, "<H", count_of(d) + 1))
def zip_64_wild(f): raw(f, lambda d: with_end64(d, count_of(d), offset=1 << 62))


def zip_64_extra_cut(f):
    raw(f, lambda d: field(d, central(d) + 24, "<I", 0xFFFFFFFF))


def zip_extra_long(f):
    entry = zipfile.ZipInfo("demo/a.txt", DATE)
    entry.extra = struct.pack("<HH", 0x9999, 4) + b"abcd"
    wheel = Wheel(PURE, {})
    wheel.lines.append(f"demo/a.txt,{digest(b'x')},1")
    wheel.after = lambda data: field(data, data.rfind(b"abcd") - 2, "<H", 400)
    wheel.save(f, [(entry, b"x")])


def zip_disks(f): raw(f, lambda d: field(d, end_of(d) + 4, "<H", 3))
def zip_wild_offset(f): raw(f, lambda d: field(d, central(d) + 42, "<I", 0x7FFFFFFF))
def zip_local_missing(f): raw(f, lambda d: field(d, local(d), "<I", 0))
def zip_local_size(f): raw(f, lambda d: field(d, local(d) + 22, "<I", 7))
def zip_local_method(f): raw(f, lambda d: field(d, local(d) + 8, "<H", 0))


def zip_descriptor_lie(f):
    fine_descriptors(f)
    path = os.path.join(f, PURE)
    with open(path, "rb") as file:
        data = bytearray(file.read())
    with open(path, "wb") as file:
        file.write(field(data, data.find(b"PK\7\10") + 4, "<I", 1))


def stored(f, change):
    fine_stored(f)
    path = os.path.join(f, PURE)
    with open(path, "rb") as file:
        data = bytearray(file.read())
    with open(path, "wb") as file:
        file.write(change(data))


def zip_stored_two_sizes(f): stored(f, lambda d: field(d, central(d, INFO.encode() + b"/METADATA") + 24, "<I", 9))


def zip_more_inside(f):
    def change(data):
        for at in (central(data) + 24, local(data) + 22):
            data = field(data, at, "<I", 20)
        return data
    wheel = Wheel(PURE, {"demo/data.txt": b"data " * 40})
    wheel.lines = [line.replace(",200", ",20") for line in wheel.lines]
    wheel.after = change
    wheel.save(f)


def zip_less_inside(f):
    def change(data):
        for at in (central(data) + 24, local(data) + 22):
            data = field(data, at, "<I", 201)
        return data
    raw(f, change)


def zip_folder_contents(f):
    wheel = Wheel(PURE, {})
    wheel.after = lambda data: rename(data, b"demo/file", b"demo/fil/")
    wheel.save(f, [("demo/file", b"x")])


def zip_not_utf8(f): raw(f, lambda d: field(rename(d, b"demo/data.txt", b"demo/d\xff\xfea.txt"), central(d, b"demo/d\xff\xfea.txt") + 8, "<H", 0x800))
def zip_latin1(f): raw(f, lambda d: rename(d, b"demo/data.txt", b"demo/d\xe4ta.txt"))


def zip_nested(f):
    Wheel(PURE, {"demo/inner.zip": other_archive()}).save(f)


def path_dot(f): extra(f, "demo/./evil.py")
def path_double_slash(f): extra(f, "demo//evil.py")
def path_long(f): extra(f, "demo/" + "a/" * 3000 + "evil.py")


def pair(f, first, second, name=PURE, more=()):
    Wheel(name, {first: b"1", second: b"2", **dict(more)}).save(f)


def path_case(f): pair(f, "demo/Data.py", "demo/data.py")
def path_case_windows(f): pair(f, "demo/Data.py", "demo/data.py", WINDOWS, {PYD: windows_module()})
def path_case_linux(f): pair(f, "demo/Data.py", "demo/data.py", LINUX, {SO: module()})
def path_case_folder(f): pair(f, "demo/Data", "demo/data/one.py")
def path_file_and_folder(f): pair(f, "demo/data", "demo/data/one.py")
def path_device_name(f): pair(f, "demo/aux.py", "demo/other.py")
def path_device_windows(f): pair(f, "demo/COM7.txt", "demo/other.py", WINDOWS, {PYD: windows_module()})
def path_device_linux(f): pair(f, "demo/nul", "demo/a:b", LINUX, {SO: module()})
def path_trailing_dot(f): pair(f, "demo/__init__.py.", "demo/other.py", WINDOWS, {PYD: windows_module()})
def path_trailing_space(f): pair(f, "demo/sub /x.py", "demo/other.py", WINDOWS, {PYD: windows_module()})
def path_stream(f): pair(f, "demo/one.py:evil", "demo/other.py", WINDOWS, {PYD: windows_module()})
def path_like_device(f): pair(f, "demo/auxiliary.py", "demo/com10.py")


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

def with_big(data):
    """Claims 17 GiB by a zip64 field in a header that has none; the total is judged first."""
    at = central(data)
    name_end = at + 46 + len(b"demo/data.txt")
    more = struct.pack("<HHQ", 1, 8, 17 << 30)
    data = field(field(data, at + 24, "<I", 0xFFFFFFFF), at + 30, "<H", len(more))
    data = data[:name_end] + more + data[name_end:]
    end = end_of(data)
    size, = struct.unpack_from("<I", data, end + 12)
    return field(data, end + 12, "<I", size + len(more))


def bomb_total(f): raw(f, with_big)


def bomb_metadata(f):
    head = b"Metadata-Version: 2.4\nName: demo\nVersion: 1.0\nSummary: "
    wheel = Wheel(PURE, {}, metadata=head + b"x" * (33 << 20))
    wheel.save(f)


def bomb_overlap(f):
    """Ten entries whose data is one (as in zbsm.zip, quoted overlap is the same to a reader)."""
    entries = Wheel(PURE, {f"demo/{i}.bin": b"0" * 100000 for i in range(10)})

    def change(data):
        first = struct.unpack_from("<I", data, central(data, b"demo/0.bin") + 42)[0]
        for i in range(1, 10):
            data = field(data, central(data, b"demo/%d.bin" % i) + 42, "<I", first)
        return data
    entries.after = change
    entries.save(f)


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


def without(f, name, **more):
    wheel = Wheel(PURE, {}, **more)
    del wheel.files[f"{INFO}/{name}"]
    wheel.lines = [line for line in wheel.lines if f"/{name}" not in line]
    wheel.save(f)


def info_no_metadata(f): without(f, "METADATA")


def info_two_same(f):
    wheel = Wheel(PURE, {"Demo-1.0.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"})
    wheel.save(f)


def info_folder_only(f):
    with zipfile.ZipFile(os.path.join(f, PURE), "w") as archive:
        archive.writestr(INFO + "/", "")


def info_deep(f): Wheel(PURE, {}, info="demo/" + INFO).save(f)
def info_purelib_word(f): Wheel(PURE, {}, wheel=b"Wheel-Version: 1.0\nRoot-Is-Purelib: yes\nTag: py3-none-any\n").save(f)
def info_no_version(f): Wheel(PURE, {}, wheel=b"Root-Is-Purelib: true\nTag: py3-none-any\n").save(f)
def info_wheel_2(f): Wheel(PURE, {}, wheel=b"Wheel-Version: 2.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n").save(f)
def info_purelib(f): linux(f, module(), wheel=b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: cp313-cp313-manylinux_2_28_aarch64\n")
def metadata_name(f): Wheel(PURE, {}, metadata=b"Metadata-Version: 2.1\nName: other\nVersion: 1.0\n").save(f)
def metadata_version(f): Wheel(PURE, {}, metadata=b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0.1\n").save(f)
def metadata_same_version(f): Wheel(PURE, {}, metadata=b"Metadata-Version: 2.1\nName: DEMO\nVersion: 1.0.0\n").save(f)
def metadata_empty(f): Wheel(PURE, {}, metadata=b"").save(f)
def metadata_no_name(f): Wheel(PURE, {}, metadata=b"Metadata-Version: 2.1\nVersion: 1.0\n").save(f)
def metadata_bad_version(f): Wheel(PURE, {}, metadata=b"Metadata-Version: 2.1\nName: demo\nVersion: one\n").save(f)
def metadata_binary(f): Wheel(PURE, {}, metadata=bytes(range(256)) * 4).save(f)
def metadata_long(f): Wheel(PURE, {}, metadata=b"Metadata-Version: 2.4\nName: demo\nVersion: 1.0\n\n" + b"word " * 300000).save(f)
def tags_none(f): Wheel(PURE, {}, wheel=b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n").save(f)


def tags_many(f):
    """Fifteen pythons, ABIs and platforms each, 5000 tags and more, in a name that file systems take."""
    part = ".".join(f"t{i}" for i in range(18))
    Wheel(f"demo-1.0-{part}-{part}-{part}.whl", {}).save(f)


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
def record_signed_hashed(f): extra(f, f"{INFO}/RECORD.p7s", b"signature")
def record_outside(f): changed(f, lambda lines: [f"../../evil.py,{digest(b'x')},1"] + lines)
def record_absolute(f): changed(f, lambda lines: [f"/etc/passwd,{digest(b'x')},1"] + lines)
def record_dotted(f): changed(f, lambda lines: ["./" + lines[0]] + lines[1:])
def record_backslash(f): changed(f, lambda lines: [lines[0].replace("/", "\\", 1)] + lines[1:])
def record_case(f): changed(f, lambda lines: [lines[0].replace("demo", "Demo", 1)] + lines[1:])
def record_sha1(f): changed(f, lambda lines: ["demo/__init__.py,sha1=2jmj7l5rSw0yVb_vlWAYkK_YBwk,0"] + lines[1:])
def record_size_words(f): changed(f, lambda lines: [lines[0][:-1] + "none"] + lines[1:])
def record_size_huge(f): changed(f, lambda lines: [lines[0][:-1] + "9" * 30] + lines[1:])
def record_two_fields(f): changed(f, lambda lines: [lines[0].rsplit(",", 1)[0]] + lines[1:])
def record_empty(f): changed(f, lambda lines: [])
def record_bom(f): changed(f, lambda lines: ["\ufeff" + lines[0]] + lines[1:])
def record_crlf(f): changed(f, lambda lines: [line + "\r" for line in lines])


def record_sha512(f):
    text = base64.urlsafe_b64encode(hashlib.sha512(b"").digest()).decode().rstrip("=")
    changed(f, lambda lines: [f"demo/__init__.py,sha512={text},0"] + lines[1:])


def record_other_place(f):
    wheel = Wheel(PURE, {"demo/RECORD": b""})
    wheel.has_record = False
    wheel.save(f)

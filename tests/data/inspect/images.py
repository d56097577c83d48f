"""The smallest ELF and PE images that say something to a loader; the code in them is no code."""

import struct


class Strings:
    """A table of zero-terminated strings; `at` gives the offset of one."""

    def __init__(self):
        self.data = b"\0"

    def at(self, text):
        where = len(self.data)
        self.data += text.encode() + b"\0"
        return where


def elf(machine=183, type=3, needs=("libc.so.6",), versions=None, defined=(), undefined=(), weak=(),
        align=0x10000, rpath=None, soname=None, interpreter=None, exec_stack=False,
        text_relocations=False, gnu_hash=False):
    """A 64-bit little-endian image: one LOAD segment, so that offsets are addresses."""
    strings = Strings()
    versions = versions or {}
    dynamic = [(1, strings.at(name)) for name in needs]
    if soname:
        dynamic.append((14, strings.at(soname)))
    if rpath is not None:
        dynamic.append((29, strings.at(rpath)))
    if text_relocations:
        dynamic.append((22, 0))
    symbols = b"\0" * 24
    for name in undefined:
        symbols += struct.pack("<IBBHQQ", strings.at(name), 0x12, 0, 0, 0, 0)
    for name in weak:
        symbols += struct.pack("<IBBHQQ", strings.at(name), 0x22, 0, 0, 0, 0)
    first_defined = len(symbols) // 24
    for name in defined:
        symbols += struct.pack("<IBBHQQ", strings.at(name), 0x12, 0, 1, 0x1000, 4)
    count = len(symbols) // 24
    needed = b""
    for i, (library, names) in enumerate(versions.items()):
        last = i == len(versions) - 1
        needed += struct.pack("<HHIII", 1, len(names), strings.at(library), 16,
                              0 if last else 16 + 16 * len(names))
        for k, name in enumerate(names):
            step = 0 if k == len(names) - 1 else 16
            needed += struct.pack("<IHHII", 0, 0, 2, strings.at(name), step)
    if gnu_hash:  # one bucket; the chain's last word has its lowest bit set
        chain = b"".join(struct.pack("<I", 2 if i < count - 1 else 3)
                         for i in range(first_defined, count))
        table = struct.pack("<IIII", 1, first_defined, 1, 0) + b"\0" * 8
        table += struct.pack("<I", first_defined if defined else 0) + chain
    else:
        table = struct.pack("<II", 1, count) + b"\0" * 4 * (1 + count)
    program_headers = 3 + (interpreter is not None)
    at = 64 + 56 * program_headers
    place = {}
    body = b""
    for key, data in (("strings", strings.data), ("symbols", symbols), ("hash", table),
                      ("versions", needed), ("interpreter", (interpreter or "").encode() + b"\0")):
        body += b"\0" * (-len(body) % 8)
        place[key] = at + len(body)
        body += data
    body += b"\0" * (-len(body) % 8)
    dynamic += [(5, place["strings"]), (10, len(strings.data)), (6, place["symbols"]), (11, 24),
                (0x6FFFFEF5 if gnu_hash else 4, place["hash"])]
    if versions:
        dynamic += [(0x6FFFFFFE, place["versions"]), (0x6FFFFFFF, len(versions))]
    dynamic.append((0, 0))
    place["dynamic"] = at + len(body)
    dynamic_bytes = b"".join(struct.pack("<QQ", *row) for row in dynamic)
    body += dynamic_bytes
    size = at + len(body)
    rows = [(1, 5, 0, size, align), (2, 6, place["dynamic"], len(dynamic_bytes), 8),
            (0x6474E551, 7 if exec_stack else 6, 0, 0, 16)]
    if interpreter is not None:
        rows.append((3, 4, place["interpreter"], len(interpreter) + 1, 1))
    heads = b"".join(struct.pack("<IIQQQQQQ", kind, flags, where, where, where, length, length, to)
                     for kind, flags, where, length, to in rows)
    ident = b"\177ELF\2\1\1" + b"\0" * 9
    return ident + struct.pack("<HHIQQQIHHHHHH", type, machine, 1, 0, 64, 0, 0, 64, 56,
                               program_headers, 64, 0, 0) + heads + body


def pe(machine=0xAA64, imports=None, delayed=None, exports=(), is_dll=True, chpe=False,
       arm64x=False):
    """A PE32+ image with one section that holds all tables; `exports` may map names to forwarders,
    "DLL.NAME". `chpe` is ARM64EC code in it, `arm64x` what makes it a second image (dynamic value
    relocations)."""
    forwards = exports if isinstance(exports, dict) else {}
    base = 0x1000
    raw = 0x400
    body = bytearray()
    directories = [(0, 0)] * 16

    def add(data):
        body.extend(b"\0" * (-len(body) % 8))
        body.extend(data)
        return base + len(body) - len(data)

    def lookups(names):
        rows = [add(b"\0\0" + name.encode() + b"\0") if isinstance(name, str) else
                (1 << 63) | name for name in names]
        return add(b"".join(struct.pack("<Q", row) for row in rows + [0]))

    if imports:
        rows = b""
        for dll, names in imports.items():
            table = lookups(names)
            rows += struct.pack("<IIIII", table, 0, 0, add(dll.encode() + b"\0"), lookups(names))
        directories[1] = (add(rows + b"\0" * 20), len(rows) + 20)
    if delayed:
        rows = b""
        for dll, names in delayed.items():
            table = lookups(names)
            rows += struct.pack("<IIIIIIII", 1, add(dll.encode() + b"\0"), 0, table, table, 0, 0, 0)
        directories[13] = (add(rows + b"\0" * 32), len(rows) + 32)
    if exports:
        names = [add(name.encode() + b"\0") for name in sorted(exports)]
        table = add(b"".join(struct.pack("<I", name) for name in names))
        ordinals = add(b"".join(struct.pack("<H", i) for i in range(len(names))))
        texts = b"".join(forwards[name].encode() + b"\0" for name in sorted(forwards))
        functions_at, texts_at = add(b"\0" * 4 * len(names)), 0
        head_at = add(b"\0" * 40 + texts)
        functions = b""
        for name in sorted(exports):
            functions += struct.pack("<I", head_at + 40 + texts_at if name in forwards else base)
            texts_at += len(forwards[name]) + 1 if name in forwards else 0
        head = struct.pack("<IIHHIIIIIII", 0, 0, 0, 0, names[0], 1, len(names), len(names),
                           functions_at, table, ordinals)
        body[functions_at - base:functions_at - base + len(functions)] = functions
        body[head_at - base:head_at - base + 40] = head
        directories[0] = (head_at, len(head) + len(texts))
    if chpe or arm64x:
        config = struct.pack("<I", 320) + b"\0" * 196
        config += struct.pack("<Q", 0x180001000 if chpe else 0).ljust(24, b"\0")
        if arm64x:  # one entry, of symbol 6, with four bytes of fixups
            table = add(struct.pack("<IIQII", 1, 16, 6, 4, 0))
            config += struct.pack("<IH", table - base, 1)
        directories[10] = (add(config.ljust(320, b"\0")), 320)
    body.extend(b"\0" * (-len(body) % 512 or (512 if not body else 0)))
    dos = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40)
    coff = b"PE\0\0" + struct.pack("<HHIIIHH", machine, 1, 0, 0, 0, 240,
                                   0x2022 if is_dll else 0x0022)
    optional = struct.pack("<HBBIIIIIQIIHHHHHHIIIIHHQQQQII", 0x20B, 14, 0, 0, len(body), 0, 0, base,
                           0x180000000, 0x1000, 0x200, 6, 2, 0, 0, 6, 2, 0, 0x10000, raw, 0, 2,
                           0x160, 0x100000, 0x1000, 0x100000, 0x1000, 0, 16)
    optional += b"".join(struct.pack("<II", *row) for row in directories)
    section = struct.pack("<8sIIIIIIHHI", b".rdata", len(body), base, len(body), raw, 0, 0, 0, 0,
                          0x40000040)
    return (dos + coff + optional + section).ljust(raw, b"\0") + bytes(body)


def macho(cpu=0x0100000C):
    return struct.pack("<IIIIIII", 0xFEEDFACF, cpu, 0, 8, 0, 0, 0).ljust(64, b"\0")

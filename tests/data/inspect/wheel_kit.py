"""What the cases are made with: a wheel whose every part may be changed before it is saved."""

import base64
import hashlib
import os
import zipfile

from images import elf, pe

LINUX = "demo-1.0-cp313-cp313-manylinux_2_28_aarch64.whl"
MUSL = "demo-1.0-cp313-cp313-musllinux_1_2_aarch64.whl"
WINDOWS = "demo-1.0-cp313-cp313-win_arm64.whl"
PURE = "demo-1.0-py3-none-any.whl"
SO = "demo/fast.cpython-313-aarch64-linux-gnu.so"
PYD = "demo/fast.cp313-win_arm64.pyd"
INFO = "demo-1.0.dist-info"
DATE = (2026, 1, 1, 0, 0, 0)
TIMES = {"libc.so.6": ["GLIBC_2.17"]}
PYTHON = {"python313.dll": ["PyModule_Create2"], "KERNEL32.dll": ["Sleep"],
          "VCRUNTIME140.dll": ["memcpy"], "api-ms-win-crt-heap-l1-1-0.dll": ["free"]}


def module(**options):
    return elf(**{"defined": ["PyInit_fast"], "versions": TIMES, **options})


def windows_module(**options):
    return pe(**{"exports": ["PyInit_fast"], "imports": PYTHON, **options})


def digest(data):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def expand(name):
    *_, pythons, abis, platforms = name[: -len(".whl")].split("-")
    return [f"{p}-{a}-{t}" for p in pythons.split(".") for a in abis.split(".")
            for t in platforms.split(".")]


class Wheel:
    """Files are in order; `record` and `lines` may be changed before save."""

    def __init__(self, name, files, tags=None, metadata=None, wheel=None, info=INFO):
        pure = "true" if name.endswith("-any.whl") else "false"
        self.name = name
        self.info = info
        self.files = {"demo/__init__.py": b"", **files}
        self.files[f"{info}/METADATA"] = (
            b"Metadata-Version: 2.4\nName: demo\nVersion: 1.0\n" if metadata is None else metadata)
        self.files[f"{info}/WHEEL"] = wheel if wheel is not None else (
            f"Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: {pure}\n" +
            "".join(f"Tag: {tag}\n" for tag in tags or expand(name))).encode()
        self.lines = [f"{path},{digest(data)},{len(data)}" for path, data in self.files.items()]
        self.lines.append(f"{info}/RECORD,,")
        self.has_record = True
        self.after = None  # changes the archive's bytes

    def entries(self):
        yield from self.files.items()
        if self.has_record:
            yield f"{self.info}/RECORD", "".join(line + "\n" for line in self.lines).encode()

    def save(self, folder, more=()):
        path = os.path.join(folder, self.name)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in [*self.entries(), *more]:
                entry = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name, DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, data)
        if self.after:
            with open(path, "rb") as file:
                data = self.after(bytearray(file.read()))
            with open(path, "wb") as file:
                file.write(data)
        return self


def linux(folder, data, name=LINUX, path=SO, **more):
    Wheel(name, {path: data}, **more).save(folder)


def windows(folder, data, name=WINDOWS, path=PYD, **more):
    Wheel(name, {path: data}, **more).save(folder)


def raw(folder, change, name=PURE):
    wheel = Wheel(name, {"demo/data.txt": b"data " * 40})
    wheel.after = change
    wheel.save(folder)


def extra(folder, name, data=b"x", hashed=True):
    wheel = Wheel(PURE, {})
    if hashed:
        wheel.lines.append(f"{name},{digest(data)},{len(data)}")
    wheel.save(folder, [(name, data)])


def rename(data, old, new, last_only=False):
    """In the directory (and in local headers), names of one length."""
    at = data.rfind(old) if last_only else data.find(old)
    while at >= 0:
        data[at:at + len(old)] = new
        at = -1 if last_only else data.find(old, at + 1)
    return data


def end_of(data):
    return data.rfind(b"PK\5\6")

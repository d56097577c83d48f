"""What others say of a wheel and its binaries, in the words of `wheelfarm inspect --json`: readelf of
binutils, pefile, auditwheel's policies, abi3audit. None of them asks the network for a file at hand."""

import pathlib
import re
import subprocess

import pefile
from abi3audit._audit import audit
from abi3audit._extract import WheelExtractor, WheelSpec
from auditwheel.error import WheelToolsError
from auditwheel.wheel_abi import analyze_wheel_abi
from auditwheel.wheeltools import get_wheel_architecture, get_wheel_libc

MACHINES = {"AArch64": "aarch64", "Advanced Micro Devices X86-64": "x86_64"}
PE_MACHINES = {0xAA64: "aarch64", 0x8664: "x86_64", 0x14C: "i686"}
INIT = re.compile(r"Py(Init|InitU|ModExport|ModExportU)_")
PYTHON_DLL = re.compile(r"python\d+t?(_d)?\.dll", re.I)


def readelf(path):
    """The facts of an ELF image that the report has too."""
    done = subprocess.run(["readelf", "-hdlVW", "--dyn-syms", str(path)], capture_output=True, check=True)
    text = done.stdout.decode()
    loads = [int(line.split()[-1], 16) for line in text.splitlines() if line.startswith("  LOAD ")]
    stack = re.search(r"^  GNU_STACK .* (RWE|RW|R) ", text, re.M)
    versions, library = [], None
    for line in text.splitlines():
        if found := re.search(r"Version: 1  File: (\S+)  Cnt:", line):
            library = found[1]
        elif found := re.search(r"^\s+0x[0-9a-f]+:\s+Name: (\S+)\s+Flags: ", line):
            versions.append(f"{library}:{found[1]}")
    undefined, defined = [], []
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 8 and words[0].endswith(":") and words[0][:-1].isdigit():
            name = words[7].split("@")[0]
            if words[6] == "UND":
                undefined.append((name, words[4]))
            elif words[4] != "LOCAL":
                defined.append(name)
    glibc = [tuple(map(int, v.split("."))) for v in re.findall(r"Name: GLIBC_([\d.]+) ", text)]
    return {
        "machine": MACHINES[re.search(r"Machine:\s+(.*)", text)[1].strip()],
        "needs": re.findall(r"\(NEEDED\).*\[(.*)\]", text),
        "soname": next(iter(re.findall(r"\(SONAME\).*\[(.*)\]", text)), None),
        "rpaths": re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]", text),
        "symbol_versions": versions,
        "page_size": min(loads),
        "exec_stack": bool(stack and stack[1] == "RWE"),
        "text_relocations": "(TEXTREL)" in text or "TEXTREL" in "".join(re.findall(r"\(FLAGS\)(.*)", text)),
        "glibc": None if not glibc or "libc.musl-" in text else ".".join(map(str, max(glibc)[:2])),
        "python_symbols": sorted(n for n, bind in undefined if n.startswith(("Py", "_Py")) and bind != "WEAK"),
        "init_functions": sorted(filter(INIT.match, defined)),
    }


def pe_facts(data):
    """The facts of a PE image, of pefile."""
    pe = pefile.PE(data=data, fast_load=True)
    pe.parse_data_directories(directories=[
        pefile.DIRECTORY_ENTRY[f"IMAGE_DIRECTORY_ENTRY_{name}"]
        for name in ("IMPORT", "DELAY_IMPORT", "EXPORT")], import_dllnames_only=False)
    now = getattr(pe, "DIRECTORY_ENTRY_IMPORT", [])
    later = getattr(pe, "DIRECTORY_ENTRY_DELAY_IMPORT", [])
    needs, pythons = [], []
    for entry in [*now, *later]:
        dll = entry.dll.decode()
        if dll.lower() not in map(str.lower, needs):
            needs.append(dll)
        if PYTHON_DLL.fullmatch(dll):
            pythons += [symbol.name.decode() for symbol in entry.imports if symbol.name]
    exports = getattr(pe, "DIRECTORY_ENTRY_EXPORT", None)
    names = [symbol.name.decode() for symbol in exports.symbols if symbol.name] if exports else []
    return {
        "machine": PE_MACHINES[pe.FILE_HEADER.Machine],
        "needs": needs,
        "delayed": [entry.dll.decode() for entry in later],
        "python_symbols": sorted(pythons),
        "init_functions": sorted(filter(INIT.match, names)),
    }


def auditwheel_policy(path):
    """The lowest policy that the wheel keeps, or None; `auditwheel show` without its printing."""
    name = pathlib.Path(path).name
    try:
        libc = get_wheel_libc(name)
    except WheelToolsError:  # linux_x86_64: the files say
        libc = None
    found = analyze_wheel_abi(
        libc, get_wheel_architecture(name), pathlib.Path(path), frozenset(),
        disable_isa_ext_check=True, allow_graft=False)
    policy = found.overall_policy.name
    return None if policy.startswith("linux_") else policy


def abi3audit(path):
    """{path's last part: (symbols outside of abi3, {symbol: version too new})}."""
    answers = {}
    for image in WheelExtractor(WheelSpec(str(path))):
        result = audit(image)
        answers[image.path.name] = (
            {symbol.name for symbol in result.non_abi3_symbols},
            {item.symbol.name: str(item.added) for item in result.future_abi3_objects})
    return answers

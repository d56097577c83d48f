"""One sdist built in three ways, by zig, by Debian's cross-compiler and by GCC in the emulated ARM64 root: the wheels
have the same name and tags, and their module exports and needs the same. The backend lies within the sdist: no index."""

import io
import json
import re
import shutil
import subprocess
import tarfile
import zipfile

import pytest

from conftest import CACHE, image_is_there
from test_hostile_sdists import ROOT

WHEELFARM = ROOT / "build/wheelfarm"
TARGET = "cp313-manylinux_2_28_aarch64"
# Parts of the C library itself, which are always there; whether they are asked for by name is the linker's habit.
C_LIBRARY = {"ld-linux-aarch64.so.1", "libdl.so.2", "libpthread.so.0", "librt.so.1"}
MODES = {"cross": "zig", "cross-gcc": "gcc", "emulated": "gcc"}

pytestmark = [
    pytest.mark.skipif(not image_is_there("trixie-arm64-builder"),
                       reason="no image to build in as on ARM (./farm prepare examples/modes.yaml)"),
    pytest.mark.skipif(not any((CACHE / "gcc").glob("amd64-*")) or not any((CACHE / "gcc").glob("arm64-*")),
                       reason="no GCC (tools/prepare/gcc.sh amd64; … arm64)"),
]

BACKEND = r'''
import os, platform, subprocess, sysconfig, zipfile
def run(*words):
    subprocess.run([w for word in words for w in os.environ.get(word, word).split()], check=True)
def build_wheel(folder, settings=None, metadata=None):
    print("built on", platform.machine())
    suffix = os.environ["SETUPTOOLS_EXT_SUFFIX"]
    assert suffix == sysconfig.get_config_var("EXT_SUFFIX"), sysconfig.get_config_var("EXT_SUFFIX")
    include = "-I" + sysconfig.get_path("include")
    run("CC", "-fPIC", "-O2", include, "-c", "demo.c", "-o", "c.o")
    run("CXX", "-fPIC", "-O2", include, "-c", "part.cc", "-o", "cc.o")
    run("LDCXXSHARED", "c.o", "cc.o", "-o", "demo" + suffix)
    platform_tag = sysconfig.get_platform().replace("-", "_")
    name = "demo-1.0-cp313-cp313-%s.whl" % platform_tag
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        archive.write("demo" + suffix)
        archive.writestr("demo-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
        archive.writestr("demo-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\n"
                         "Tag: cp313-cp313-%s\n" % platform_tag)
        archive.writestr("demo-1.0.dist-info/RECORD", "")
    return name
'''
FILES = {
    "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
    "backend.py": BACKEND,
    # pow got a new version with glibc 2.29, above the floor of the target
    "demo.c": "#include <Python.h>\n#include <math.h>\nint part(const char *);\n"
              "static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, \"demo\", NULL, -1, NULL};\n"
              "double demo_pow(double x) { return pow(x, part(\"3\")); }\n"
              "PyMODINIT_FUNC PyInit_demo(void) { return PyModule_Create(&def); }\n",
    "part.cc": "extern \"C\" int part(const char *s)\n"
               "{ try { if (!s) { throw 1; } return s[0] - '0'; } catch (int) { return -1; } }\n",
}


def attempt(folder, mode):
    tree = folder / "recipes"
    shutil.copytree(ROOT / "recipes", tree, ignore=shutil.ignore_patterns("*.c", "*.h"))
    target = tree / f"targets/{TARGET}.yaml"
    target.write_text(re.sub(r"^(tester|executor):.*\n", "", target.read_text(), flags=re.M))  # the build alone
    with tarfile.open(folder / "demo-1.0.tar.gz", "w:gz") as archive:
        for name, text in FILES.items():
            info = tarfile.TarInfo(f"demo-1.0/{name}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    done = subprocess.run(
        [WHEELFARM, "recipe", "try", "demo", "--source", folder / "demo-1.0.tar.gz", "--recipes", tree, "--mode", mode,
         "--dir", folder / "try", "--keep", "--json"], capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    work = next((folder / "try/work").glob("slot*"))
    return json.loads(done.stdout), work


def seen(wheel, folder):
    with zipfile.ZipFile(wheel) as archive:
        module = archive.extract(next(n for n in archive.namelist() if n.endswith(".so")), folder)
        tags = [line for line in archive.read("demo-1.0.dist-info/WHEEL").decode().splitlines() if line.startswith("Tag")]
    names = subprocess.run(["nm", "-D", "--defined-only", module], capture_output=True, text=True, check=True).stdout
    exported = {line.split()[-1] for line in names.splitlines()}
    needed = subprocess.run(["readelf", "-dW", module], capture_output=True, text=True, check=True).stdout
    return {"name": wheel.name, "tags": tags, "exports": {n for n in exported if n in ("PyInit_demo", "demo_pow", "part")},
            "needs": set(re.findall(r"\(NEEDED\).*\[(.+)\]", needed)) - C_LIBRARY}


def test_three_ways_make_the_same_wheel(tmp_path):
    tmp_path.chmod(0o755)
    ways = {}
    for mode, compiler in MODES.items():
        folder = tmp_path / mode
        folder.mkdir(mode=0o755)
        result, work = attempt(folder, mode)
        assert result["mode"] == ("emulated" if mode == "emulated" else "cross")
        assert result["toolchain"].startswith(compiler)
        log = (work / "log").read_text()
        assert ("built on aarch64" if mode == "emulated" else "built on") in log
        told = (work / "kept/toolchain.txt").read_text()
        assert "CC=/wheelfarm/sdk/bin/cc\n" in told
        assert ("== toolchain.cmake\n" in told) == (mode != "emulated")
        ways[mode] = seen(next((work / "out").glob("*.whl")), folder)
    assert ways["cross"]["name"] == f"demo-1.0-cp313-cp313-{TARGET.split('-')[1]}.whl"
    assert ways["cross"]["needs"] == {"libc.so.6", "libm.so.6"}
    assert ways["cross"]["exports"] == {"PyInit_demo", "demo_pow", "part"}
    assert ways["cross"] == ways["cross-gcc"] == ways["emulated"]

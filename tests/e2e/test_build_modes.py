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


# A module in Rust without a crate: what it takes of Python it declares itself.
RUST_FILES = {
    "pyproject.toml": FILES["pyproject.toml"],
    "backend.py": r'''
import os, platform, subprocess, sysconfig, zipfile
def build_wheel(folder, settings=None, metadata=None):
    print("built on", platform.machine())
    subprocess.run(["cargo", "build", "--release", "--locked"], check=True)
    target = os.path.join("target", os.environ.get("CARGO_BUILD_TARGET", ""), "release", "libdemo.so")
    name = "demo-1.0-cp313-cp313-%s.whl" % sysconfig.get_platform().replace("-", "_")
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        archive.write(target, "demo" + os.environ["SETUPTOOLS_EXT_SUFFIX"])
        archive.writestr("demo-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
        archive.writestr("demo-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\n"
                         "Tag: cp313-cp313-%s\n" % name.split("-")[-1][:-len(".whl")])
        archive.writestr("demo-1.0.dist-info/RECORD", "")
    return name
''',
    "Cargo.toml": '[package]\nname = "demo"\nversion = "1.0.0"\nedition = "2021"\n[lib]\ncrate-type = ["cdylib"]\n',
    "Cargo.lock": 'version = 4\n\n[[package]]\nname = "demo"\nversion = "1.0.0"\n',
    "build.rs": "fn main() { println!(\"cargo:warning=built by {}\", std::env::consts::ARCH); }\n",
    "src/lib.rs": r'''
use std::ffi::c_void;
#[repr(C)]
pub struct Definition {
    references: isize, kind: *const c_void, init: *const c_void, index: isize, copy: *const c_void,
    name: *const u8, text: *const u8, size: isize, rest: [*const c_void; 5],
}
const NOTHING: *const c_void = std::ptr::null();
static mut DEFINITION: Definition = Definition {
    references: 1, kind: NOTHING, init: NOTHING, index: 0, copy: NOTHING,
    name: b"demo\0".as_ptr(), text: b"\0".as_ptr(), size: -1, rest: [NOTHING; 5],
};
extern "C" { fn PyModule_Create2(definition: *mut Definition, version: i32) -> *mut c_void; }
#[no_mangle]
pub extern "C" fn PyInit_demo() -> *mut c_void {
    let words = std::panic::catch_unwind(|| vec![1, 2, 3].iter().map(|n| n * 2).sum::<i32>());
    assert_eq!(words.unwrap(), 12);
    unsafe { PyModule_Create2(&raw mut DEFINITION, 1013) }
}
''',
}
RUST = {"cross": "[0-9]*", "emulated": "arm64-*"}


def attempt(folder, mode, files=None, recipe=None):
    tree = folder / "recipes"
    shutil.copytree(ROOT / "recipes", tree, ignore=shutil.ignore_patterns("*.c", "*.h"))
    if recipe:
        (tree / "packages/demo.yaml").write_text("schema: 1\nname: demo\nrevision: 1\n" + recipe)
    else:  # the build alone
        target = tree / f"targets/{TARGET}.yaml"
        target.write_text(re.sub(r"^(tester|executor):.*\n", "", target.read_text(), flags=re.M))
    with tarfile.open(folder / "demo-1.0.tar.gz", "w:gz") as archive:
        for name, text in (files or FILES).items():
            info = tarfile.TarInfo(f"demo-1.0/{name}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    done = subprocess.run(
        [WHEELFARM, "recipe", "try", "demo", "--source", folder / "demo-1.0.tar.gz", "--recipes", tree, "--mode", mode,
         "--dir", folder / "try", "--keep", "--json"], capture_output=True, text=True, timeout=1200, check=False)
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


@pytest.mark.parametrize("mode", RUST)
def test_rust_runs_where_the_package_is_built(tmp_path, mode):
    if not any((CACHE / "rust").glob(RUST[mode])):
        pytest.skip("no Rust (tools/prepare/rust.sh; … arm64): made when a configuration has a package that asks for it")
    tmp_path.chmod(0o755)
    result, work = attempt(tmp_path, mode, RUST_FILES, "tools: [rust]\n")
    assert [i["ok"] and i["native"] for i in result["imports"]] == [True]
    log = (work / "log").read_text()
    builder = "aarch64" if mode == "emulated" else "x86_64"
    assert f"built by {builder}" in log and "Compiling demo" in log
    assert "rustc 1." in result["toolchain"]
    module = seen(next((work / "out").glob("*.whl")), tmp_path)
    assert module["name"] == f"demo-1.0-cp313-cp313-{TARGET.split('-')[1]}.whl" and module["exports"] == {"PyInit_demo"}

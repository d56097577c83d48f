"""`repair` of a wheel whose module needs a library that manylinux does not promise: put in with what that needs itself, as
auditwheel does it, and the module finds it there. The libraries are Debian's, of the ARM64 image."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

from conftest import CACHE, image_revision
from test_hostile_sdists import ROOT

AGENT = ROOT / "build/wheelfarm-agent"
PLATFORM = "manylinux_2_39_aarch64"
IMAGE = CACHE / f"images/trixie-arm64-test-{image_revision('trixie-arm64-test')}"
LIBRARIES = IMAGE / "root/usr/lib/aarch64-linux-gnu"
GCC = next(iter(sorted((CACHE / "gcc").glob("amd64-*/identity"))), CACHE / "gcc/none/identity").parent
SOURCE = "void *SSL_CTX_new(void *); void *TLS_method(void);\nvoid *PyInit_demo(void) { return SSL_CTX_new(TLS_method()); }\n"

pytestmark = [
    pytest.mark.skipif(not (IMAGE / "identity").exists(), reason="no ARM64 image (./farm prepare)"),
    pytest.mark.skipif(not GCC.exists(), reason="no cross-compiler (tools/prepare/gcc.sh amd64)"),
    pytest.mark.skipif(shutil.which("patchelf") is None, reason="no patchelf"),
]


def readelf(path):
    text = subprocess.run(["readelf", "-dW", path], capture_output=True, text=True, check=True).stdout
    return {what: re.findall(rf"\({tag}\).*\[(.*)\]", text)
            for what, tag in (("needs", "NEEDED"), ("soname", "SONAME"), ("runpath", "RUNPATH"), ("rpath", "RPATH"))}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    (folder / "demo.c").write_text(SOURCE)
    subprocess.run(
        [GCC / "usr/bin/aarch64-linux-gnu-gcc-10", f"--sysroot={GCC}", "-shared", "-fPIC", "-s", "-o", folder / "demo.so",
         folder / "demo.c", LIBRARIES / "libssl.so.3", "-Wl,-rpath,/wheelfarm/src/build:$ORIGIN/near",
         "-Wl,--enable-new-dtags,--allow-shlib-undefined"],
        check=True, env={"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": str(GCC / "usr/lib/x86_64-linux-gnu")})
    path = folder / "demo-1.0-cp313-cp313-linux_aarch64.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(folder / "demo.so", "demo/demo.cpython-313-aarch64-linux-gnu.so")
        archive.writestr("demo/__init__.py", "")
        archive.writestr("demo-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
        archive.writestr("demo-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: demo\nRoot-Is-Purelib: false\n"
                         "Tag: cp313-cp313-linux_aarch64\n")
        archive.writestr("demo-1.0.dist-info/RECORD", "".join(f"{name},,\n" for name in (*archive.namelist(), "demo-1.0.dist-info/RECORD")))
    return path


def repair(wheel, out, libraries):
    out.mkdir()
    done = subprocess.run([AGENT, "--stage", "repair", wheel, out, PLATFORM, "native", "946684800", libraries],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl")), done.stdout


def unpacked(wheel, folder):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return {str(p.relative_to(folder)): readelf(p) for p in folder.rglob("*.so*")}


def inspect(wheel):
    done = subprocess.run([ROOT / "build/wheelfarm", "inspect", wheel, "--json", "--target", f"cp313-{PLATFORM}"],
                          capture_output=True, text=True, check=False)
    return {problem["code"] for problem in json.loads(done.stdout)["problems"]}


def test_what_is_needed_goes_in(wheel, tmp_path):
    made, said = repair(wheel, tmp_path / "ours", f"/nowhere:{LIBRARIES}")
    images = unpacked(made, tmp_path / "unpacked")
    module = images.pop("demo/demo.cpython-313-aarch64-linux-gnu.so")
    assert f"put in {len(images)} libraries" in said
    assert not inspect(made)
    # libssl and what it needs, each under its new name, found beside each other
    assert module["runpath"] == ["$ORIGIN/near:$ORIGIN/../demo.libs"] and not module["rpath"]
    names = {pathlib.Path(path).name for path in images}
    assert {re.sub(r"-[0-9a-f]{8}\.so", ".so", name) for name in names} >= {"libssl.so.3", "libcrypto.so.3"}
    for path, image in images.items():
        assert path.startswith("demo.libs/") and image["soname"] == [pathlib.Path(path).name]
        assert image["runpath"] in ([], ["$ORIGIN"]) and not image["rpath"]
    for image in (module, *images.values()):
        assert {n for n in image["needs"] if n.startswith(("libssl", "libcrypto", "libzstd"))} <= names
    # the same bytes again
    again, _ = repair(wheel, tmp_path / "again", f"/nowhere:{LIBRARIES}")
    assert made.read_bytes() == again.read_bytes()


def test_auditwheel_does_the_same(wheel, tmp_path):
    auditwheel = pathlib.Path(sys.executable).parent / "auditwheel"
    # auditwheel refuses Debian 12's patchelf 0.14.3, which mixes up names when told several changes in one call; what a
    # library needs of another is therefore not compared
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/patchelf").write_text('#!/bin/sh\n[ "$1" != --version ] || exec echo patchelf 0.14.5\n'
                                           f'exec {shutil.which("patchelf")} "$@"\n')
    (tmp_path / "bin/patchelf").chmod(0o755)
    done = subprocess.run([auditwheel, "repair", "--plat", "auto", "-w", tmp_path / "theirs", wheel],
                          capture_output=True, text=True, check=False,
                          env={"PATH": f"{tmp_path}/bin:{auditwheel.parent}:{os.environ['PATH']}", "LD_LIBRARY_PATH": str(LIBRARIES)})
    assert done.returncode == 0, done.stderr
    made, _ = repair(wheel, tmp_path / "ours", str(LIBRARIES))
    theirs = next((tmp_path / "theirs").glob("*.whl"))
    ours, others = unpacked(made, tmp_path / "a"), unpacked(theirs, tmp_path / "b")
    assert ours.keys() == others.keys()
    module = "demo/demo.cpython-313-aarch64-linux-gnu.so"
    assert ours[module]["needs"] == others[module]["needs"]
    shown = subprocess.run([auditwheel, "show", "--json", made], capture_output=True, text=True, check=True).stdout
    assert json.loads(shown)["overall_tag"] == re.search(r"manylinux_2_\d+_aarch64", theirs.name)[0]


def test_what_is_nowhere_stays_outside(wheel, tmp_path):
    made, said = repair(wheel, tmp_path / "ours", "")
    assert "put in" not in said
    assert inspect(made) == {"library_not_allowed"}  # the path into the build's own folder is gone all the same


def test_the_module_finds_them_on_arm(wheel, tmp_path):
    made, _ = repair(wheel, tmp_path / "ours", str(LIBRARIES))
    unpacked(made, tmp_path / "site")
    code = ("import ctypes, glob; d = ctypes.CDLL(glob.glob('/site/demo/*.so')[0]); d.PyInit_demo.restype = ctypes.c_void_p\n"
            "assert d.PyInit_demo(); print(sorted({l.split('/')[-1].strip() for l in open('/proc/self/maps') if '/demo.libs/' in l}))")
    root = IMAGE / "root"
    done = subprocess.run(
        ["bwrap", "--ro-bind", root / "usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--proc",
         "/proc", "--dev", "/dev", "--ro-bind", tmp_path / "site", "/site", "/usr/bin/python3.13", "-S", "-c", code],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "libssl-" in done.stdout and "libcrypto-" in done.stdout

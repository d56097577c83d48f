"""tools/prepare/zig_tool.sh, the compiler wrappers of an SDK: what reaches zig of what a build says. zig is a script here
that prints its arguments; the folders lie where a build's sandbox has them."""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
WINDOWS = "zig_target=aarch64-windows-gnu\nmodule_flags=-lpython313\nstable_flags=-lpython3\n"
LINUX = "zig_target=aarch64-linux-gnu.2.28\n"
NO_IMPLIB = ["-Wl,--out-implib,/tmp/unwanted.lib"]


@pytest.fixture
def wrapper(tmp_path):
    mingw = tmp_path / "zig/lib/libc/mingw"
    for name in ("lib-common/powrprof.def", "lib64/ws2_32.def.in"):
        (mingw / name).parent.mkdir(parents=True, exist_ok=True)
        (mingw / name).touch()
    (tmp_path / "zig/zig").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tmp_path / "sdk/bin").mkdir(parents=True)
    for tool in ("cc", "windres", "strip"):
        (tmp_path / "sdk/bin" / tool).write_bytes((ROOT / "tools/prepare/zig_tool.sh").read_bytes())
    for path in (tmp_path / "zig/zig", *(tmp_path / "sdk/bin").iterdir()):
        path.chmod(0o755)

    def run(target, tool, *arguments):
        (tmp_path / "sdk/target.env").write_text(target)
        done = subprocess.run(
            ["bwrap", "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink",
             "usr/lib64", "/lib64", "--dev", "/dev", "--ro-bind", tmp_path, "/wheelfarm", f"/wheelfarm/sdk/bin/{tool}", *arguments],
            capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]})
        return done.stdout.splitlines()
    return run


@pytest.mark.parametrize("said, passed", [
    (["-lPowrProf"], ["-lpowrprof"]),  # an import library of zig's, whatever its case
    (["-lWS2_32"], ["-lws2_32"]),
    (["-lMyOwn"], ["-lMyOwn"]),  # a library of the package keeps its name
    (["-Wl,/wheelfarm/src/list.def"], ["/wheelfarm/src/list.def"]),  # rustc names its exports so
    (["-nolibc", "-lmingw32", "-Wl,-O1", "--target=aarch64-pc-windows-gnullvm"], []),
    (["-lucrt", "-static", "-mlong-double-64", "-lm"], ["-lm"]),  # of Meson files, for MinGW's GCC
    (["-o", "a.lib", "-c", "a.c", "libs/python313.lib", "b.a"], ["-o", "a.lib", "-c", "a.c"]),  # nothing is linked yet
    (["a.o", "libs/python313.lib"], ["a.o", "libs/python313.lib"]),
    (["-Wl,-Bstatic", "-lyyjson", "-Wl,-Bdynamic", "-lpython3"], ["-lyyjson", "-lpython3"]),
    (["-shared", "-o", "a.cp313-win_arm64.pyd"], ["-shared", "-o", "a.cp313-win_arm64.pyd", "-lpython313", *NO_IMPLIB]),
    (["-shared", "-o", "a.pyd"], ["-shared", "-o", "a.pyd", "-lpython3", *NO_IMPLIB]),
    (["-shared", "-Wl,--out-implib=a.dll.a", "-o", "a.pyd"], ["-shared", "-Wl,--out-implib=a.dll.a", "-o", "a.pyd", "-lpython3"]),
    (["-shared", "-o", "plain.dll"], ["-shared", "-o", "plain.dll"]),
])
def test_what_a_windows_compiler_is_told(wrapper, said, passed):
    ours = ["cc", "-target", "aarch64-windows-gnu", "-fno-sanitize=undefined", "-s", "-Wno-error", "-isystem",
            "/wheelfarm/sdk/host/include", "-L/wheelfarm/sdk/libs"]
    assert [word for word in wrapper(WINDOWS, "cc", *said) if word not in ours] == passed


def test_a_linux_compiler_is_told_what_the_build_says(wrapper):
    said = ["-shared", "-lPowrProf", "-Wl,-O1", "-o", "a.cpython-313-aarch64-linux-gnu.so", "a b.c"]
    assert wrapper(LINUX, "cc", *said)[4:10] == said


@pytest.mark.parametrize("said, passed", [
    (["-O", "coff", "-DA=1", "-I", "inc", "-Iother", "a.rc", "a.obj"], ["/d", "A=1", "/i", "inc", "/i", "other", "--", "a.rc", "a.obj"]),
    (["-i", "/src/a.rc", "-D", "B", "-o", "/out/a.o"], ["/d", "B", "--", "/src/a.rc", "/out/a.o"]),
])
def test_windres_is_translated_for_zigs_resource_compiler(wrapper, said, passed):
    assert wrapper(WINDOWS, "windres", *said) == ["rc", "/:output-format", "coff", "/:target", "aarch64", *passed]


def test_strip_has_nothing_to_do(wrapper):
    assert wrapper(LINUX, "strip", "a.so") == []

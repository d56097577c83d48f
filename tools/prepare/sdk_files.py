"""Write an SDK's text files: wrappers, sysconfig data, environment, CMake and Meson files.

    python3 sdk_files.py TARGET SDK_DIR SYSCONFIGDATA.py    Linux: what the target's own Python says
    python3 sdk_files.py TARGET SDK_DIR ZIG_DIR             Windows: whose headers of Windows are laid out

One description of the target, every build system's dialect of it: a backend that reads only its own must not find the
builder's answers. Paths are those inside the sandbox (/wheelfarm/sdk), not where this runs.
"""
import json
import os
import pprint
import shutil
import sys

INSIDE = "/wheelfarm/sdk"
TOOLS = ("cc", "c++", "ar", "ranlib", "strip", "objcopy", "dlltool", "rc", "windres")

TARGETS = {
    "cp313-manylinux_2_28_aarch64": {
        "python": "3.13",
        "zig_target": "aarch64-linux-gnu.2.28",  # the glibc floor is in the triple
        "compile_flags": "",
        "module_flags": "",
        "stable_flags": "",
        "host_platform": "linux-aarch64",
        "ext_suffix": ".cpython-313-aarch64-linux-gnu.so",
        "soabi": "cpython-313-aarch64-linux-gnu",
        "multiarch": "aarch64-linux-gnu",
        "cmake_system": "Linux",
        "cmake_processor": "aarch64",
        "meson_system": "linux",
        "import_library": "",
        "longdouble": "IEEE_QUAD_LE",
        "cargo": "aarch64-unknown-linux-gnu",
    },
    "cp313-win_arm64": {
        "python": "3.13",
        "zig_target": "aarch64-windows-gnu",
        "compile_flags": "-ivfsoverlay %s/headers.yaml" % INSIDE,
        "module_flags": "-lpython313",
        "stable_flags": "-lpython3",
        "host_platform": "win-arm64",
        "ext_suffix": ".cp313-win_arm64.pyd",
        "soabi": "cp313-win_arm64",
        "multiarch": "",
        "cmake_system": "Windows",
        "cmake_processor": "ARM64",
        "meson_system": "windows",
        "import_library": "python313",
        "longdouble": "IEEE_DOUBLE_LE",
        "cargo": "aarch64-pc-windows-gnullvm",
    },
}


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def sysconfig_variables(target, source):
    """build_time_vars: the target's own where it has some, then what differs because zig compiles."""
    variables = {}
    if source:
        scope = {}
        with open(source, encoding="utf-8") as file:
            exec(compile(file.read(), source, "exec"), scope)  # Debian's file, one dict
        variables.update(scope["build_time_vars"])
    cc, cxx = INSIDE + "/bin/cc", INSIDE + "/bin/c++"
    flags = "-fno-strict-overflow -DNDEBUG -O2"
    variables.update({
        "CC": cc, "CXX": cxx, "LINKCC": cc, "LDSHARED": cc + " -shared", "BLDSHARED": cc + " -shared",
        "LDCXXSHARED": cxx + " -shared", "AR": INSIDE + "/bin/ar", "ARFLAGS": "rcs", "RANLIB": INSIDE + "/bin/ranlib",
        "STRIP": INSIDE + "/bin/strip", "CFLAGS": flags, "OPT": "-DNDEBUG -O2", "PY_CFLAGS": flags, "LDFLAGS": "",
        "PY_LDFLAGS": "", "CPPFLAGS": "", "PY_CORE_LDFLAGS": "", "CONFIGURE_CFLAGS": "", "CONFIGURE_LDFLAGS": "",
        "CCSHARED": "-fPIC" if target["cmake_system"] == "Linux" else "",
        "EXT_SUFFIX": target["ext_suffix"], "SHLIB_SUFFIX": os.path.splitext(target["ext_suffix"])[1],
        "SOABI": target["soabi"], "MULTIARCH": target["multiarch"], "VERSION": target["python"], "ABIFLAGS": "",
        "LDVERSION": target["python"], "Py_DEBUG": 0, "Py_GIL_DISABLED": 0, "Py_ENABLE_SHARED": 0,
        "HOST_GNU_TYPE": target["cargo"], "BUILD_GNU_TYPE": "x86_64-pc-linux-gnu", "MACHDEP": target["meson_system"],
        "INCLUDEPY": "/usr/include/python" + target["python"], "CONFINCLUDEPY": "/usr/include/python" + target["python"],
        "LIBDIR": INSIDE + "/libs", "LIBPL": INSIDE + "/libs", "LDLIBRARY": "", "BLDLIBRARY": "", "LIBS": "", "SYSLIBS": "",
        "LOCALMODLIBS": "", "MODLIBS": "", "LIBM": "", "SIZEOF_VOID_P": 8, "prefix": "/usr", "exec_prefix": "/usr",
    })
    if target["import_library"]:  # scikit-build-core and Meson look for the library that a module of Windows links to
        variables.update({"LDLIBRARY": target["import_library"] + ".lib", "LIBPC": INSIDE + "/libs/pkgconfig"})
    return variables


def headers_of_any_case(zig):
    """Windows does not tell Winsvc.h from winsvc.h, its programmers neither: a clang overlay that finds both."""
    below = "lib/libc/include/any-windows-any"

    def entries(folder, inside):
        for name in sorted(os.listdir(folder)):
            path, seen = os.path.join(folder, name), inside + "/" + name
            if os.path.isdir(path):
                yield {"name": name, "type": "directory", "contents": list(entries(path, seen))}
            else:
                yield {"name": name, "type": "file", "external-contents": seen}

    root = "/wheelfarm/zig/" + below
    return json.dumps({"version": 0, "case-sensitive": "false", "roots": [
        {"name": root, "type": "directory", "contents": list(entries(os.path.join(zig, below), root))}]})


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in TARGETS:
        print(__doc__, file=sys.stderr)
        return 2
    target, sdk = TARGETS[sys.argv[1]], sys.argv[2]
    windows = target["cmake_system"] == "Windows"
    variables = sysconfig_variables(target, None if windows else sys.argv[3])
    if windows:
        write(os.path.join(sdk, "headers.yaml"), headers_of_any_case(sys.argv[3]))

    os.makedirs(os.path.join(sdk, "bin"), exist_ok=True)
    os.makedirs(os.path.join(sdk, "libs"), exist_ok=True)
    wrapper = os.path.join(os.path.dirname(os.path.abspath(__file__)), "zig_tool.sh")
    for tool in TOOLS:
        shutil.copyfile(wrapper, os.path.join(sdk, "bin", tool))
        os.chmod(os.path.join(sdk, "bin", tool), 0o755)
    write(os.path.join(sdk, "target.env"), "".join(
        "%s='%s'\n" % (key, target[key]) for key in ("zig_target", "compile_flags", "module_flags", "stable_flags")))
    write(os.path.join(sdk, "python", "_sysconfigdata_wheelfarm.py"),
          "# made by tools/prepare/sdk_files.py\nbuild_time_vars = " + pprint.pformat(variables, width=110) + "\n")

    # maturin reads the same file, but knows a CPython by a SOABI that no Windows has. It lies where a Python has it: build
    # scripts find the headers from there.
    named = dict(variables, SOABI="cpython-" + target["python"].replace(".", ""))
    write(os.path.join(sdk, "pyo3/lib", "python" + target["python"], "_sysconfigdata_wheelfarm.py"),
          "build_time_vars = " + pprint.pformat(named if windows else variables, width=110) + "\n")
    os.makedirs(os.path.join(sdk, "pyo3/include"), exist_ok=True)
    os.symlink("../../include", os.path.join(sdk, "pyo3/include", "python" + target["python"]))

    binary = INSIDE + "/bin/"
    upper = target["cargo"].upper().replace("-", "_")
    lower = target["cargo"].replace("-", "_")
    environment = {
        # sysconfig and setuptools
        "_PYTHON_HOST_PLATFORM": target["host_platform"],
        "_PYTHON_SYSCONFIGDATA_NAME": "_sysconfigdata_wheelfarm",
        "PYTHONPATH": INSIDE + "/python",
        "SETUPTOOLS_EXT_SUFFIX": target["ext_suffix"],
        "CC": binary + "cc", "CXX": binary + "c++", "LDSHARED": binary + "cc -shared",
        "LDCXXSHARED": binary + "c++ -shared", "AR": binary + "ar", "RANLIB": binary + "ranlib", "STRIP": binary + "strip",
        "CFLAGS": "", "CXXFLAGS": "", "LDFLAGS": "",
        # pkg-config must not offer the builder's libraries
        "PKG_CONFIG_LIBDIR": INSIDE + "/libs/pkgconfig",
        # CMake, scikit-build-core
        "CMAKE_TOOLCHAIN_FILE": INSIDE + "/toolchain.cmake",
        # Rust
        "CARGO_BUILD_TARGET": target["cargo"], "CARGO_TARGET_%s_LINKER" % upper: binary + "cc",
        "CC_" + lower: binary + "cc", "CXX_" + lower: binary + "c++", "AR_" + lower: binary + "ar",
        "PYO3_CROSS": "1", "PYO3_CROSS_PYTHON_VERSION": target["python"],
        "PYO3_CROSS_LIB_DIR": INSIDE + "/pyo3/lib/python" + target["python"],
    }
    write(os.path.join(sdk, "build.env"), "".join("%s=%s\n" % pair for pair in sorted(environment.items())))

    write(os.path.join(sdk, "toolchain.cmake"), """\
set(CMAKE_SYSTEM_NAME {cmake_system})
set(CMAKE_SYSTEM_PROCESSOR {cmake_processor})
set(CMAKE_C_COMPILER {bin}cc)
set(CMAKE_CXX_COMPILER {bin}c++)
set(CMAKE_AR {bin}ar)
set(CMAKE_RANLIB {bin}ranlib)
set(CMAKE_RC_COMPILER {bin}windres)
set(CMAKE_FIND_ROOT_PATH {inside} {inside}/host)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE BOTH)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)
set(Python_INCLUDE_DIR /usr/include/python{python})
set(Python3_INCLUDE_DIR /usr/include/python{python})
set(Python_SOABI {soabi})
set(Python3_SOABI {soabi})
""".format(bin=binary, inside=INSIDE, **target) + ("""\
set(Python_LIBRARY {inside}/libs/{import_library}.lib)
set(Python3_LIBRARY {inside}/libs/{import_library}.lib)
set(Python_SABI_LIBRARY {inside}/libs/python3.lib)
set(Python3_SABI_LIBRARY {inside}/libs/python3.lib)
""".format(inside=INSIDE, **target) if windows else ""))
    if windows:
        write(os.path.join(sdk, "libs", "pkgconfig", "python-%s.pc" % target["python"]), """\
Name: Python
Description: what a module of Python {python} links to
Version: {python}
Libs: -L{inside}/libs -l{import_library}
Cflags: -I/usr/include/python{python}
""".format(inside=INSIDE, **target))
        # by this name Meson looks for whatever Python there is, as soon as a project has Cython among its languages
        os.symlink("python-%s.pc" % target["python"], os.path.join(sdk, "libs", "pkgconfig", "python3.pc"))
    write(os.path.join(sdk, "meson.cross"), """\
[binaries]
c = '{bin}cc'
cpp = '{bin}c++'
ar = '{bin}ar'
strip = '{bin}strip'
pkg-config = 'pkg-config'

[host_machine]
system = '{meson_system}'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'

[properties]
needs_exe_wrapper = true
longdouble_format = '{longdouble}'
pkg_config_libdir = '{inside}/libs/pkgconfig'
""".format(bin=binary, inside=INSIDE, **target))
    return 0


if __name__ == "__main__":
    sys.exit(main())

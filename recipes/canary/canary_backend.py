"""The canary's own build backend (PEP 517): one C file by the compiler that the environment names. It
needs no other package, so that what fails is the agent's and never an index's."""
import base64
import hashlib
import os
import shlex
import subprocess
import sys
import sysconfig
import zipfile

INFO = "wheelfarm_canary-1.dist-info"


def run(*words):
    print(shlex.join(words), flush=True)
    subprocess.run(words, check=True)


def compile_module():
    suffix = os.environ.get("SETUPTOOLS_EXT_SUFFIX") or sysconfig.get_config_var("EXT_SUFFIX")
    name = "wheelfarm_canary" + suffix
    compiler = shlex.split(os.environ.get("CC", "cc"))
    if os.path.basename(compiler[0]).lower() in ("cl", "cl.exe"):
        # a cross build has been told where the target's import libraries are, which Python.h names
        libraries = os.environ.get("PYO3_CROSS_LIB_DIR") or os.path.join(sys.base_prefix, "libs")
        run(*compiler, "/nologo", "/O2", "/MD", "/LD", "/I" + sysconfig.get_path("include"), "wheelfarm_canary.c",
            "/Fe:" + name, "/link", "/LIBPATH:" + libraries)
        return name
    linker = shlex.split(os.environ.get("LDSHARED", "")) or [*compiler, "-shared"]
    run(*compiler, "-O2", "-fPIC", "-I" + sysconfig.get_path("include"), "-c", "wheelfarm_canary.c",
        "-o", "canary.o")
    run(*linker, "canary.o", "-o", name)
    return name


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    python = "cp%d%d" % sys.version_info[:2]
    # of a cross build; Python itself reads that on POSIX only
    host = os.environ.get("_PYTHON_HOST_PLATFORM") or sysconfig.get_platform()
    platform = host.replace("-", "_").replace(".", "_")
    tag = "%s-%s-%s" % (python, python, platform)
    module = compile_module()
    with open(module, "rb") as file:
        files = {module: file.read()}
    with open("PKG-INFO", "rb") as file:
        files[INFO + "/METADATA"] = file.read()
    files[INFO + "/WHEEL"] = ("Wheel-Version: 1.0\nGenerator: wheelfarm-canary\n"
                              "Root-Is-Purelib: false\nTag: %s\n" % tag).encode()
    wheel = "wheelfarm_canary-1-%s.whl" % tag
    record = ""
    with zipfile.ZipFile(os.path.join(wheel_directory, wheel), "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record += "%s,sha256=%s,%d\n" % (path, digest, len(data))
            archive.writestr(path, data)
        archive.writestr(INFO + "/RECORD", record + INFO + "/RECORD,,\n")
    return wheel

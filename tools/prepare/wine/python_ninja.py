#!/usr/bin/env python3
"""Write build.ninja for a CPython for Windows, from CPython's own Visual Studio projects.

    python_ninja.py SOURCE OUT VERSION PLATFORM HOST_PYTHON ZIG NAME=FOLDER…

SOURCE is CPython's source tree, patched; OUT gets build.ninja and everything that is built; VERSION is "3.13", PLATFORM
win_arm64 or win_amd64; HOST_PYTHON a command that runs a Python of that version here (frozen modules are byte code, the
same on all machines). The NAME=FOLDER are MSBuild properties: zlibDir, bz2Dir, lzmaDir, mpdecimalDir, libffi, sqlite3Dir,
opensslDir; a module whose library is not named is left out.

What is compiled into which DLL, with which macros and libraries, is read from PCbuild/*.vcxproj: a new version of
CPython brings its own lists. Only the parts of MSBuild that those files use are understood: properties, conditions
of the forms 'a' == 'b' and $(name), joined by `and` and `or`.
"""
import os
import re
import shlex
import sys
import xml.etree.ElementTree as ElementTree

NAMESPACE = "{http://schemas.microsoft.com/developer/msbuild/2003}"
# Project, and the property without which it cannot be built.
MODULES = [
    ("_asyncio", None), ("_bz2", "bz2Dir"), ("_ctypes", "libffi"), ("_ctypes_test", None), ("_decimal", None),
    ("_elementtree", None), ("_hashlib", "opensslDir"), ("_lzma", "lzmaDir"), ("_multiprocessing", None),
    ("_overlapped", None), ("_queue", None), ("_socket", None), ("_sqlite3", "sqlite3Dir"), ("_ssl", "opensslDir"),
    ("_testbuffer", None), ("_testcapi", None), ("_testclinic", None), ("_testimportmultiple", None),
    ("_testinternalcapi", None), ("_testlimitedcapi", None), ("_testmultiphase", None), ("_testsinglephase", None),
    ("_uuid", None), ("_zoneinfo", None), ("pyexpat", None), ("select", None), ("unicodedata", None),
    ("winsound", None), ("xxlimited", None), ("xxlimited_35", None),
]
FLAGS = ("-O1 -g0 -DNDEBUG -femulated-tls -std=gnu11 -fno-strict-aliasing -fwrapv -fno-sanitize=all -ffp-contract=off -w "
         "-Wno-incompatible-pointer-types -Wno-incompatible-function-pointer-types "
         "-D_WIN32_WINNT=0x0603 -D__USE_MINGW_ANSI_STDIO=1 -DDONT_USE_SEH")
# Platform: zig's word for it, MSBuild's
PLATFORMS = {"win_arm64": ("aarch64-windows-gnu", "ARM64"), "win_amd64": ("x86_64-windows-gnu", "x64")}
LIBRARY_NAMES = {"pathcch": "api-ms-win-core-path-l1-1-0"}  # the same functions, where MinGW has them
EVERYWHERE = ["advapi32", "shell32", "ole32", "oleaut32", "uuid"]  # pyproject.props


class Project:
    """One .vcxproj: its sources with macros, include folders and libraries."""

    def __init__(self, path, properties):
        self.properties = dict(properties)
        self.folder = os.path.dirname(path)
        self.sources, self.defines, self.includes, self.libraries = [], [], [], []
        self.tree = ElementTree.parse(path).getroot()
        for group in self.tree.findall(NAMESPACE + "ItemDefinitionGroup"):
            if self.holds(group):
                self.read_defaults(group)
        for group in self.tree.findall(NAMESPACE + "ItemGroup"):
            if self.holds(group):
                self.read_sources(group)

    def expand(self, text):
        return re.sub(r"\$\((\w+)\)", lambda match: self.properties.get(match.group(1), ""), text)

    def holds(self, element):
        """Whether the element's condition is true; what is not known is empty."""
        condition = element.get("Condition")
        if condition is None:
            return True
        text = self.expand(condition).strip("() ")
        return any(all(self.is_true(part) for part in re.split(r"\band\b", side)) for side in re.split(r"\bor\b", text))

    @staticmethod
    def is_true(text):
        match = re.fullmatch(r"\s*(.*?)\s*([!=]=)\s*(.*?)\s*", text.strip("() "))
        if not match:
            return text.strip("()' ").lower() == "true"
        left, right = match.group(1).strip("'"), match.group(3).strip("'")
        return (left == right) == (match.group(2) == "==")

    def texts(self, parent, tag):
        for element in parent.findall(NAMESPACE + tag):
            if self.holds(element):
                for part in self.expand(element.text or "").split(";"):
                    part = part.strip()
                    if part and not part.startswith("%("):
                        yield part

    def read_defaults(self, group):
        for compile_element in group.findall(NAMESPACE + "ClCompile"):
            self.defines += self.texts(compile_element, "PreprocessorDefinitions")
            self.includes += [self.path(text) for text in self.texts(compile_element, "AdditionalIncludeDirectories")]
        for link in group.findall(NAMESPACE + "Link"):
            for name in self.texts(link, "AdditionalDependencies"):
                if name.endswith(".lib") and "/" not in name and "\\" not in name:
                    self.libraries.append(name[:-4].lower())

    def read_sources(self, group):
        for element in group.findall(NAMESPACE + "ClCompile"):
            name = element.get("Include")
            if name is not None and self.holds(element):
                self.sources.append((self.path(self.expand(name)), list(self.texts(element, "PreprocessorDefinitions"))))

    def path(self, text):
        return os.path.normpath(os.path.join(self.folder, text.replace("\\", "/")))


class Ninja:
    """The text of build.ninja."""

    def __init__(self):
        self.lines = []

    def rule(self, name, command):
        self.lines += ["rule %s" % name, "  command = %s" % command, "  description = %s $out" % name]

    def build(self, outputs, rule, inputs, implicit=(), **variables):
        escape = [path.replace("$", "$$").replace(":", "$:").replace(" ", "$ ") for path in inputs]
        self.lines.append("build %s: %s %s%s" % (" ".join(outputs), rule, " ".join(escape),
                                                  " | " + " ".join(implicit) if implicit else ""))
        self.lines += ["  %s = %s" % pair for pair in variables.items()]


def options(prefix, values):
    return " ".join(shlex.quote(prefix + value) for value in values).replace("$", "$$")


class Build:
    def __init__(self, source, out, version, platform, properties):
        self.source, self.out, self.version = source, out, version
        self.target, msbuild_platform = PLATFORMS[platform]
        self.dll = "python" + version.replace(".", "")
        self.ninja = Ninja()
        self.headers = []
        self.properties = {
            "PySourcePath": source + "/", "Platform": msbuild_platform, "Configuration": "Release", "SysWinVer": version,
            "IncludeExternals": "true", "PyExeName": "python", "PyVPath": "..\\\\..", "mpdecimalDir": source + "/Modules/_decimal",
            "GeneratedFrozenModulesDir": source + "/", "OutDir": "/",
        }
        self.properties.update(properties)

    def project(self, name):
        properties = self.properties
        if name == "_decimal":
            properties = {**properties, "Platform": "ARM64"}  # for x64 it has assembler of Microsoft's dialect
        return Project("%s/PCbuild/%s.vcxproj" % (self.source, name), properties)

    def rules(self, zig, host_python):
        cc = "%s cc -target %s" % (zig, self.target)
        self.ninja.rule("cc", "%s %s $flags -c $in -o $out" % (cc, FLAGS))
        self.ninja.rule("link", "%s -fno-sanitize=undefined -shared -s -o $out $in $libs" % cc)
        self.ninja.rule("program", "%s -fno-sanitize=undefined -municode -s -Wl,--stack,4000000 -o $out $in $libs" % cc)
        self.ninja.rule("library", "%s -fno-sanitize=undefined -shared -s -o $name.dll $in -Wl,--out-implib,lib$name.a $libs" % cc)
        self.ninja.rule("deepfreeze", "%s $arguments" % host_python)
        self.ninja.rule("freeze", "cd %s && %s -s Programs/_freeze_module.py $module $in $out" % (self.source, host_python))

    def objects(self, folder, project, flags):
        made = []
        # libmpdec has an io.h of its own, which is not the <io.h> that Python.h includes; and its windows/mpdecimal.h is
        # for another build of it
        includes = [path for path in project.includes if not path.endswith("/_decimal/windows")]
        common = options("-idirafter" if folder == "_decimal" else "-I", includes) + " " + options("-D", project.defines)
        for path, defines in project.sources:
            if os.path.basename(path) == "applink.c":
                continue  # for an OpenSSL with another C runtime
            made.append("%s/%s.o" % (folder, re.sub(r"[^A-Za-z0-9_]+", "_", os.path.relpath(path, self.source))))
            self.ninja.build([made[-1]], "cc", [path], self.headers,
                             flags="%s %s %s" % (flags, common, options("-D", defines)))
        return made

    def freeze(self):
        """The frozen modules; 3.11 and 3.12 have most of them as compiled C too."""
        headers = []
        project = ElementTree.parse(self.source + "/PCbuild/_freeze_module.vcxproj").getroot()
        for element in project.iter():
            module = element.findtext(NAMESPACE + "ModName")
            if module is None:
                continue
            path = os.path.normpath(os.path.join(self.source, "PCbuild", element.get("Include").replace("\\", "/")))
            header = "%s/Python/frozen_modules/%s.h" % (self.source, module)
            self.ninja.build([header], "freeze", [path], module=module)
            headers.append(header)
        for element in project.iter(NAMESPACE + "Exec"):
            command = element.get("Command").replace("$(PySourcePath)", self.source + "/").replace("\\", "/")
            if "deepfreeze" in command:
                arguments = re.findall('"([^"]+)"', command)
                self.ninja.build([arguments[-1]], "deepfreeze", [a.partition(":")[0] for a in arguments[1:-2]],
                                 arguments=" ".join(arguments))
        self.headers = headers

    def libraries(self, project):
        names = [LIBRARY_NAMES.get(name, name) for name in project.libraries + EVERYWHERE]
        return " ".join("-l" + name for name in names)

    def core(self):
        source = self.source
        base = options("-I", [self.out + "/include", source + "/Include", source + "/Include/internal",
                              source + "/Include/internal/mimalloc", source + "/PC", source])
        base += " " + options("-D", ['PY3_DLLNAME=L"python3"'])
        self.base = base
        project = self.project("pythoncore")
        self.ninja.build([self.dll + ".dll", "lib%s.a" % self.dll], "library", self.objects("core", project, base) + [self.emutls()],
                         name=self.dll, libs=self.libraries(project) + " -lbcrypt -lshlwapi -liphlpapi")
        # `PC/dl_nt.c` aside, python.exe is one call.
        self.ninja.build(["program.o"], "cc", [source + "/Programs/python.c"], self.headers, flags=base)
        self.ninja.build(["python.exe"], "program", ["program.o", "lib%s.a" % self.dll])

    def stable(self):
        """python3.dll: nothing but forwards, by the list of the stable ABI."""
        lines = ["LIBRARY python3.dll", "EXPORTS"]
        for kind, name in re.findall(r"^EXPORT_(FUNC|DATA)\((\w+)\)", open(self.source + "/PC/python3dll.c").read(), re.M):
            lines.append("%s=%s.%s%s" % (name, self.dll, name, " DATA" if kind == "DATA" else ""))
        with open(self.out + "/python3.def", "w") as file:
            file.write("\n".join(lines) + "\n")
        with open(self.out + "/python3.c", "w") as file:
            file.write("int __stdcall DllMainCRTStartup(void *h, unsigned r, void *p) { return 1; }\n")
        self.ninja.build(["python3.o"], "cc", [self.out + "/python3.c"], flags="")
        self.ninja.build(["python3.dll", "libpython3.a"], "library", ["python3.o", "python3.def", "lib%s.a" % self.dll],
                         name="python3", libs="-nostdlib")

    def launcher(self):
        """What the module venv makes python.exe of an environment from."""
        project = self.project("venvlauncher")
        name = "venvlauncher" if self.version >= "3.13" else "python"
        self.ninja.build(["Lib/venv/scripts/nt/%s.exe" % name], "program",
                         self.objects("venvlauncher", project, self.base + " -DUNICODE -D_UNICODE"), libs=self.libraries(project))

    def modules(self):
        extra_flags = {"_ctypes": "-DFFI_STATIC_BUILD", "_lzma": "-DLZMA_API_STATIC"}
        for name, wanted in MODULES:
            if not os.path.exists("%s/PCbuild/%s.vcxproj" % (self.source, name)):
                continue
            if wanted is not None and wanted not in self.properties:
                continue
            project = self.project(name)
            if not project.sources:
                continue
            folder = self.properties.get(wanted)
            core = "" if name.startswith("xxlimited") else "-DPy_BUILD_CORE_MODULE"  # theirs is the stable ABI
            flags = "%s %s -DPy_ENABLE_SHARED %s" % (self.base, core, extra_flags.get(name, ""))
            inputs = []
            if wanted in ("libffi", "opensslDir"):
                flags += " -I%s/include" % folder
            objects = self.objects(name, project, flags)
            if name == "_ctypes":
                inputs = [self.clear_cache(), folder + "/.libs/libffi.a"]
            elif wanted == "opensslDir":
                inputs = [folder + "/lib/libssl.a", folder + "/lib/libcrypto.a"]
                project.libraries += ["crypt32", "gdi32", "user32"]
            elif name == "_sqlite3":
                inputs = self.objects("sqlite3", self.project("sqlite3"), "")
            elif name == "_lzma":
                parts = ["api", "common", "check", "delta", "lz", "lzma", "rangecoder", "simple"]
                include = ["windows/vs2019", "src/common"] + ["src/liblzma/" + part for part in parts]
                inputs = self.objects("liblzma", Project(folder + "windows/vs2019/liblzma.vcxproj", self.properties),
                                      options("-I" + folder, include) + " -DHAVE_CONFIG_H")
            self.ninja.build(["DLLs/%s.pyd" % name], "link", objects + inputs + ["lib%s.a" % self.dll],
                             libs=self.libraries(project))

    def emutls(self):
        here = os.path.dirname(os.path.abspath(__file__))
        self.ninja.build(["emutls.o"], "cc", [here + "/emutls.c"], flags="")
        return "emutls.o"

    def clear_cache(self):
        """libffi calls it; zig's runtime for this target has not got it."""
        with open(self.out + "/clear_cache.c", "w") as file:
            file.write("#include <windows.h>\nvoid __clear_cache(void *from, void *to)\n"
                       "{\n\tFlushInstructionCache(GetCurrentProcess(), from, (char *)to - (char *)from);\n}\n")
        self.ninja.build(["clear_cache.o"], "cc", [self.out + "/clear_cache.c"], flags="")
        return "clear_cache.o"


def main():
    if len(sys.argv) < 7:
        print(__doc__, file=sys.stderr)
        return 2
    source, out, version, platform, host_python, zig = sys.argv[1:7]
    build = Build(os.path.abspath(source), os.path.abspath(out), version, platform,
                  dict(argument.split("=", 1) for argument in sys.argv[7:]))
    build.rules(zig, host_python)
    build.freeze()
    build.core()
    build.stable()
    build.launcher()
    build.modules()
    with open(out + "/build.ninja", "w", encoding="utf-8") as file:
        file.write("\n".join(build.ninja.lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

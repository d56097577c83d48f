"""Writes the tables of this folder from packaging, the reference implementation. Run it by hand when
that version changes: python tests/data/pep/generate.py. The C tests read the tables; they need no
Python. Lines that matter one by one (the `first` lists) stand before the seeded ones."""

import pathlib

import packaging
from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.tags import compatible_tags, cpython_tags
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

import oracle

HERE = pathlib.Path(__file__).parent


def write(name, columns, lines):
    text = f"# {columns} (tabs between). Made by generate.py from packaging {packaging.__version__}.\n"
    kept = [line for line in dict.fromkeys(lines) if "\n" not in line and line[:1] != "#"]
    (HERE / name).write_text(text + "".join(line + "\n" for line in kept), encoding="utf-8")
    print(name, len(kept))


def names():
    for name in ["Django", "oslo.concurrency", "a", "1", "A.-_b", "-a", "a-", "_a", "", "a b", "é",
                 "foo__bar", "ruamel.yaml.clib", "x.", "Zope_Interface", "0x0", "a--b..c__d", "."]:
        try:
            canonicalize_name(name, validate=True)
            valid = "valid"
        except InvalidName:
            valid = "invalid"
        yield f"{name}\t{valid}\t{canonicalize_name(name)}"


def versions():
    first = [
        "1", "1.0", "1.0.0", "v1", "V1.0", " 1.0 ", "\u00a01.0\u3000", "1!2.0", "0!1", "1!", "!1",
        "1.0-1", "1.0-1-1", "1.0a", "1.0a-", "1.0a-1", "1.0a--1", "1.0.alpha.1", "1.0-beta_2",
        "1.0c1", "1.0pre", "1.0preview3", "1.0rc", "1.0rev2", "1.0r", "1.0.post", "1.0post-1",
        "1.0post.dev1", "1.0.dev", "1.0.dev-3", "1.0a1.post2.dev3+x.Y-1_z", "1.0+abc.", "1.0+",
        "1.0+.a", "1.0+00.A", "1.0+1_2-3", "1.", ".1", "1..2", "", " ", "v", "1.0 .0", "1.0.x",
        "01.002.0003", "1.0arev", "1.0rdev", "1.0crc", "99999999999999999999999999.1",
        "1.0.post00000000000000000000007", "2026.11.23", "1.0\u00e9", "1.0\u0661", "1,0", "1.0*",
        "1.0.*", "1_0", "1-0", "1.0--1", "1.0_post1", "1.0-post1", "1.0.post.1", "1.0.dev1.post1",
        "1.0.post1a1", "1.0.0.0.0.0.0.0.0.0.1", "00", "0!0", "1.0DEV1", "1.0RC1", "1.0A1", "1.0+ABC",
    ]
    # every space of Python, and what only looks like one
    for code in [*range(11, 14), *range(28, 33), 0x85, 0xa0, 0x1680, *range(0x2000, 0x200c), 0x2028,
                 0x2029, 0x202f, 0x205f, 0x3000, 0x180e, 0x2060, 0xfeff]:
        first.append(f"{chr(code)}1{chr(code)}")
    lines = oracle.Lines(1)
    seeded = [lines.version() for _ in range(400)] + [lines.mutate(lines.version()) for _ in range(200)]
    for text in first + seeded:
        try:
            v = Version(text)
            yield f"{text}\t{v}\t{v.public}\t{'pre' if v.is_prerelease else 'final'}"
        except InvalidVersion:
            yield f"{text}\tinvalid"


def order():
    ladder = ["0.dev0", "0", "1.dev1", "1.0a1.dev1", "1.0a1", "1.0a1.post1.dev1", "1.0a1.post1",
              "1.0a2", "1.0b1", "1.0rc1.dev2", "1.0rc1", "1.0", "1.0+a", "1.0+a.1", "1.0+b", "1.0+1",
              "1.0+1.a", "1.0+1.1", "1.0+10", "1.0.post1.dev1", "1.0.post1", "1.0.1", "1.1.dev1",
              "1.1", "1.10", "2", "18446744073709551616", "1!0.1", "2!0"]
    for a in ladder:
        for b in ladder:
            yield f"{a}\t{b}\t{oracle.compare(a, b)}"
    lines = oracle.Lines(2)
    for _ in range(400):
        a, b = lines.pair()
        yield f"{a}\t{b}\t{oracle.compare(a, b)}"


def specifiers():
    versions = ["1.0", "1.0+x", "1.0.post1", "1.0.post1+x", "1.0.post2.dev1", "1.0.dev1", "1.0a1",
                "1.0a1.post1", "1.0.1", "1.1", "1.1.dev0", "2", "0.9", "1!1.0", "1.0rc1.dev1"]
    first = ["==1.0", "==1", "==1.0+x", "==1.0+X", "==1.*", "==1.0.*", "!=1.0", "!=1.0+x", "!=1.0.*",
             "<1.0", "<1.0a1", "<1.0.post1", "<=1.0", ">1.0", ">1.0.dev0", ">1.0a1", ">1.0.post1",
             ">=1.0", "~=1.0", "~=1.0.0", "~=1.0a1", "~=1", "===1.0", "===1.0+X", "===", ">=1.0+x",
             ">=1.0.*", "==1.0a1.*", "==*", "1.0", "=1.0", "=>1", ">=1.0,<2", ">=1.0,,<2,", ",", "",
             " >= 1.0 , != 1.0.1 ", "==1!1.0", "==1!1.*", "~=1!1.0", "===1.0,>0", ">= 1.0 ;", ">1.0)",
             "~=1.0+x", "==v1.0", "==V1.0", "===foo", "== 1.0 .*", ">", "<0", "<0.dev0", ">=1.0 <2"]
    for text in first:
        for version in versions:
            yield f"{version}\t{text}\t{oracle.match(version, text)}"
    lines = oracle.Lines(3)
    for _ in range(500):
        version, text = lines.question()
        yield f"{version}\t{text}\t{oracle.match(version, text)}"


def markers():
    first = [
        "python_version >= '3.8'", "python_version > '3.9'", "python_version < '3.10'",
        "python_version in '3.10 3.13'", "python_version not in '3.10, 3.13'",
        "python_version == '3.13.*'", "python_version ~= '3.10'", "python_version === '3.13'",
        "python_full_version < '3.13.0'", "python_full_version >= '3.13.0rc1'",
        "python_version > '=3.10'", "python_version == 'x'", "python_version ~= 'x'",
        "os_name == 'nt'", "os_name < 'nt'", "os_name >= 'nt'", "os_name ~= 'nt'",
        "sys.platform == 'win32'", "platform.machine == 'ARM64'", "platform.release == ''",
        "python_implementation == 'CPython'", "platform.python_implementation == 'CPython'",
        "platform_release >= '5'", "platform_release == ''", "extra == 'x'", "extra == ''",
        "extra != 'x'", "extra", "extras == 'x'", "'x' in extras", "'x' in dependency_groups",
        "'3.10' <= python_version", "'linux' in sys_platform", "'a' == 'a'",
        "'x' == 'python_version'", "'3.13' == 'python_version'", "os_name == sys_platform",
        "python_version == python_full_version", "os_name == 'nt' and os_name ~= 'x'",
        "os_name == 'nt' or os_name == 'posix' and python_version < '3'",
        "(os_name == 'nt' or os_name == 'posix') and python_version < '3'",
        "((os_name=='posix'))", "(os_name == 'posix'", "os_name == 'posix')", "", "()", "os_name ==",
        "os_name'posix'", "os_name=='posix'or os_name=='nt'", "os_name == 'posix' xor os_name == 'nt'",
        "os_name not in 'x'", "os_name notin 'x'", "os_name not 'x'", "OS_NAME == 'nt'",
        "os_name == posix", "os_name == 'posix", "os_name == \"po'six\"", "os_name == 'po\\x73ix'",
        "os_name == 'po\\\\six'", "os_name == 'po\\'", "os_name == 'po\\xz'", "os_name == 'posix' and",
        "os_name == 'posix' and (extra == 'a' or extra == 'b')", "platform_python_implementation != 'PyPy'",
        "implementation_version >= '3.13'", "python_version in 'python_version'",
        " os_name == 'posix' ", "\u00a0os_name == 'posix'", "os_name == 'posix';",
    ]
    for text in first:
        for target in ("cp313-win_arm64", "cp310-manylinux_2_28_aarch64"):
            yield f"{target}\t{text}\t{oracle.marker(oracle.environment(target), text)}"
    lines = oracle.Lines(4)
    for _ in range(500):
        target, text = lines.random.choice(oracle.TARGETS), lines.marker()
        yield f"{target}\t{text}\t{oracle.marker(oracle.environment(target), text)}"


def platforms(platform):
    """What packaging.tags.platform_tags gives on such a machine, by its own rule."""
    if platform.startswith("win_"):
        return [platform]
    kind, major, minor, arch = platform.split("_", 3)
    if kind == "musllinux":
        return [f"linux_{arch}"] + [f"musllinux_{major}_{m}_{arch}" for m in range(int(minor), -1, -1)]
    found = [f"linux_{arch}"]
    for m in range(int(minor), 16, -1):
        found.append(f"manylinux_2_{m}_{arch}")
    return found + ([f"manylinux2014_{arch}"] if int(minor) >= 17 else [])


def tags():
    for target in ["cp313-win_arm64", "cp313t-win_arm64", "cp315t-win_arm64",
                   "cp312-musllinux_1_2_aarch64", "cp310-manylinux_2_28_aarch64",
                   "cp314t-manylinux_2_17_aarch64"]:
        python, _, platform = target.partition("-")
        version = (3, int(python.removeprefix("cp3").removesuffix("t")))
        fits = platforms(platform)
        found = list(cpython_tags(version, [python], fits))
        found += compatible_tags(version, python.removesuffix("t"), fits)
        for rank, tag in enumerate(map(str, found)):
            yield f"{target}\t{rank}\t{tag}"
        for tag in [
                "cp313-cp313-win_amd64", "cp316-abi3-win_arm64", "cp31-abi3-win_arm64", "py316-none-any",
                "cp312-none-any", "py2-none-any", "py3-abi3-any", "cp313-abi3-any", "py4-none-any",
                "cp313-cp313d-win_arm64", "py3-none-manylinux_2_5_aarch64", "py3-none-win32",
                "py3-none-manylinux_2_017_aarch64", "py3-none-manylinux2010_aarch64", "py-none-any",
                "py3-none-manylinux_2_40_aarch64", "py3-none-musllinux_1_3_aarch64", "cp3-abi3-win_arm64",
                "py3-none-musllinux_2_0_aarch64", "py3-none-linux_x86_64", "pp311-none-any", "any-any-any",
                "cp0313-cp0313-win_arm64", "py03-none-any", "cp313-cp312-win_arm64", "cp312-cp312-win_arm64"]:
            if tag not in set(map(str, found)):
                yield f"{target}\t-1\t{tag}"


def filenames():
    first = [
        "MarkupSafe-3.0.4-cp313-cp313-win_arm64.whl", "numpy-2.0.0-1-cp313-cp313-win_arm64.whl",
        "foo-1.0-012abc-py3-none-any.whl", "foo-1.0-abc-py3-none-any.whl", "foo-1.0--py3-none-any.whl",
        "cryptography-46.0.3-cp311-abi3-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
        "foo-1.0-py2.py3-none-any.whl", "foo-1.0-py3.-none-any.whl", "foo-1.0-3py-none-any.whl",
        "foo__bar-1.0-py3-none-any.whl", "_foo-1.0-py3-none-any.whl", "foo.bar-1.0-py3-none-any.whl",
        "-1.0-py3-none-any.whl", "foo-1.0-py3-none.whl", "foo-x-py3-none-any.whl", "foo-1.0-py3-none-.whl",
        "foo-1.0+local.1-py3-none-any.whl", "foo-1.0_1-py3-none-any.whl", "foo-1!2.0-py3-none-any.whl",
        "foo-1.0-py3-none-any.WHL", "foo-1.0-PY3-None-Any.whl", "foo- 1.0 -py3-none-any.whl", ".whl",
        "foo+x-1.0-py3-none-any.whl", "a-1-2-3-4-5-6.whl", "foo-1.0-py 3-none-any.whl", "foo-1.0-py3-n e-any.whl",
        "foo-1.0.tar.gz", "foo-bar-1.0.zip", "foo-1.0-1.tar.gz", "-1.0.tar.gz", "foo.tar.gz", "foo-.tar.gz",
        "foo-x.tar.gz", "Foo.Bar_x-1.0a1.tar.gz", "foo bar-1.0.tar.gz", "foo-1.0.tgz", "foo-1.0.tar.bz2",
        "foo-1.0.win32-py2.7.exe", "foo-1.0-py2.7.egg", "foo-1.0.win-amd64-py3.4.msi", "foo-1.0.TAR.GZ",
        "foo-1.0-macosx-10.9.tar.gz", "pywin32-311-cp313-cp313-win_arm64.whl", "", "whl", "foo-1.0.zip.whl",
        "rapidfuzz-3.14.3-cp313-cp313t-musllinux_1_2_aarch64.whl", "x-1-cp315-abi3.abi3t-win_arm64.whl",
        "\u00e9-1.0.tar.gz", "foo-1.0-1\u00e9-py3-none-any.whl",
    ]
    lines = oracle.Lines(5)
    for text in first + [lines.filename() for _ in range(500)]:
        yield f"{text}\t{oracle.plain(oracle.filename(text))}"


def requirements():
    first = [
        "foo", " foo ", "foo>=1", "foo >= 1, < 2", "foo(>=1)", "foo ( >=1,<2 )", "foo()", "foo (>=1",
        "foo[a]", "foo[a,b]>=1", "foo[ a , B_c ] ~= 1.0", "foo[]", "foo[a,]", "foo[a b]", "foo[,a]", "foo[a",
        "foo @ https://example.invalid/foo.whl", "foo@file:///x", "foo @ x ; os_name == 'nt'",
        "foo @ x; os_name == 'nt'", "foo @ x;os_name == 'nt'", "foo @", "foo @ x y", "foo[a] @ x#sha256=1",
        "foo; os_name == 'nt'", "foo>=1;os_name=='nt'", "foo;", "foo ; ", "foo>=1 os_name == 'nt'",
        "foo===1.0,>0", "foo===", "foo=== ", "foo>=1.*", "foo==1.*", "foo>=1+x", "foo==1+x", "foo>=1,",
        "foo,>=1", "-foo", "foo-", "foo.", "foo_", "_foo", "foo-bar.baz_x", "fo\u00e9", "1foo", "", " ",
        "foo bar", "foo>1 2", "foo>=1,<2;python_version<'3' and extra=='x'", "foo; extra == 'a' or (os_name == 'b')",
        "foo (===1.0)", "foo (===1.0);os_name=='nt'", "foo >=v1", "foo==1.0 ; os_name ~= 'x'", "foo\u00a0>=1",
    ]
    lines = oracle.Lines(6)
    for text in first + [lines.requirement() for _ in range(500)]:
        try:
            r = Requirement(text)
        except InvalidRequirement:
            yield f"{text}\tinvalid"
            continue
        extras = ",".join(sorted(r.extras))
        specifiers = ",".join(str(s) for s in r.specifier)
        yield f"{text}\t{r.name}\t{extras}\t{specifiers}\t{r.url or ''}\t{'marker' if r.marker else ''}"


if __name__ == "__main__":
    write("names.txt", "NAME, valid, NORMALISED", names())
    write("versions.txt", "TEXT, NORMALISED, PUBLIC, pre or final; or TEXT, invalid", versions())
    write("version_order.txt", "A, B, order", order())
    write("specifiers.txt", "VERSION, SPECIFIERS, answer", specifiers())
    write("markers.txt", "TARGET, MARKER, answer", markers())
    write("tags.txt", "TARGET, rank, TAG", tags())
    write("filenames.txt", "FILENAME, kind, NAME, VERSION, BUILD, TAGS", filenames())
    write("requirements.txt", "TEXT, NAME, EXTRAS sorted, SPECIFIERS, URL, marker", requirements())

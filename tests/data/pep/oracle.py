"""What packaging (the reference implementation, version in tests/requirements.in) answers to the
lines of `wheelfarm pep`, and seeded lines that look like real ones. Used by generate.py, which keeps
some of them as tables, and by tests/e2e/test_pep_differential.py, which asks thousands."""

import json
import random
import string

from packaging.markers import Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import (
    InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename)
from packaging.version import InvalidVersion, Version


# Answers

def compare(a, b):
    try:
        a, b = Version(a), Version(b)
    except InvalidVersion:
        return "invalid"
    return "<" if a < b else ">" if a > b else "="


def match(version, specifier):
    try:
        version, specifiers = Version(version), SpecifierSet(specifier)
    except (InvalidVersion, InvalidSpecifier):
        return "invalid"
    try:
        return str(specifiers.contains(version, prereleases=True)).lower()
    except AssertionError:  # packaging's own: a specifier that it took, with a version that it does not
        return "no answer"


def environment(target, full_version=None):
    """The marker environment of a target's name, by rule."""
    python, _, platform = target.partition("-")
    minor = python.removeprefix("cp3").removesuffix("t")
    full_version = full_version or f"3.{minor}.0"
    windows = platform.startswith("win_")
    return {
        "implementation_name": "cpython",
        "implementation_version": full_version,
        "os_name": "nt" if windows else "posix",
        "platform_machine": "ARM64" if windows else "aarch64",
        "platform_release": "",
        "platform_system": "Windows" if windows else "Linux",
        "platform_version": "",
        "python_full_version": full_version,
        "platform_python_implementation": "CPython",
        "python_version": f"3.{minor}",
        "sys_platform": "win32" if windows else "linux",
    }


def marker(env, text):
    # Undefined comparisons and names raise all sorts of errors; none of them is an answer.
    try:
        return str(Marker(text).evaluate(env)).lower()
    except Exception:
        return "invalid"


def filename(text):
    """The JSON document without the reason of an invalid one."""
    if text.endswith(".whl"):
        try:
            name, version, build, tags = parse_wheel_filename(text)
        except InvalidWheelFilename:
            return {"kind": "invalid"}
        return {"kind": "wheel", "name": name, "version": str(version),
                "build": f"{build[0]}{build[1]}" if build else None,
                "tags": sorted(map(str, tags))}
    try:
        name, version = parse_sdist_filename(text)
    except InvalidSdistFilename:
        return {"kind": "invalid"}
    return {"kind": "sdist", "name": name, "version": str(version)}


# Lines

TARGETS = ["cp310-manylinux_2_28_aarch64", "cp311-win_arm64", "cp313-manylinux_2_39_aarch64",
           "cp313t-win_arm64", "cp314-musllinux_1_2_aarch64", "cp315t-manylinux_2_28_aarch64"]
OPERATORS = ["==", "!=", "<=", ">=", "<", ">", "~=", "==="]
SPACES = ["", "", "", "", " ", "\f", "\v", "\x1f", "\u00a0", "\u2003", "\u3000"]
BIG = ["18446744073709551616", "99999999999999999999999999", "4294967296", "00000000000000000001"]


class Lines:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def number(self):
        r = self.random
        pick = r.random()
        if pick < 0.03:
            return r.choice(BIG)
        if pick < 0.1:
            return "0" * r.randrange(1, 3) + str(r.randrange(3))
        return str(r.choice([0, 0, 1, 1, 2, 3, 9, 10, 11, 2026]))

    def case(self, text):
        pick = self.random.random()
        return text.upper() if pick < 0.1 else text.title() if pick < 0.2 else text

    def release(self):
        r = self.random
        return ".".join(self.number() for _ in range(r.choice([1, 2, 2, 3, 3, 4])))

    def part(self, words):
        r = self.random
        return (r.choice(["", "", ".", "-", "_"]) + self.case(r.choice(words)) +
                r.choice(["", "", ".", "-", "_"]) + r.choice(["", self.number()]))

    def version(self, local=0.2):
        r = self.random
        text = r.choice(["", "", "", "v", "V"]) if r.random() < 0.2 else ""
        if r.random() < 0.1:
            text += self.number() + "!"
        text += self.release()
        if r.random() < 0.3:
            text += self.part(["a", "b", "c", "rc", "alpha", "beta", "pre", "preview"])
        if r.random() < 0.25:
            text += self.part(["post", "rev", "r"]) if r.random() < 0.7 else "-" + self.number()
        if r.random() < 0.25:
            text += self.part(["dev"])
        if r.random() < local:
            parts = [r.choice([self.number(), "abc", "ABC", "1a", "ubuntu", "0z", "00"])
                     for _ in range(r.choice([1, 1, 2, 3]))]
            text += "+" + r.choice(".-_").join(parts)
        return text

    def near(self, version):
        """A version of the same family, or the same one written otherwise."""
        r = self.random
        pick = r.randrange(8)
        base = version.split("+")[0]
        return [version, version + ".0", base, base + ".post1", base + ".dev1", base + "+abc.1",
                base + "a1", self.version()][pick]

    def mutate(self, text, alphabet=string.digits + "abrcpostdev.-_+!* ,<>=~()[]'\";@" + "\u00e9"):
        r = self.random
        for _ in range(r.choice([1, 1, 2])):
            at = r.randrange(len(text) + 1)
            text = r.choice([
                text[:at] + text[at + 1:],
                text[:at] + r.choice(alphabet) + text[at:],
                text[:at] + r.choice(alphabet) + text[at + 1:],
            ])
        return text.replace("\t", " ").replace("\n", " ")

    def pair(self):
        a = self.version()
        b = self.near(a) if self.random.random() < 0.5 else self.version()
        if self.random.random() < 0.15:
            b = self.mutate(b)
        r = self.random
        return r.choice(SPACES) + a + r.choice(SPACES), b + r.choice(SPACES)

    def specifier(self, version=None):
        r = self.random
        op = r.choice(OPERATORS)
        version = version or self.version(0.15)
        if op in ("==", "!=") and r.random() < 0.35:
            version = self.release() + ".*"
        elif op not in ("==", "!=", "===") and r.random() < 0.8:
            version = version.split("+")[0]
        return op + r.choice(SPACES) + version

    def question(self):
        """A version and a specifier set."""
        r = self.random
        version = self.version()
        members = []
        for _ in range(r.choice([0, 1, 1, 1, 1, 2, 3])):
            members.append(self.specifier(self.near(version) if r.random() < 0.6 else None))
        if version[0].isdigit() and r.random() < 0.2:
            head = version.split(".")[0]
            if head.isdigit():
                members.append(r.choice(["==", "!="]) + head + ".*")
        text = r.choice([",", ", ", " ,", ",,"]).join(members)
        if r.random() < 0.1:
            text = self.mutate(text)
        return version, text

    def operand(self):
        r = self.random
        return r.choice([
            "python_version", "python_full_version", "os_name", "os.name", "sys_platform",
            "sys.platform", "platform_machine", "platform.machine", "platform_release",
            "platform_system", "platform_version", "platform.version", "implementation_name",
            "implementation_version", "platform_python_implementation",
            "platform.python_implementation", "python_implementation", "extra", "extras",
            "dependency_groups"])

    def literal(self):
        r = self.random
        text = r.choice([
            "3", "3.8", "3.10", "3.13", "3.14", "3.13.0", "3.13.*", "3.14.0rc1", "linux", "win32",
            "Linux", "Windows", "nt", "posix", "aarch64", "ARM64", "arm64 aarch64", "cpython",
            "CPython", "", "Foo_Bar", "test", "3.10, 3.11, 3.13", "=3.10", "os_name",
            "python_version", "\\x33.10", "a\\q", "li\\156ux", "\\u006cinux", self.version()])
        return r.choice(["'%s'", '"%s"']) % text

    def comparison(self):
        r = self.random
        left, right = self.operand(), self.literal()
        pick = r.random()
        if pick < 0.15:
            left, right = right, left
        elif pick < 0.18:
            left = self.literal()
        elif pick < 0.21:
            right = self.operand()
        op = r.choice(["==", "==", "!=", ">=", ">=", "<", "<=", ">", "in", "not in", "not  in",
                       "~=", "==="])
        gap = r.choice([" ", " ", " ", "", "  "])
        return left + gap + op + gap + right

    def marker_text(self, depth=0):
        r = self.random
        parts = []
        for i in range(r.choice([1, 1, 1, 2, 2, 3])):
            if i:
                parts.append(r.choice([" and ", " or ", " and ", " or ", "or", " and"]))
            if depth < 3 and r.random() < 0.2:
                parts.append("(" + self.marker_text(depth + 1) + ")")
            else:
                parts.append(self.comparison())
        return "".join(parts)

    def marker(self):
        # Most comparisons of one operand are undefined: ask for the plain ones more often.
        r = self.random
        text = self.marker_text()
        if r.random() < 0.5:
            text = r.choice([
                "python_version %s '3.%d'" % (r.choice(OPERATORS), r.randrange(7, 17)),
                "python_full_version %s '%s'" % (r.choice(OPERATORS), self.version(0)),
                "'3.%d' %s python_version" % (r.randrange(7, 17), r.choice(OPERATORS)),
                "sys_platform == 'win32' or platform_machine == 'aarch64'",
                "platform_system != 'Windows' and extra == 'Test'",
                "(os_name == 'nt' or 'arm' in platform_machine) and python_version < '3.14'",
                "implementation_name in 'cpython pypy' and platform_python_implementation != 'PyPy'",
            ])
        if r.random() < 0.1:
            text = self.mutate(text)
        return text

    NAMES = ["numpy", "MarkupSafe", "ruamel.yaml.clib", "zope_interface", "a", "Foo.Bar_baz",
             "x__y", "_x", "x_", "pywin32", "a-b", "", "\u00e9"]
    PYTHONS = ["cp313", "cp310.cp311", "py3", "py2.py3", "cp315", "CP313", "pp311", "3py", "",
               "cp38.", "graalpy311"]
    ABIS = ["cp313", "abi3", "none", "abi3.abi3t", "cp313t", "pypy311_pp73", "", "NONE"]
    PLATFORMS = ["any", "win_arm64", "win_amd64", "manylinux_2_17_aarch64.manylinux2014_aarch64",
                 "musllinux_1_2_aarch64", "macosx_11_0_arm64", "linux_aarch64", "WIN_ARM64", "a..b"]

    def filename(self):
        r = self.random
        if r.random() < 0.35:
            name = r.choice(self.NAMES[:-2] + ["foo-bar", "foo bar"])
            text = name + "-" + self.version(0.05) + r.choice(
                [".tar.gz", ".tar.gz", ".tar.gz", ".zip", ".tar.bz2", ".exe", ".TAR.GZ", ".tgz"])
        else:
            good = r.random() < 0.7
            names = self.NAMES[:5] if good else self.NAMES[:-1]
            version = self.release() if good else self.version().replace("-", "_")
            build = r.choice(["", "", "", "1-", "012abc-"] + ([] if good else ["x1-", "-"]))
            cut = (lambda values: [v for v in values if v.replace(".", "").replace("_", "").isalnum()
                                   and not v[0].isdigit() and ".." not in v and v[-1] != "."])
            pick = (lambda values: r.choice(cut(values) if good else values))
            text = (f"{r.choice(names)}-{version}-{build}{pick(self.PYTHONS)}-{pick(self.ABIS)}-"
                    f"{pick(self.PLATFORMS)}.whl")
        if r.random() < 0.08:
            text = self.mutate(text, string.ascii_letters + string.digits + ".-_+! ")
        return text

    def requirement(self):
        r = self.random
        text = r.choice(["", "", " "]) + r.choice(self.NAMES[:-2] + ["foo-", "-foo", "fo o"])
        if r.random() < 0.3:
            text += r.choice(["", " "]) + r.choice(
                ["[]", "[a]", "[ a , b-c ]", "[a,]", "[a b]", "[Test_x.y]", "[a"])
        if r.random() < 0.15:
            text += r.choice([" @ ", "@", " @"]) + r.choice(
                ["https://example.invalid/x.whl#sha256=00", "file:///x y", "git+ssh://h/p@v1", ""])
            text += r.choice(["", " ", " ; os_name == 'nt'", ";os_name == 'nt'", "; os_name"])
            return text
        members = [self.specifier() for _ in range(r.choice([0, 1, 1, 2, 3]))]
        specifiers = r.choice([",", ", ", " , "]).join(members)
        if r.random() < 0.3:
            specifiers = r.choice([" (%s)", "(%s)", " ( %s )", "(%s,)", "(%s"]) % specifiers
        text += r.choice(["", " "]) + specifiers
        if r.random() < 0.3:
            text += r.choice([";", "; ", " ; "]) + self.marker()
        if r.random() < 0.1:
            text = self.mutate(text)
        return text


def plain(document):
    """One line of a table for a file name's document."""
    if document["kind"] == "invalid":
        return "invalid"
    fields = [document["kind"], document["name"], document["version"]]
    if document["kind"] == "wheel":
        fields += [document["build"] or "", " ".join(document["tags"])]
    return "\t".join(fields)


def json_line(document):
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)

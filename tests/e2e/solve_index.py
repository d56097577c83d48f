"""A made-up package index with dependencies, served on loopback: pages (PEP 691) and the metadata beside
every wheel (PEP 658). The same seed gives the same index."""

import copy
import hashlib
import http.server
import json
import pathlib
import random
import threading

TAGS = {
    "any": ["py3-none-any"],
    "glibc": [f"cp{v}-cp{v}-manylinux_2_17_aarch64.manylinux2014_aarch64" for v in (311, 313)],
    "musl": [f"cp{v}-cp{v}-musllinux_1_2_aarch64" for v in (311, 313)],
    "windows": [f"cp{v}-cp{v}-win_arm64" for v in (311, 313)],
    "x86": ["cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64", "cp313-cp313-win_amd64"],
    "abi3": ["cp39-abi3-manylinux_2_28_aarch64", "cp39-abi3-win_arm64"],
}
MARKERS = [
    'sys_platform == "win32"', 'sys_platform != "win32"', 'python_version < "3.12"',
    'python_version >= "3.11" and platform_machine == "aarch64"', 'os_name == "posix"',
    'platform_system == "Linux" or python_version >= "3.13"',
]


class Release:
    def __init__(self, name, version, kinds, requires=(), python=None, yanked=False, extras=()):
        self.name, self.version, self.kinds = name, version, kinds
        self.requires, self.python, self.yanked = list(requires), python, yanked
        self.extras = list(extras)

    def metadata(self):
        lines = ["Metadata-Version: 2.1", f"Name: {self.name}", f"Version: {self.version}"]
        lines += [f"Requires-Python: {self.python}"] if self.python else []
        lines += [f"Provides-Extra: {extra}" for extra in self.extras]
        lines += [f"Requires-Dist: {text}" for text in self.requires]
        return ("\n".join(lines) + "\n").encode()

    def wheels(self):
        stem = f"{self.name.replace('-', '_')}-{self.version}"
        return [f"{stem}-{tag}.whl" for kind in self.kinds for tag in TAGS.get(kind, ())]

    def files(self):
        names = self.wheels()
        if "sdist" in self.kinds:
            names.append(f"{self.name.replace('-', '_')}-{self.version}.tar.gz")
        return names


def by_name(releases):
    """As SolveIndex wants them; copies, so that a test may change them."""
    found = {}
    for release in copy.deepcopy(releases):
        found.setdefault(release.name, []).append(release)
    return found


class SolveIndex:
    """`releases`: name to list of Release. `url` for installers; close it."""

    def __init__(self, releases):
        self.releases = releases
        self.metadata = {f"/files/{file}.metadata": release.metadata()
                         for all_of in releases.values() for release in all_of
                         for file in release.wheels()}
        self.pages = {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = 1 << 16

            def log_message(self, *_):
                pass

            def do_GET(self):
                kind, body = outer.answer(self.path)
                self.send_response(200 if body is not None else 404)
                body = body or b""
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "max-age=600")
                self.end_headers()
                self.wfile.write(body)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request, client_address):
                """Clients that hang up are part of it."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/simple/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path):
        if path.startswith("/files/"):
            return "text/plain", self.metadata.get(path)
        name = path.removeprefix("/simple/").strip("/")
        if name not in self.releases:
            return "text/plain", None
        if name not in self.pages:
            self.pages[name] = json.dumps(self.page(name)).encode()
        return "application/vnd.pypi.simple.v1+json", self.pages[name]

    def page(self, name):
        files = []
        for release in self.releases[name]:
            digest = hashlib.sha256(release.metadata()).hexdigest()
            for file in release.files():
                entry = {"filename": file, "url": f"/files/{file}",
                         "hashes": {"sha256": hashlib.sha256(file.encode()).hexdigest()}}
                if file.endswith(".whl"):
                    entry["core-metadata"] = {"sha256": digest}
                if release.python:
                    entry["requires-python"] = release.python
                if release.yanked:
                    entry["yanked"] = True
                files.append(entry)
        return {"meta": {"api-version": "1.1"}, "name": name, "files": files,
                "versions": sorted({r.version for r in self.releases[name]})}


def versions(draw, count):
    """In rising order, with pre-releases, posts and other spellings between."""
    found, major, minor = [], draw.choice((0, 1)), 0
    for _ in range(count):
        if draw.random() < 0.15:
            major, minor = major + 1, 0
        else:
            minor += 1
        found.append(f"{major}.{minor}" + draw.choice(("", "", "", ".0", ".1", ".post1", "rc1", "b2")
                                                      if draw.random() < 0.3 else ("",)))
    return found


def specifier(draw, known):
    """One that some version matches, mostly."""
    version = draw.choice(known)
    release = version.split("rc")[0].split("b")[0].split(".post")[0]
    kind = draw.random()
    if kind < 0.25:
        return f">={version}"
    if kind < 0.4:
        return f"<{release}" if draw.random() < 0.5 else f"<={version}"
    if kind < 0.5:
        return f"=={version}"
    if kind < 0.6:
        return f"=={release.split('.')[0]}.*"
    if kind < 0.7:
        return f"~={'.'.join(release.split('.')[:2])}"
    if kind < 0.8:
        return f"!={version}"
    if kind < 0.9:
        return f">={draw.choice(known)},<{release}"
    return ""


def kinds(draw):
    kind = draw.random()
    if kind < 0.6:
        return ["any"]
    if kind < 0.75:
        return ["glibc", "musl", "windows", "x86", "sdist"]
    if kind < 0.87:
        return ["glibc", "x86", "sdist"] if draw.random() < 0.5 else ["glibc", "musl", "x86"]
    if kind < 0.92:
        return ["abi3", "sdist"]
    return ["sdist"] if draw.random() < 0.6 else ["x86", "sdist"]


def generate(seed, packages=80, large=2):
    draw = random.Random(seed)
    names = [f"p{i:03d}" for i in range(packages)]
    known = {name: versions(draw, draw.choice((1, 3, 8, 15, 30))) for name in names}
    for name in names[:large]:
        known[name] = [f"{i // 100}.{i % 100}" for i in range(3000)]
    releases = {}
    for i, name in enumerate(names):
        base = kinds(draw)
        style = [requirement(draw, names, known, i) for _ in range(draw.choice((0, 1, 2, 3, 5)))]
        releases[name] = []
        for version in known[name]:
            if draw.random() < 0.15:
                style = [requirement(draw, names, known, i)
                         for _ in range(draw.choice((0, 1, 2, 3, 5)))]
            if draw.random() < 0.12:
                base = kinds(draw)
            python = draw.choice((None, ">=3.8", ">=3.11", "<3.13", ">=3.9,!=3.10.*")) \
                if draw.random() < 0.3 else None
            releases[name].append(Release(name, version, base, style, python,
                                          draw.random() < 0.03, ("x", "y")))
    return releases


def requirement(draw, names, known, place):
    """Mostly of packages further down, so that graphs end; circles now and then; some missing."""
    if draw.random() < 0.005:
        return "missing-package"
    low = 0 if draw.random() < 0.06 else place
    other = names[draw.randrange(low, len(names))]
    extra = draw.choice(("[x]", "[y]", "[x,y]")) if draw.random() < 0.12 else ""
    text = f"{other}{extra}{specifier(draw, known[other])}"
    markers = [draw.choice(MARKERS)] if draw.random() < 0.2 else []
    markers += [f'extra == "{draw.choice("xy")}"'] if draw.random() < 0.2 else []
    return text + ("; " + " and ".join(f"({m})" for m in markers) if markers else "")


def extra(draw, releases):
    known = sorted({f"[{e}]" for r in releases for e in r.extras}) if draw.random() < 0.1 else ()
    return draw.choice(known) if known else ""


def recorded():
    """Real packages (tests/data/solve/SOURCES), as far as they were recorded."""
    releases = {}
    for line in (pathlib.Path(__file__).parents[1] / "data/solve/real.jsonl").read_text().splitlines():
        r = json.loads(line)
        releases.setdefault(r["name"], []).append(
            Release(r["name"], r["version"], r["kinds"], r["requires"], r["python"], False, r["extras"]))
    return releases


def draw_set(draw, releases, size):
    names = sorted(releases)
    chosen = draw.sample(names, min(size, len(names)))
    known = {name: [r.version for r in releases[name]] for name in chosen}
    loose = draw.random() < 0.5
    return [name + extra(draw, releases[name]) +
            ("" if loose and draw.random() < 0.8 else specifier(draw, known[name]))
            for name in chosen]

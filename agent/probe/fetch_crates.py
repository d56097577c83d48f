"""Bring the crates that a source tree's Cargo.lock names. With fetch_requires.py, a probe that has network.

    python3 fetch_crates.py RUST SOURCE_DIR CRATES_DIR

Runs `cargo vendor --locked` from an empty folder, so that no .cargo/config.toml of the sdist is read (it could name
programs to run), and cargo compiles nothing. No Cargo.toml may name a git address or a registry, since cargo would ask
it before it looks at the lock. Each crate must come from the one registry that Rust's own standard library
is locked to (RUST/lock.toml) and have a checksum: a git address or another registry would send us where a stranger says.
A tree without a lock, or one that replaces the registry by crates of its own, needs nothing from here.
Exit 0; 1 cargo failed; 2 refused.
"""
import os
import subprocess
import sys
import tempfile
import tomllib

DEPTH = 4
LEFT_OUT = {"vendor", "target", "tests", "test", "fuzz", "examples", ".git"}


def read(path):
    with open(path, "rb") as file:
        return tomllib.load(file)


def locks(source):
    """Folders with a Cargo.lock beside a Cargo.toml, the outermost first."""
    found = []
    for folder, names, files in os.walk(source):
        depth = folder[len(source):].count(os.sep)
        names[:] = sorted(name for name in names if name not in LEFT_OUT and depth < DEPTH)
        if "Cargo.lock" in files and "Cargo.toml" in files:
            found.append(folder)
    return sorted(found, key=lambda folder: (folder.count(os.sep), folder))


def names_an_address(value):
    """Does a table of a Cargo.toml, at any depth, say where else a crate comes from?"""
    if isinstance(value, dict):
        return any(isinstance(value.get(key), str) for key in ("git", "registry", "registry-index")) or any(
            names_an_address(one) for one in value.values())
    return isinstance(value, list) and any(names_an_address(one) for one in value)


def manifests(source):
    for folder, _, files in os.walk(source):
        if "Cargo.toml" in files:
            yield os.path.join(folder, "Cargo.toml")


def brings_its_own(source):
    for name in ("config.toml", "config"):
        path = os.path.join(source, ".cargo", name)
        if os.path.isfile(path):
            replaced = read(path).get("source", {}).get("crates-io", {})
            return isinstance(replaced, dict) and "replace-with" in replaced
    return False


def registry(rust):
    sources = {package["source"] for package in read(os.path.join(rust, "lock.toml"))["package"] if "source" in package}
    if len(sources) != 1:
        raise ValueError("lock.toml names %d registries" % len(sources))
    return sources.pop()


def refused(lock, allowed):
    for package in lock.get("package", []):
        source = package.get("source")
        if source is None:
            continue  # a member of the tree itself
        if source != allowed:
            return "%s comes from %s, not from the registry" % (package.get("name"), source)
        if "checksum" not in package:
            return "%s has no checksum in Cargo.lock" % package.get("name")
    return None


def main():
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    rust, source, crates = sys.argv[1:]
    os.makedirs(crates, exist_ok=True)
    try:
        folders = locks(source)
        if brings_its_own(source):
            print("the sdist brings its crates along")
            return 0
        for path in manifests(source) if folders else ():
            if names_an_address({key: value for key, value in read(path).items() if key != "package"}):
                print("fetch_crates: %s names a git address or a registry" % os.path.relpath(path, source), file=sys.stderr)
                return 2
        allowed = registry(rust)
        for folder in folders:
            problem = refused(read(os.path.join(folder, "Cargo.lock")), allowed)
            if problem:
                print("fetch_crates: " + problem, file=sys.stderr)
                return 2
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:  # TOMLDecodeError is a ValueError
        print("fetch_crates: %s" % error, file=sys.stderr)
        return 2
    if not folders:
        print("no Cargo.lock in the sdist")
        return 0
    command = [os.path.join(rust, "bin", "cargo"), "vendor", "--quiet", "--locked", "--versioned-dirs",
               "--manifest-path", os.path.join(folders[0], "Cargo.toml")]
    for folder in folders[1:]:
        command += ["--sync", os.path.join(folder, "Cargo.toml")]
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.call(command + [crates], cwd=empty, stdout=subprocess.DEVNULL)
    print("crates: %d" % len(os.listdir(crates)))
    return 1 if done != 0 else 0


if __name__ == "__main__":
    sys.exit(main())

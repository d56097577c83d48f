"""Where the crates of a source tree come from, and why some are refused. Imported by fetch_crates.py."""
import os
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


def names_an_address(value):
    """Does a table of a Cargo.toml, at any depth, say where else a crate comes from?"""
    if isinstance(value, dict):
        return any(isinstance(value.get(key), str) for key in ("git", "registry", "registry-index")) or any(
            names_an_address(one) for one in value.values())
    return isinstance(value, list) and any(names_an_address(one) for one in value)


def refused_manifest(source):
    for folder, _, files in os.walk(source):
        path = os.path.join(folder, "Cargo.toml")
        if "Cargo.toml" in files and names_an_address({k: v for k, v in read(path).items() if k != "package"}):
            return "%s names a git address or a registry" % os.path.relpath(path, source)
    return None


def refused_lock(folder, allowed):
    for package in read(os.path.join(folder, "Cargo.lock")).get("package", []):
        source = package.get("source")
        if source is None:
            continue  # a member of the tree itself
        if source != allowed:
            return "%s comes from %s, not from the registry" % (package.get("name"), source)
        if "checksum" not in package:
            return "%s has no checksum in Cargo.lock" % package.get("name")
    return None

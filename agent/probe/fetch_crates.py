"""Bring the crates that a source tree's Cargo.lock names. With fetch_requires.py, a probe that has network.

    python3 fetch_crates.py RUST SOURCE_DIR CRATES_DIR

Runs `cargo vendor --locked` from an empty folder, so that no .cargo/config.toml of the sdist is read (it could name
programs to run), and cargo compiles nothing. No Cargo.toml may name a git address or a registry, since cargo would ask
it before it looks at the lock. Each crate must come from the one registry that Rust's own standard library is locked to
(RUST/lock.toml) and have a checksum: nobody sends us to an address of his choice.
A tree without a lock, or one that replaces the registry by crates of its own, needs nothing from here.
Exit 0; 1 cargo failed; 2 refused.
"""
import os
import runpy
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
rules = runpy.run_path(os.path.join(HERE, "crate_sources.py"))


def refused(rust, source, folders):
    problem = rules["refused_manifest"](source)
    allowed = rules["registry"](rust)
    for folder in folders:
        problem = problem or rules["refused_lock"](folder, allowed)
    return problem


def main():
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    rust, source, crates = sys.argv[1:]
    os.makedirs(crates, exist_ok=True)
    try:
        if rules["brings_its_own"](source):
            print("the sdist brings its crates along")
            return 0
        folders = rules["locks"](source)
        if not folders:
            print("no Cargo.lock in the sdist")
            return 0
        problem = refused(rust, source, folders)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:  # TOMLDecodeError is a ValueError
        problem = str(error)
    if problem:
        print("fetch_crates: " + problem, file=sys.stderr)
        return 2
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

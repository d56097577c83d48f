"""Python that runs inside a build's sandbox, tried alone: what a setup.py sees, and which crates may be fetched."""
import json
import os
import pathlib
import subprocess
import sys

import pytest

PROBE = pathlib.Path(__file__).parents[2] / "agent" / "probe"
REGISTRY = "registry+https://crates.example/index"
SETUP = """
import json, os, os.path, platform, sys
from os import name
import helper
json.dump({"machine": platform.machine(), "uname": os.uname().machine, "platform": sys.platform, "name": name,
           "helper": helper.SYSTEM, "sep": os.path.sep, "cpu_count": os.cpu_count() is not None}, open("seen.json", "w"))
sys.argv = ["setup.py"]
"""
RUN = """
import json, os, platform, runpy, sys
view = runpy.run_path(os.path.join(%r, "target_view.py"))
view["install"](json.loads(sys.argv[1]), os.getcwd())
sys.path.insert(0, os.getcwd())
exec(compile(open("setup.py").read(), "setup.py", "exec"), {"__file__": os.path.abspath("setup.py"), "__name__": "__main__"})
import platform as mine, sys as own, os as system
assert own.argv == ["setup.py"]
print(json.dumps([mine.machine(), own.platform, system.name]))
"""


def seen(folder, target):
    (folder / "setup.py").write_text(SETUP)
    (folder / "helper.py").write_text("import sys\nSYSTEM = sys.platform\n")
    done = subprocess.run([sys.executable, "-c", RUN % str(PROBE), json.dumps(target)], cwd=folder, check=True,
                          capture_output=True, text=True)
    return json.loads((folder / "seen.json").read_text()), json.loads(done.stdout)


def test_source_sees_the_machine(tmp_path):
    inside, outside = seen(tmp_path, {"machine": "aarch64"})
    assert inside["machine"] == inside["uname"] == "aarch64"
    assert inside["platform"] == inside["helper"] == sys.platform and inside["name"] == os.name
    assert outside == [os.uname().machine, sys.platform, os.name]


def test_source_sees_the_system_and_nobody_else_does(tmp_path):
    target = {"machine": "ARM64", "platform": "win32", "os_name": "nt", "version": "3.13.15 (main) [Clang 64 bit (ARM64)]"}
    inside, outside = seen(tmp_path, target)
    assert inside["platform"] == inside["helper"] == "win32" and inside["name"] == "nt"
    assert inside["sep"] == "/" and inside["cpu_count"]  # its files still lie on the builder
    assert outside == [os.uname().machine, sys.platform, os.name]


def crates(tmp_path, lock, config=None, manifest="[package]\n"):
    rust, source = tmp_path / "rust", tmp_path / "source"
    (rust / "bin").mkdir(parents=True)
    source.mkdir()
    (rust / "lock.toml").write_text('[[package]]\nname = "a"\nversion = "1"\nsource = "%s"\n' % REGISTRY)
    cargo = rust / "bin" / "cargo"
    cargo.write_text('#!/bin/sh\nfor last; do :; done\npwd >"%s"\nmkdir -p "$last/crate-1.0"\n' % (tmp_path / "called"))
    cargo.chmod(0o755)
    (source / "Cargo.toml").write_text(manifest)
    if lock is not None:
        (source / "Cargo.lock").write_text(lock)
    if config is not None:
        (source / ".cargo").mkdir()
        (source / ".cargo" / "config.toml").write_text(config)
    done = subprocess.run([sys.executable, PROBE / "fetch_crates.py", rust, source, tmp_path / "crates"],
                          capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr, (tmp_path / "called").exists()


def package(source, checksum=True):
    return '[[package]]\nname = "b"\nversion = "1"\nsource = "%s"\n%s' % (source, 'checksum = "00"\n' if checksum else "")


def test_crates_of_the_registry_are_fetched_away_from_the_source(tmp_path):
    code, text, called = crates(tmp_path, package(REGISTRY), config='[build]\nrustc-wrapper = "/evil"\n')
    assert (code, called) == (0, True) and "crates: 1" in text
    assert not (tmp_path / "called").read_text().startswith(str(tmp_path / "source"))


@pytest.mark.parametrize("lock, word", [
    (package("git+https://elsewhere.example/x?rev=1#0"), "not from the registry"),
    (package("registry+https://elsewhere.example/index"), "not from the registry"),
    (package(REGISTRY, checksum=False), "no checksum"),
    ("package = 5\n", "fetch_crates"),
    ("[[package\n", "fetch_crates"),
])
def test_other_crates_are_refused_before_cargo_runs(tmp_path, lock, word):
    code, text, called = crates(tmp_path, lock)
    assert (code, called) == (2, False) and word in text


@pytest.mark.parametrize("dependency", ['git = "https://elsewhere.example/x"', 'registry-index = "https://elsewhere.example"'])
def test_a_manifest_sends_cargo_nowhere(tmp_path, dependency):
    manifest = "[package]\n[target.'cfg(unix)'.dev-dependencies.x]\n%s\n" % dependency
    code, text, called = crates(tmp_path, package(REGISTRY), manifest=manifest)
    assert (code, called) == (2, False) and "names a git address" in text


@pytest.mark.parametrize("lock, config", [
    (None, None), (package("git+https://x.example/"), '[source.crates-io]\nreplace-with = "mine"\n')])
def test_nothing_is_fetched_where_nothing_is_missing(tmp_path, lock, config):
    code, _, called = crates(tmp_path, lock, config)
    assert (code, called) == (0, False)

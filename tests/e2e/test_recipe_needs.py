"""What a configuration wants prepared besides: `./farm` makes each line that `recipe needs` prints."""

from conftest import wheelfarm
from test_first_light import LINUX, WINDOWS, write_config

CONTROL = "trixie-amd64-control"


def needs(folder, targets, more):
    config = write_config(folder, "http://127.0.0.1:9/simple/", ["bcrypt", "markupsafe"], targets=targets, more=more)
    done = wheelfarm("recipe", "needs", config)
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if not line.startswith("image trixie-a")]


def test_tools_are_those_of_the_machines_that_build(tmp_path):
    assert needs(tmp_path, (LINUX, WINDOWS), "") == ["rust amd64"]
    assert needs(tmp_path, (LINUX,), "modes: [emulated]\n") == ["gcc arm64", "rust arm64"]
    assert needs(tmp_path, (LINUX, WINDOWS), "modes: [cross, emulated]\n") == ["gcc arm64", "rust amd64", "rust arm64"]
    assert needs(tmp_path, (LINUX,), f"modes: [emulated]\ncontrol: {CONTROL}\n") == [
        "gcc arm64", "rust arm64", "rust amd64"]

"""Which wheel tags each shipped target accepts, in which order, and its marker environment: against
pip's own code, which is told that it runs on that machine (machines.py)."""

import subprocess

import pytest
from pip._internal.utils.compatibility_tags import get_supported

from conftest import WHEELFARM
from machines import FILES, Machine


def ask(command, lines):
    done = subprocess.run(
        [WHEELFARM, "pep", command], input="".join(line + "\n" for line in lines), text=True,
        capture_output=True, check=True)
    answers = done.stdout.split("\n")
    assert answers.pop() == "" and len(answers) == len(lines)
    return answers


@pytest.fixture(scope="module")
def accepted():
    """What wheelfarm says of every target."""
    return dict(zip(FILES, (answer.split() for answer in ask("tags", list(FILES)))))


def test_shipped_targets():
    """product.md, "Targets"."""
    pythons = ["cp310", "cp311", "cp312", "cp313", "cp313t", "cp314", "cp314t", "cp315", "cp315t"]
    linux = ["manylinux_2_28_aarch64", "manylinux_2_39_aarch64", "musllinux_1_2_aarch64"]
    assert set(FILES) == {f"{python}-{platform}" for python in pythons for platform in linux} | {
        f"{python}-win_arm64" for python in pythons[1:]}


@pytest.mark.parametrize("name", FILES)
def test_order_is_that_of_pip(name, accepted):
    machine = Machine(name)
    expected = machine.tags()
    assert expected[0] == f"cp{machine.version[0]}{machine.version[1]}-{machine.abi}-" + (
        "win_arm64" if machine.windows else "linux_aarch64")
    assert len(set(expected)) == len(expected)
    assert accepted[name] == expected


@pytest.mark.parametrize("name", FILES)
def test_order_is_that_of_pip_for_another_machine(name, accepted):
    """`pip download --platform … --python-version … --abi …`: the same, once it is told the platforms."""
    machine = Machine(name)
    given = get_supported(
        version="%d%d" % machine.version[:2], platforms=machine.platforms(), impl="cp",
        abis=[machine.abi])
    assert accepted[name] == [str(tag) for tag in given]


@pytest.mark.parametrize("name", FILES)
def test_marker_environment(name):
    environment = Machine(name).environment()
    assert len(environment) == 11
    assert environment["python_full_version"].startswith(environment["python_version"] + ".")
    lines = []
    for variable, value in environment.items():
        lines += [f"{name}\t{variable} == '{value}'", f"{name}\t{variable} == '{value}x'"]
    # A value that is a version is compared as one, and "3.13x" is none: text then (PEP 508).
    assert ask("marker", lines) == ["true", "false"] * len(environment)


def test_stable_abis(accepted):
    """PEP 384, 703 and 803: abi3 never fits a free-threaded Python, abi3t never another one."""
    for name, tags in accepted.items():
        stable = {tag.split("-")[1] for tag in tags} & {"abi3", "abi3t"}
        assert stable == ({"abi3t"} if "t-" in name else {"abi3"}), name


def test_targets_that_are_not_shipped_are_invalid():
    assert ask("tags", ["cp313-win_amd64", "", "CP313-win_arm64", "cp313"]) == ["invalid"] * 4

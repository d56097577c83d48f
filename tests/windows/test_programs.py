"""What is the operating system's in the agent, in test programs that run under Wine."""

import re
import time

import pytest

from conftest import BUILD


def cmocka(output):
    passed = re.search(r"\[  PASSED  \] (\d+) test", output)
    return int(passed.group(1)) if passed and "[  FAILED  ]" not in output else 0


@pytest.mark.parametrize("name", ["command_line", "posix", "process", "sandbox"])
def test_program(wine, tmp_path, name):
    code, output = wine.run(BUILD / "tests" / "windows" / f"test_{name}.exe", cwd=tmp_path)
    assert code == 0 and cmocka(output), output


def test_what_was_started_goes_with_a_killed_program(wine):
    program = wine.start(BUILD / "tests" / "windows" / "test_process.exe", "hang")
    assert b"sleeping" in program.stdout.readline()
    assert wine.processes("child.exe")
    program.kill()
    program.wait()
    end = time.monotonic() + 60
    while wine.processes("child.exe") and time.monotonic() < end:
        time.sleep(0.2)
    assert not wine.processes("child.exe")

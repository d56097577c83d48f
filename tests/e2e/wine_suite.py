"""Runs in the Wine bench, in its own Python: files of CPython's test suite, one after another in one process as
`python -m test` does. A line of JSON behind "@" says that one begins, and how it ended.

Usage: wine_suite.py test_struct test_math …

regrtest's own command does not start there: it watches the machine's load by a registry key that Wine has not got. So what
it calls for each file is called here."""

import faulthandler
import json
import os
import sys

from test.libregrtest.cmdline import _parse_args
from test.libregrtest.main import Regrtest
from test.libregrtest.setup import setup_process, setup_test_dir
from test.libregrtest.single import run_single_test
from test.libregrtest.utils import get_temp_dir, get_work_dir
from test.support import os_helper

TOLD = 8  # of the tests of a file that fail, so many are named


def say(**words):
    print("\n@" + json.dumps(words), flush=True)


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else ""


def forget_since(modules):
    """As `python -m test` does after each file."""
    for name in set(sys.modules) - modules:
        if name.startswith(("test.", "test_")):
            parent, _, child = name.rpartition(".")
            if parent in sys.modules:
                vars(sys.modules[parent]).pop(child, None)
            del sys.modules[name]


def main():
    regrtest = Regrtest(_parse_args([]))
    work = get_work_dir(get_temp_dir(), worker=True)
    with os_helper.temp_cwd(work, quiet=True):
        setup_test_dir(None)
        setup_process()
        for name in sys.argv[1:]:
            say(start=name)
            modules = set(sys.modules)
            faulthandler.dump_traceback_later(120)  # of one that comes to no end: where it is
            result = run_single_test(name, regrtest.create_run_tests((name,)))
            faulthandler.cancel_dump_traceback_later()
            stats = result.stats
            bad = [(test, last_line(text)) for test, text in (result.errors or []) + (result.failures or [])]
            say(end=name, state=result.state, ran=stats.tests_run if stats else 0, skipped=stats.skipped if stats else 0,
                bad=len(bad), told=bad[:TOLD])
            forget_since(modules)
    os._exit(0)  # threads that a file left behind are not waited for


if __name__ == "__main__":
    main()

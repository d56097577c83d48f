"""CPython's own test suite in the Wine bench, a file at a time: no measure, a record of what that Python can do there.

Each file is a run of unittest in a process of its own, all in one Wine. Printed a file: pass, fail or
skip, with its last words if it is no pass; then the sums and the version. Without names: a selection of files that
need no network, no window, no compiler.

Usage: woa_cpython.py [test_struct test_math …]; SECONDS_A_FILE=N (300).
"""

import json
import os
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT / "tests/e2e")
import wine_bench  # noqa: E402

FILES = (
    "abc array ast base64 binascii binop bisect bool bufio builtin bytes call charmapcodec cmath codecs collections "
    "colorsys compare complex configparser contextlib copy csv ctypes dataclasses datetime decimal decorators deque "
    "descr dict dictviews difflib dis email enum enumerate exceptions extcall filecmp float fnmatch format fractions "
    "frozenset fstring functools genericpath getopt glob hash hashlib heapq hmac html htmlparser index int io itertools "
    "json keyword lambda list listcomps long marshal math memoryview mimetypes numeric_tower opcodes operator ordered_dict "
    "os pickle pkgutil posixpath pow pprint property queue random range re reprlib richcmp scope set shelve shlex shutil "
    "slice socket sort sqlite3 statistics strftime string struct subprocess super sys tempfile textwrap threading time "
    "tokenize traceback tuple types typing unicodedata unpack urlparse uuid weakref with xml_etree zipfile zlib").split()
RUNNER = """\
import json, subprocess, sys
seconds = float(sys.argv[1])
print(json.dumps(["", 0, sys.version]), flush=True)
for name in sys.argv[2:]:
    try:
        done = subprocess.run([sys.executable, "-m", "unittest", "test." + name], capture_output=True, text=True, errors="replace",
                              timeout=seconds)
        answer = [done.returncode, (done.stdout + done.stderr)[-4000:]]
    except subprocess.TimeoutExpired:
        answer = [-1, "no end after %d s" % seconds]
    print(json.dumps([name, *answer]), flush=True)
"""


def judge(code, text):
    """unittest's own words, of which the last say how many."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    last = lines[-1] if lines else f"exit code {code}"
    ran = re.search(r"Ran (\d+) test", text)
    if code in (0, 5) and (ran is None or ran[1] == "0" or "SkipTest" in text):
        return "skip", last
    if code == 0:
        return "pass", f"{ran[1]} tests, {last}"
    bad = [line for line in lines if line.startswith(("ERROR:", "FAIL:"))]
    skipped = [line for line in lines if line.startswith("unittest.case.SkipTest")]
    return ("skip", skipped[0]) if skipped else ("fail", "; ".join([last, *bad[:2]]))


def main():
    names = sys.argv[1:] or [f"test_{name}" for name in FILES]
    if not wine_bench.identity().exists():
        raise SystemExit(wine_bench.MISSING)
    sums = {"pass": 0, "fail": 0, "skip": 0}
    with tempfile.TemporaryDirectory() as tmp:
        process = wine_bench.start(
            pathlib.Path(tmp), ["-B", "-c", RUNNER, os.environ.get("SECONDS_A_FILE", "300"), *names])
        for line in process.stdout:
            name, code, text = json.loads(line)
            if not name:
                print(f"Python {text}, {wine_bench.identity().read_text().strip()}", flush=True)
                continue
            verdict, why = judge(code, text)
            sums[verdict] += 1
            print(f"{verdict:5}{name:24}{why[:160]}", flush=True)
        process.wait()
        sys.stderr.write(process.stderr.read()[-2000:])
    run = sums["pass"] + sums["fail"]
    print(f"{len(names)} files: {sums['pass']} pass, {sums['fail']} fail, {sums['skip']} skipped, "
          f"{100 * sums['pass'] / run if run else 0:.0f} % of those that ran pass")


if __name__ == "__main__":
    main()

"""All tests of wheelfarm, phase by phase, and one closing line: "N passed, N failed".

A phase is a function that returns (passed, failed). Output of a phase is shown when something in it
failed. Called by ./farm test with the locked test environment's Python; needs build/ to be there.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Programs of the test environment (auditwheel) are found as a user would find them.
os.environ["PATH"] = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
FUZZ_SECONDS = int(os.environ.get("WHEELFARM_FUZZ_SECONDS", "5"))
# The same for everybody, so that a change is not blamed for what chance found; another one looks elsewhere.
FUZZ_SEED = os.environ.get("WHEELFARM_FUZZ_SEED", "1")
# What the compiler's runtime libraries are told, everywhere the same.
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
}


def command(arguments, **options):
    return subprocess.run(
        [str(a) for a in arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", stdin=subprocess.DEVNULL, check=False, **options)


def show(text):
    print(text[-12000:], flush=True)


def build(folder, *options, env=None, only=""):
    """Configures once and compiles one flavour: everything, or what lies under the folder `only`.
    Raises with the log on failure."""
    environment = {**os.environ, **(env or {})}
    if not (folder / "build.ninja").exists():
        done = command(["meson", "setup", folder, *options], env=environment)
        if done.returncode != 0:
            raise RuntimeError(done.stdout)
    targets = []
    if only:
        listing = command(["ninja", "-C", folder, "-t", "targets", "all"]).stdout
        targets = re.findall(rf"^({only}/[\w/]+): c(?:pp)?_LINKER", listing, re.M)
    done = command(["ninja", "-C", folder, *targets], env=environment)
    if done.returncode != 0:
        raise RuntimeError(done.stdout)


def meson_tests(folder, *suites):
    """Runs meson's tests; counts cmocka's own tests where a program prints them."""
    # the bound of a test is for what hangs, not for a busy machine or a sanitizer's pace
    arguments = ["meson", "test", "-C", folder, "--no-rebuild", "--print-errorlogs",
                 "--timeout-multiplier", "6"]
    for suite in suites:
        arguments += ["--suite", suite]
    done = command(arguments, env={**os.environ, **SANITIZERS})
    log = (folder / "meson-logs" / "testlog.txt").read_text(errors="replace")
    passed = sum(int(n) for n in re.findall(r"\[  PASSED  \] (\d+) test", log))
    failed = sum(int(n) for n in re.findall(r"\[  FAILED  \] (\d+) test", log))
    silent = sum(int(n) for n in re.findall(r"^(?:Fail|Timeout): +(\d+)", done.stdout, re.M))
    failed = max(failed, silent)
    if done.returncode != 0:
        failed = max(failed, 1)
        show(done.stdout)
    return passed, failed


def pytest_phase(*arguments):
    report = ROOT / "build" / f"pytest-{arguments[0].replace('/', '-')}.xml"
    done = command([
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--durations=5",
        f"--junitxml={report}", *arguments])
    passed = failed = skipped = 0
    if report.exists():
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):
            broken = int(suite.get("failures")) + int(suite.get("errors"))
            skipped += int(suite.get("skipped"))
            failed += broken
            passed += int(suite.get("tests")) - broken - int(suite.get("skipped"))
    if done.returncode != 0:
        failed = max(failed, 1)
        show(done.stdout)
    if skipped:
        show("\n".join(line for line in done.stdout.splitlines() if "SKIP" in line))
        print(f"  {skipped} skipped", flush=True)
    return passed, failed


def lint():
    return pytest_phase("tests/lint")


def unit():
    build(ROOT / "build")
    return meson_tests(ROOT / "build", "unit", "scenario")


def sanitize():
    folder = ROOT / "build-sanitize"
    build(folder, "-Db_sanitize=address,undefined", "-Db_lundef=false")
    return meson_tests(folder, "unit", "scenario")


def fuzz_one(harness, corpus):
    """One harness for a bounded time: seeds first, then mutations. The corpus folder is only read."""
    scratch = harness.parent / f"{harness.name}-new"
    scratch.mkdir(exist_ok=True)
    done = command([
        harness, f"-seed={FUZZ_SEED}", f"-max_total_time={FUZZ_SECONDS}", "-rss_limit_mb=2048", "-timeout=10",
        "-print_final_stats=0", f"-artifact_prefix={harness}-", scratch, corpus],
        env={**os.environ, **SANITIZERS})
    return harness.name, done


def fuzz():
    folder = ROOT / "build-fuzz"
    # The libraries need coverage too, or the fuzzer is blind in them.
    build(folder, "-Dfuzz=true", "-Db_lundef=false", "-Db_sanitize=address,undefined",
          "-Dc_args=-fsanitize=fuzzer-no-link", "-Dcpp_args=-fsanitize=fuzzer-no-link",
          env={"CC": "ccache clang-14", "CXX": "ccache clang++-14"},
          only="tests/fuzz")
    harnesses = []
    for path in sorted((folder / "tests" / "fuzz").rglob("fuzz_*")):
        if path.is_file() and os.access(path, os.X_OK):
            area = path.parent.name
            noun = path.name.removeprefix("fuzz_").removeprefix(f"{area}_")
            corpus = ROOT / "tests" / "fuzz" / area / noun
            harnesses.append((path, corpus))
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for name, done in pool.map(lambda pair: fuzz_one(*pair), harnesses):
            if done.returncode == 0:
                passed += 1
            else:
                failed += 1
                print(f"  {name} failed", flush=True)
                show(done.stdout)
    return passed, failed or (0 if harnesses else 1)


def end_to_end():
    return pytest_phase("tests/e2e")


def browser():
    """In two halves side by side, each with a browser of its own: much of it waits."""
    build(ROOT / "build")  # the demonstration server that the pages come from
    looks = "tests/browser/test_pages.py"
    others = sorted({f"tests/browser/{p.name}" for p in (ROOT / "tests/browser").glob("test_*.py")} - {looks})
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        halves = list(pool.map(lambda files: pytest_phase(*files), [[looks], others]))
    return sum(p for p, _ in halves), sum(f for _, f in halves)


def windows():
    """What the agent is made of on Windows, under Wine (./farm has compiled it)."""
    return pytest_phase("tests/windows")


PHASES = {
    "lint": lint, "unit": unit, "sanitize": sanitize, "fuzz": fuzz,
    "pytest": end_to_end, "browser": browser, "windows": windows,
}


# Only by its name: it wants Wine (700 MB) and libraries that take a while to cross-build.
BY_NAME = ["windows"]
# What needs the processor and what mostly waits go side by side, once everything is compiled.
FIRST = ["lint", "unit"]
LANES = [["sanitize", "fuzz"], ["pytest", "browser"], BY_NAME]


def run_phases(names):
    """Runs them in this order; returns [(passed, failed)]."""
    results = []
    for name in names:
        start = time.monotonic()
        try:
            passed, failed = PHASES[name]()
        except RuntimeError as problem:
            show(str(problem))
            passed, failed = 0, 1
        seconds = time.monotonic() - start
        print(f"{name}: {passed} passed, {failed} failed ({seconds:.0f} s)", flush=True)
        results.append((passed, failed))
    return results


def main(names):
    unknown = [name for name in names if name not in PHASES]
    if unknown:
        print(f"./farm test: no phase '{unknown[0]}'; one of: {' '.join(PHASES)}", file=sys.stderr)
        return 2
    wanted = names or [name for name in PHASES if name not in BY_NAME]
    results = run_phases([name for name in FIRST if name in wanted])
    with concurrent.futures.ThreadPoolExecutor(max_workers=len(LANES)) as pool:
        for lane in pool.map(run_phases, [[n for n in lane if n in wanted] for lane in LANES]):
            results += lane
    passed = sum(p for p, _ in results)
    failed = sum(f for _, f in results)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

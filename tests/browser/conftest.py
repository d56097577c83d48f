"""A browser and the dashboard on a made-up database; see demo_server.c."""

import contextlib
import os
import pathlib
import shutil
import subprocess

import pytest
from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("WHEELFARM_BUILD", ROOT / "build"))
CHROMIUM = os.environ.get("WHEELFARM_CHROMIUM") or shutil.which("chromium")
# Debian's Chromium, offline: nothing of it may phone home during a test.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@contextlib.contextmanager
def demo(folder, *sql):
    """Starts demo_server; gives the address without the last slash; ends it by closing its input."""
    program = BUILD / "tests" / "browser" / "demo_server"
    with subprocess.Popen(
            [program, folder, *sql], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True) as process:
        address = process.stdout.readline().strip()
        assert address, "demo_server did not start"
        yield address.rstrip("/")
        process.stdin.close()
        assert process.wait(timeout=60) == 0


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    with demo(tmp_path_factory.mktemp("demo"), pathlib.Path(__file__).with_name("demo.sql")) as url:
        yield url


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory):
    with demo(tmp_path_factory.mktemp("empty")) as url:
        yield url


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def pictures():
    """Where screenshots of this run are left to be looked at."""
    folder = BUILD / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def open_page(browser):
    """open_page(url, **context options) -> page; fails the test if the page's policy was violated,
    a script failed, or anything but this server was asked for something."""
    contexts, problems = [], []

    def opener(url, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        origin = "/".join(url.split("/")[:3])
        page.on("pageerror", lambda error: problems.append(f"script: {error}"))
        page.on("console", lambda m: problems.append(m.text)
                if m.type == "error" and "Failed to load resource" not in m.text else None)
        page.on("request", lambda r: problems.append(f"asks {r.url}")
                if not r.url.startswith(origin) else None)
        page.goto(url, wait_until="load")
        return page

    yield opener
    for context in contexts:
        context.close()
    assert not problems

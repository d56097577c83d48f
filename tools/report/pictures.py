#!/usr/bin/env python3
"""Make the pictures of README.md from a running dashboard.

    build/wheelfarm serve --config examples/thirty.yaml &
    ~/.cache/wheelfarm/test-env/bin/python tools/report/pictures.py http://127.0.0.1:8080 docs \\
        --package cryptography --job 9 --passed 20

Writes overview.png, package.png, job.png, built.png of one that passed, and phone.png with the package's page on a phone in the dark. Of a farm with
real packages: a picture of made-up ones tells nobody what the pages are good for. Chromium is Debian's, driven by the
Playwright of the tests' environment; WHEELFARM_CHROMIUM names another one.
"""
import argparse
import os
import pathlib
import shutil

from playwright.sync_api import sync_playwright

WIDE = {"viewport": {"width": 1080, "height": 860}, "color_scheme": "light"}
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


def pictures(package, job, passed):
    return [
        ("overview", "/", WIDE),
        ("package", f"/package/{package}", WIDE),
        ("job", f"/job/{job}", WIDE),
        *([("built", f"/job/{passed}", WIDE)] if passed else []),
        ("phone", f"/package/{package}", PHONE),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", help="address of the dashboard")
    parser.add_argument("out", type=pathlib.Path, help="folder for the pictures")
    parser.add_argument("--package", required=True, help="whose page is shown")
    parser.add_argument("--job", required=True, type=int, help="number of a build, best a failed one")
    parser.add_argument("--passed", type=int, help="number of a build that passed")
    asked = parser.parse_args()
    chromium = os.environ.get("WHEELFARM_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name, path, look in pictures(asked.package, asked.job, asked.passed):
            page = browser.new_page(reduced_motion="reduce", **look)
            answer = page.goto(asked.url.rstrip("/") + path, wait_until="load")
            if answer.status != 200:
                raise SystemExit(f"{path}: {answer.status}")
            page.evaluate("document.fonts.ready")
            page.screenshot(path=asked.out / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()

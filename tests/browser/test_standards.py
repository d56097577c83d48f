"""What others' tools say of the pages and of the API: html-validate, schemathesis."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from test_pages import PAGES, get

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "wheelfarm"
EMPTY = ["/", "/packages", "/changes", "/farm", "/blockers", "/start-here"]
# Held open; known by a farm alone (its queue), or spoken with a token: others test those.
NOT_ASKED = r"(/events$|^/queue|^/api/)"


def html_validate():
    lock = ROOT / "tests/npm/package-lock.json"
    identity = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    program = CACHE / f"tests-packages-{identity}/node_modules/.bin/html-validate"
    assert program.exists(), "tools/prepare/npm_packages.sh tests makes it"
    assert shutil.which("node"), "node runs it"
    return program


def validate(*files):
    """What it says of each file that is not as the standard wants it."""
    done = subprocess.run(
        [html_validate(), "--preset", "standard", "--max-warnings", "0", "--formatter", "json", *files],
        stdout=subprocess.PIPE, text=True, check=False)
    said = json.loads(done.stdout)
    return {pathlib.Path(file["filePath"]).name: file["messages"] for file in said if file["messages"]}


def test_pages_are_valid_html(site, empty_site, tmp_path):
    files = []
    for url, paths in ((site, PAGES), (empty_site, EMPTY)):
        for path in paths:
            status, headers, body = get(url + path)
            assert headers["Content-Type"].startswith("text/html") and status in (200, 404), path
            files.append(tmp_path / f"{len(files):02}.html")
            files[-1].write_bytes(body)
    bad = tmp_path / "bad.html"  # it does look
    bad.write_text(files[0].read_text().replace("</main>", "</div>"))
    found = validate(*files, bad)
    assert found.pop("bad.html") and not found


@pytest.mark.parametrize("site_name", ["site", "empty_site"])
def test_the_description_of_the_api_is_true(site_name, request, tmp_path):
    """Valid and invalid parameters of each public route: no error of the server, no answer of a type or
    status that is not described, nothing accepted that the description forbids or refused that it allows."""
    url = request.getfixturevalue(site_name)
    done = subprocess.run(
        [CACHE / "api-env/bin/schemathesis", "run", f"{url}/openapi.json", "--exclude-path-regex",
         NOT_ASKED, "--phases", "coverage,fuzzing", "--max-examples", "1", "--seed", "1", "--workers",
         "2", "--no-color", "--warnings", "off"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:]
    assert "No issues found" in done.stdout

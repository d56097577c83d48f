"""Bad input is normal: one clear line, the right exit code, and all else goes on."""

import json
import shutil
import socket
import subprocess

import pytest

from conftest import ROOT, wheelfarm
from test_first_light import LINUX, WINDOWS, query, write_config


def scan(index, tmp_path, state, *names):
    return wheelfarm("scan", *names, "--index", index, "--db", tmp_path / "facts.db", env=state)


def lines_with(text, word):
    return [line for line in text.splitlines() if word in line]


def test_an_unreachable_index(tmp_path, state):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    done = scan(f"http://127.0.0.1:{port}/simple/", tmp_path, state, "markupsafe")
    assert done.returncode == 3
    assert len(lines_with(done.stderr, "markupsafe")) == 1, done.stderr
    # Nothing is concluded about the package.
    shown = wheelfarm("show", "markupsafe", "--db", tmp_path / "facts.db", env=state)
    assert shown.returncode == 1


def test_a_page_that_is_not_json_and_one_that_is_not_there(tmp_path, state, index):
    index.add("markupsafe")
    kind = "application/vnd.pypi.simple.v1+json"
    index.answers["/simple/broken/"] = (200, kind, b'{"files": [')
    index.answers["/simple/liar/"] = (200, kind, b'{"files": 7, "meta": {"api-version": "1.1"}}')
    done = scan(index.url, tmp_path, state, "broken", "liar", "absent-package", "markupsafe")
    assert done.returncode == 1, done.stderr
    for name in ("broken", "liar", "absent-package"):
        assert len(lines_with(done.stderr, name)) == 1, done.stderr
    shown = wheelfarm("show", "markupsafe", "--json", "--db", tmp_path / "facts.db", env=state)
    assert shown.returncode == 0
    assert json.loads(shown.stdout)["newest"] == "3.0.4"


def test_a_server_error_keeps_old_facts(tmp_path, state, index):
    index.add("markupsafe")
    assert scan(index.url, tmp_path, state, "markupsafe").returncode == 0
    index.answers["/simple/markupsafe/"] = (500, "text/plain", b"sorry")
    assert scan(index.url, tmp_path, state, "markupsafe").returncode == 3
    shown = wheelfarm("show", "markupsafe", "--json", "--db", tmp_path / "facts.db", env=state)
    assert json.loads(shown.stdout)["newest"] == "3.0.4"


def test_an_sdist_whose_hash_is_wrong(tmp_path, state, index):
    page = index.add("markupsafe", "markupsafe-3.0.4.tar.gz")
    for file in page["files"]:
        if file["filename"] == "markupsafe-3.0.4.tar.gz":
            file["hashes"] = {"sha256": "0" * 64}
    index.add("simplejson", "simplejson-4.3.0.tar.gz")
    config = write_config(tmp_path, index.url, ["markupsafe", "simplejson"], targets=(WINDOWS,))
    done = wheelfarm("run", "--config", config, env=state, timeout=300)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "hash_mismatch" in done.stdout
    rows = query(tmp_path, """SELECT package.name, result.state, result.stage, result.reason
        FROM result JOIN job ON job.id = result.job JOIN package ON package.id = job.package
        ORDER BY package.name""")
    assert rows == [("markupsafe", "fail", "fetch", "hash_mismatch"),
                    ("simplejson", "pass", None, None)]


def test_a_recipe_with_a_typo_stops_only_its_package(tmp_path, state, index):
    recipes = tmp_path / "recipes"
    shutil.copytree(ROOT / "recipes", recipes)
    bad = recipes / "packages/simplejson.yaml"
    bad.write_text("schema: 1\nname: simplejson\nbiuld: yes\n")
    index.add("markupsafe", "markupsafe-3.0.4.tar.gz")
    index.add("simplejson", "simplejson-4.3.0.tar.gz")
    config = write_config(tmp_path, index.url, ["markupsafe", "simplejson"], targets=(WINDOWS,),
                          more=f"recipes: {recipes}\n")
    lint = wheelfarm("recipe", "lint", "--recipes", recipes, env=state)
    assert lint.returncode == 2
    assert f"{bad}:3:" in lint.stderr and "biuld" in lint.stderr
    done = wheelfarm("run", "--config", config, env=state, timeout=300)
    assert done.returncode == 1
    assert lines_with(done.stderr, f"{bad}:3:"), done.stderr
    assert query(tmp_path, "SELECT count(*) FROM result WHERE state = 'pass'") == [(1,)]


def test_a_config_with_a_typo(tmp_path, state):
    config = write_config(tmp_path, "http://127.0.0.1:1/simple/", ["markupsafe"], more="agnets: 1\n")
    done = wheelfarm("run", "--config", config, env=state)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert f"{config}:12:" in done.stderr and "agnets" in done.stderr


def test_a_port_in_use(tmp_path, state, index):
    index.add("markupsafe", "markupsafe-3.0.4.tar.gz")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        config = write_config(tmp_path, index.url, ["markupsafe"], port=port)
        done = wheelfarm("run", "--config", config, env=state)
    assert done.returncode == 3
    assert len(lines_with(done.stderr, str(port))) == 1, done.stderr


def test_a_second_coordinator_is_refused(tmp_path, state, index):
    index.add("markupsafe")
    config = write_config(tmp_path, index.url, ["markupsafe"])
    first = subprocess.Popen(
        [str(ROOT / "build/wheelfarm"), "serve", "--config", str(config)], env=state,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        for line in first.stderr:
            if "http://127.0.0.1:" in line:
                break
        second = wheelfarm("run", "--config", config, env=state)
        assert second.returncode == 3
        assert len(lines_with(second.stderr, str(first.pid))) == 1, second.stderr
    finally:
        first.terminate()
        first.communicate(timeout=20)


@pytest.mark.parametrize("small_disk", [24], indirect=True)
def test_a_full_disk_is_the_farms_fault_not_the_packages(tmp_path, state, index, small_disk):
    index.add("markupsafe", "markupsafe-3.0.4.tar.gz")
    config = write_config(tmp_path, index.url, ["markupsafe"], targets=(LINUX,), more="min_free_mb: 1\n")
    done = wheelfarm("run", "--config", config, env=state, timeout=300)
    assert done.returncode in (1, 3), done.stdout + done.stderr
    assert "host_disk" in done.stdout + done.stderr
    shown = wheelfarm("show", "markupsafe", "--json", "--db", small_disk / "facts.db", env=state)
    facts = {t["target"]: t for t in json.loads(shown.stdout)["targets"]}
    assert facts[LINUX]["headline"] == "ready", "a farm's own fault never turns a package red"

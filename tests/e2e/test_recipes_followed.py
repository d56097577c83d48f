"""A farm that follows a git repository of recipes: good commits are taken, nothing else is."""

import os
import shutil
import sqlite3
import subprocess

import pytest

from conftest import PAGES, ROOT, WHEELFARM


class Followed:
    def __init__(self, folder):
        self.repository = folder / "recipes-repository"
        self.state = folder / "state"
        self.config = folder / "farm.yaml"
        shutil.copytree(ROOT / "recipes", self.repository / "recipes",
                        ignore=shutil.ignore_patterns("*.c", "*.h", "meson.build"))
        self.git("init", "-q", "-b", "main")
        self.commit("first")
        self.config.write_text(
            f"schema: 1\nstate: {self.state}\nindex: {PAGES}\nlisten: 127.0.0.1:0\n"
            "packages: [markupsafe]\nagents: {local: 0}\n"
            f"recipes_from: {self.repository}\n")

    def git(self, *arguments):
        done = subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@example.invalid", *arguments],
            cwd=self.repository, capture_output=True, text=True, check=True,
            env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"})
        return done.stdout.strip()

    def commit(self, message):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.head()

    def head(self):
        return self.git("rev-parse", "HEAD")

    def run(self):
        done = subprocess.run([WHEELFARM, "run", "--config", self.config], capture_output=True,
                              text=True, timeout=120)
        current = self.state / "recipes/current"
        return done, current.read_text() if current.exists() else None


@pytest.fixture
def followed(tmp_path):
    return Followed(tmp_path)


def test_good_commits_are_taken_and_bad_ones_are_not(followed):
    done, current = followed.run()
    assert (done.returncode, current) == (0, followed.head()), done.stderr
    good = current
    # a recipe with an unknown key, a rule whose example does not match, a target that is a link
    recipe = followed.repository / "recipes/packages/markupsafe.yaml"
    text = recipe.read_text()
    recipe.write_text(text + "colour: red\n")
    followed.commit("broken recipe")
    done, current = followed.run()
    assert (done.returncode, current) == (0, good), done.stderr
    assert "packages/markupsafe.yaml:" in done.stderr and "stays in use" in done.stderr
    recipe.write_text(text)
    rules = followed.repository / "recipes/reasons.yaml"
    kept = rules.read_text()
    rules.write_text(kept.replace("example: '", "example: 'x ", 1).replace("No space left", "None", 2))
    followed.commit("broken rules")
    done, current = followed.run()
    assert current == good and "reasons.yaml:" in done.stderr, done.stderr
    rules.write_text(kept)
    (followed.repository / "recipes/packages/passwd.yaml").symlink_to("/etc/passwd")
    followed.commit("hostile")
    done, current = followed.run()
    assert current == good and "holds a link" in done.stderr, done.stderr
    assert not list((followed.state / "recipes/trees").glob("new*"))
    (followed.repository / "recipes/packages/passwd.yaml").unlink()
    mended = followed.commit("mended")
    done, current = followed.run()
    assert (done.returncode, current) == (0, mended), done.stderr
    assert [p.name for p in (followed.state / "recipes/trees").iterdir()] == [mended]


def test_a_rewritten_history_and_a_repository_that_is_gone(followed):
    done, first = followed.run()
    assert done.returncode == 0, done.stderr
    followed.git("checkout", "-q", "--orphan", "other")
    anew = followed.commit("anew")
    done, current = followed.run()
    assert current == anew != first, done.stderr
    shutil.rmtree(followed.repository)
    done, current = followed.run()
    assert (done.returncode, current) == (0, anew), done.stderr
    assert "stays in use" in done.stderr
    assert sqlite3.connect(followed.state / "facts.db").execute(
        "SELECT count(*) FROM package WHERE scanned IS NOT NULL").fetchone() == (1,)


def test_without_any_tree_nothing_begins(followed):
    shutil.rmtree(followed.repository)
    done, current = followed.run()
    assert (done.returncode, current) == (3, None), done.stderr
    assert "recipes: " in done.stderr

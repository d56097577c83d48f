"""The short form of tests/farm/chaos.py; `./farm bench chaos` is the whole."""

import pathlib
import random
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/farm"))

import chaos  # noqa: E402


def test_nothing_is_lost_and_nothing_done_twice():
    seed = random.SystemRandom().randrange(1 << 32)
    did, wrong = chaos.run(jobs=120, agents=6, kills=16, seed=seed)
    assert not wrong, (seed, did, wrong)

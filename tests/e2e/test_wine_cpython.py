"""Files of CPython's own test suite in the Wine bench: fifteen quick ones without a clock in them, of the C runtime, the memory
of threads, files and libraries. `./farm bench woa-cpython` runs them all; docs/woa-cpython.md has how they end."""

import pytest
import wine_bench
import wine_cpython

pytestmark = pytest.mark.skipif(not wine_bench.identity().exists(), reason=wine_bench.MISSING)

FILES = [
    "test_abc", "test_binascii", "test_bisect", "test_cmath", "test_context", "test_filecmp", "test_fnmatch",
    "test_genericpath", "test_hmac", "test_http_cookies", "test_operator", "test_pyexpat", "test_stat", "test_thread",
    "test_xxlimited",
]
LIMIT_S = 60  # of the processor: what comes to no end ends


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    place = tmp_path_factory.mktemp("wine")
    return {record["file"]: record for record in wine_cpython.run(place, FILES, LIMIT_S)}


@pytest.mark.parametrize("name", FILES)
def test_it_passes(records, name):
    record = records[name]
    assert record["state"] in wine_cpython.GOOD, record
    assert record["ran"] >= 5, record

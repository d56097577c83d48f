#!/usr/bin/env bash
# The Python environment of the tests: a venv in the cache with exactly tests/requirements.txt, each
# file checked against its hash. Made anew when the lock changes.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
lock=$prepare_folder/../../tests/requirements.txt
env=$(cache_folder)/test-env
identity=$(sha256sum <"$lock")
[ "$(cat "$env/identity" 2>/dev/null)" != "$identity" ] || exit 0
progress "test environment (pytest, packaging, auditwheel, playwright)"
rm -rf "$env"
mkdir -p "$(dirname "$env")"
/usr/bin/python3 -m venv "$env"
"$env/bin/python" -m pip install -q --require-hashes --only-binary :all: -r "$lock"
printf '%s\n' "$identity" >"$env/identity"
progress_done

#!/usr/bin/env bash
# The Python environments of the tests: venvs in the cache with exactly what their lock names, each file
# checked against its hash. Made anew when the lock changes.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

make() { # make NAME LOCK WHAT
	local env lock=$prepare_folder/../../tests/$2 identity
	env=$(cache_folder)/$1
	identity=$(sha256sum <"$lock")
	[ "$(cat "$env/identity" 2>/dev/null)" != "$identity" ] || return 0
	progress "test environment ($3)"
	rm -rf "$env"
	mkdir -p "$(dirname "$env")"
	/usr/bin/python3 -m venv "$env"
	"$env/bin/python" -m pip install -q --require-hashes --only-binary :all: -r "$lock"
	printf '%s\n' "$identity" >"$env/identity"
	progress_done
}

make test-env requirements.txt "pytest, packaging, auditwheel, playwright"
make api-env requirements-api.txt "schemathesis"

#!/usr/bin/env bash
# The tools that come from the Python package index: a folder in the cache (tools-env/site) with
# exactly requirements-tools.txt, each file checked against its hash. Made anew when the lock changes.
# CACHE/zig points at zig's own folder in it: the binary and its lib, which is what a sandbox gets to see.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=prepared.sh
. "$here/prepared.sh"

lock=$here/requirements-tools.txt
identity=$(sha256sum <"$lock" | cut -d ' ' -f 1)
final=$(cache_folder)/tools-env
[ "$(cat "$final/identity" 2>/dev/null)" != "$identity" ] || exit 0
one_at_a_time tools-env
[ "$(cat "$final/identity" 2>/dev/null)" != "$identity" ] || exit 0

progress "tools from the package index (zig)"
make_temporary "$final"
log=$(cache_folder)/tools-env.log
# Debian's own Python and not whatever is first in PATH. --target and not a venv: nothing in it has to
# know its place, so that it can be renamed when it is whole.
/usr/bin/python3 -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-compile \
	--require-hashes --only-binary :all: --target "$temporary/site" -r "$lock" >"$log" 2>&1 ||
	progress_failed "$log"
chmod 755 "$temporary/site/ziglang/zig"
printf '%s\n' "$identity" >"$temporary/identity"
rm -rf "$final" # an older lock's
publish "$final"
ln -sfn tools-env/site/ziglang "$(cache_folder)/zig"
"$(cache_folder)/zig/zig" version >"$(cache_folder)/zig-version" # what an agent reports as its toolchain
progress_done

#!/usr/bin/env bash
# npm_packages.sh web|tests: what the pages bring along from npm (web/npm; web/embed.py takes from it what
# is served), or what their tests take (tests/npm): a folder in the cache whose name has the lock's hash,
# each file checked against the hash in the lock.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=prepared.sh
. "$here/prepared.sh"

source=$here/../../$1/npm
identity=$(sha256sum <"$source/package-lock.json" | cut -c 1-12)
final=$(cache_folder)/$1-packages-$identity
[ ! -d "$final" ] || exit 0
# A node that is no Debian package brings its own npm.
command -v npm >/dev/null || need_packages web
one_at_a_time "$1-packages"
[ ! -d "$final" ] || exit 0

progress "packages of $1/npm"
make_temporary "$final"
log=$(cache_folder)/$1-packages.log
cp "$source/package.json" "$source/package-lock.json" "$temporary/"
(cd "$temporary" && npm ci --ignore-scripts --no-audit --no-fund) >"$log" 2>&1 || progress_failed "$log"
publish "$final"
progress_done

#!/usr/bin/env bash
# Static C libraries for an SDK's target, for packages whose own wheels carry such a library but whose sdists do not:
#   sdk_libraries.sh SDK_FOLDER SUITE     (called by linux_sdk.sh and windows_sdk.sh while they make the SDK)
# Puts libNAME.a into SDK/libs and headers into SDK/host/include, where the wrappers look last.
# libyaml: without it pyyaml silently builds without its accelerator.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=prepared.sh
. "$here/prepared.sh"

sdk=$1 suite=$2
zig=$(cache_folder)/zig/zig
[ -x "$zig" ] || "$here/python_env.sh"
zig_target=''
# shellcheck source=/dev/null
. "$sdk/target.env"
private_apt "$suite" amd64
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export ZIG_GLOBAL_CACHE_DIR=$work/zig ZIG_LOCAL_CACHE_DIR=$work/zig
mkdir -p "$sdk/libs" "$sdk/host/include"

log=$work/log
apt-get -q --download-only source libyaml >"$log" 2>&1 || progress_failed "$log"
sha256sum -- *.orig.tar.gz >>"$sdk/identity"
tar -x --strip-components=1 -f ./*.orig.tar.gz
version=$(printf '%s\n' *.orig.tar.gz | sed 's/^libyaml_\(.*\)\.orig.*/\1/')
IFS=. read -r major minor patch <<<"$version"
for source in src/*.c; do
	"$zig" cc -target "$zig_target" -O2 -fPIC -fno-sanitize=undefined -s -Iinclude -DYAML_VERSION_STRING="\"$version\"" \
		-DYAML_VERSION_MAJOR="$major" -DYAML_VERSION_MINOR="$minor" -DYAML_VERSION_PATCH="$patch" \
		-c "$source" -o "$(basename "$source" .c).o" >"$log" 2>&1 || progress_failed "$log"
done
"$zig" ar rcsD "$sdk/libs/libyaml.a" ./*.o
cp include/yaml.h "$sdk/host/include/"

#!/usr/bin/env bash
# A CPython for Windows on ARM64, cross-built by zig from Debian's source package: wine_python.sh VERSION
# Result: CACHE/wine-python/VERSION-KEY/{python.exe,python313.dll,python3.dll,DLLs,Lib,build.txt}, whose path is printed.
# KEY is the hash of what made it. Its libraries (libffi, zlib, bzip2, liblzma, SQLite, OpenSSL by library.sh) are Debian 12's,
# static.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=prepared.sh
. "$here/prepared.sh"
# shellcheck source-path=SCRIPTDIR source=zig_sandbox.sh
. "$here/zig_sandbox.sh"

version=$1
case $version in
3.13) suite=trixie ;;
*) die "wine_python: no Debian suite is known for CPython $version" ;;
esac
cache=$(cache_folder)
[ -x "$cache/zig/zig" ] || "$here/python_env.sh"
"$here/windows_sdk.sh" >&2
"$here/library.sh" openssl win_arm64 >&2
openssl=$(find "$cache/library/win_arm64" -maxdepth 1 -name 'openssl-*' ! -name '*.tmp.*' | sort -V | tail -n 1)
key=$(cat "$openssl/identity" "$here/wine_python.sh" "$here/wine/build_python.sh" "$here/wine/python_ninja.py" "$here/wine/emutls.c" "$here/wine/patches/$version.patch" "$cache/zig-version" |
	sha256sum | cut -c 1-12)
final=$cache/wine-python/$version-$key
say_where() {
	printf '%s\n' "$final"
	exit 0
}
[ ! -e "$final/build.txt" ] || say_where
need_packages build wine
one_at_a_time "wine-python-$version"
[ ! -e "$final/build.txt" ] || say_where

progress "CPython $version for Windows on ARM (cross-built)"
make_temporary "$final"
work=$temporary/work
log=$cache/wine-python/$version.log
mkdir -p "$work/apt"
: >"$log"

# sources SUITE PACKAGE…: fetched and unpacked to $work/PACKAGE; their hashes go into build.txt
sources() {
	local package archive
	private_apt "$1" amd64
	cd "$work/apt"
	for package in "${@:2}"; do
		apt-get -q --download-only source "$package" >>"$log" 2>&1 || progress_failed "$log"
		archive=$(printf '%s\n' "${package}"_*.orig.tar.* | grep -vE '\.asc$' | head -n 1)
		mkdir "$work/${package%[0-9].*}"
		tar -x --strip-components=1 -C "$work/${package%[0-9].*}" -f "$archive"
		sha256sum -- "$archive" >>"$temporary/build.tmp"
	done
	cd "$work"
}
sources "$suite" "python$version"
sources bookworm libffi zlib bzip2 xz-utils sqlite3
cp -R "$openssl" "$work/openssl"
patch -d "$work/python" -p1 -s <"$here/wine/patches/$version.patch" >>"$log" 2>&1 || progress_failed "$log"

# Byte code is made by a Python of the same version; where this machine has none, a builder image has.
if [ ! -x "/usr/bin/python$version" ]; then
	for root in "$cache"/images/*-amd64-*/root; do
		[ ! -x "$root/usr/bin/python$version" ] || sandbox_image=$root
	done
	[ -n "$sandbox_image" ] || die "wine_python: neither this machine nor an image has a python$version"
fi
zig_sandbox "$work" /wheelfarm/prepare/wine/build_python.sh "$version" >>"$log" 2>&1 || progress_failed "$log"
cp -R "$work"/out/{python.exe,python3.dll,"python${version/./}.dll",DLLs,Lib} "$temporary/"
rm -f "$temporary"/DLLs/*.lib "$temporary"/DLLs/*.pdb
{
	printf 'CPython %s for win_arm64, zig %s\n' \
		"$(sed -n 's/^#define PY_VERSION *"\(.*\)"/\1/p' "$work/python/Include/patchlevel.h")" "$(cat "$cache/zig-version")"
	cat "$temporary/build.tmp"
	printf '%s  openssl\n' "$(cat "$openssl/identity")"
} >"$work/build.txt"
mv "$work/build.txt" "$temporary/build.txt"
rm -rf "$work" "$temporary/build.tmp"
publish "$final"
progress_done
say_where

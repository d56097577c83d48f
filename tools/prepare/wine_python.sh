#!/usr/bin/env bash
# A CPython for Windows, cross-built by zig from Debian's source package: wine_python.sh VERSION PLATFORM
# (win_arm64, which the bench has, or win_amd64).
# Result: CACHE/wine-python/VERSION-PLATFORM-KEY/{python.exe,python313.dll,python3.dll,DLLs,Lib,Include,libs,build.txt}, whose
# path is printed. KEY is the hash of what made it. Its libraries (libffi, zlib, bzip2, liblzma, SQLite) are Debian 12's, static;
# so is OpenSSL, which library.sh makes for win_arm64 only.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=prepared.sh
. "$here/prepared.sh"
# shellcheck source-path=SCRIPTDIR source=zig_sandbox.sh
. "$here/zig_sandbox.sh"

version=$1 platform=$2
case $version in
3.11) suite=bookworm ;;
3.13) suite=trixie ;;
*) die "wine_python: no Debian suite is known for CPython $version" ;;
esac
cache=$(cache_folder)
[ -x "$cache/zig/zig" ] || "$here/python_env.sh"
"$here/windows_sdk.sh" >&2
openssl=
case $platform in
win_arm64)
	"$here/library.sh" openssl "$platform" >&2
	openssl=$(newest "$cache/library/$platform" 'openssl-*')
	;;
win_amd64) ;;
*) die "wine_python: $platform is no platform of Windows" ;;
esac
key=$(cat ${openssl:+"$openssl/identity"} "$here/wine_python.sh" "$here/wine/build_python.sh" "$here/wine/python_ninja.py" \
	"$here/wine/emutls.c" "$here/wine/patches/$version.patch" "$cache/zig-version" | sha256sum | cut -c 1-12)
final=$cache/wine-python/$version-$platform-$key
say_where() {
	printf '%s\n' "$final"
	exit 0
}
[ ! -e "$final/build.txt" ] || say_where
need_packages build wine
one_at_a_time "wine-python-$version-$platform"
[ ! -e "$final/build.txt" ] || say_where

progress "CPython $version for $platform (cross-built)"
make_temporary "$final"
work=$temporary/work
log=$cache/wine-python/$version-$platform.log
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
		tar -x --no-same-owner --strip-components=1 -C "$work/${package%[0-9].*}" -f "$archive"
		sha256sum -- "$archive" >>"$temporary/build.tmp"
	done
	cd "$work"
}
sources "$suite" "python$version"
sources bookworm libffi zlib bzip2 xz-utils sqlite3
[ -z "$openssl" ] || cp -R "$openssl" "$work/openssl"
patch -d "$work/python" -p1 -s <"$here/wine/patches/$version.patch" >>"$log" 2>&1 || progress_failed "$log"

# Byte code is made by a Python of the same version; where this machine has none, a builder image has.
if [ ! -x "/usr/bin/python$version" ]; then
	for root in "$cache"/images/*-amd64-*/root; do
		[ ! -x "$root/usr/bin/python$version" ] || sandbox_image=$root
	done
	[ -n "$sandbox_image" ] || die "wine_python: neither this machine nor an image has a python$version"
fi
zig_sandbox "$work" /wheelfarm/prepare/wine/build_python.sh "$version" "$platform" >>"$log" 2>&1 || progress_failed "$log"
cp -R "$work"/out/{python.exe,python3.dll,"python${version/./}.dll",DLLs,Lib,Include,libs} "$temporary/"
rm -f "$temporary"/DLLs/*.lib "$temporary"/DLLs/*.pdb
{
	printf 'CPython %s for %s, zig %s\n' \
		"$(sed -n 's/^#define PY_VERSION *"\(.*\)"/\1/p' "$work/python/Include/patchlevel.h")" "$platform" "$(cat "$cache/zig-version")"
	cat "$temporary/build.tmp"
	[ -z "$openssl" ] || printf '%s  openssl\n' "$(cat "$openssl/identity")"
} >"$work/build.txt"
mv "$work/build.txt" "$temporary/build.txt"
rm -rf "$work" "$temporary/build.tmp"
publish "$final"
progress_done
say_where

#!/usr/bin/env bash
# The cross-building folder of one Windows target: CACHE/sdk/cp313-win_arm64-REV/, laid out as linux_sdk.sh's, and
#   libs/   import libraries: python313 and python3, also under the names that MinGW-like linkers try
# The headers are Debian's (they do not depend on the system) with CPython's own PC/pyconfig.h; the import libraries are
# made from the names that a libpython3.13 exports, plus those that CPython has on Windows only. No file of Windows is needed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=prepared.sh
. "$here/prepared.sh"

revision=6 # part of the folder's name and of every job's toolchain: raise it with any change of what is made
python=3.13
suite=trixie
target=cp313-win_arm64
final=$(cache_folder)/sdk/$target-$revision
unless_made "sdk-$target" "$final"

zig=$(cache_folder)/zig/zig
[ -x "$zig" ] || "$here/python_env.sh"
progress "SDK $target (from Debian's source package of Python)"
make_temporary "$final"
private_apt "$suite" amd64
mkdir "$temporary/unpacked"
cd "$temporary/unpacked"
{
	apt-get -q download "libpython$python" "libpython$python-dev"
	apt-get -q --download-only source "python$python"
} >"$temporary.log" 2>&1 || progress_failed "$temporary.log"
sha256sum -- *.deb *.orig.tar.* >"$temporary/identity"
for package in *.deb; do
	dpkg-deb --fsys-tarfile "$package" | tar -x --wildcards "./usr/include/*" "./usr/lib/*/libpython$python.so.*" \
		2>/dev/null || true # not every pattern is in every package
done
tar -x --strip-components=1 --wildcards -f ./*.orig.tar.xz '*/PC/pyconfig.h*' '*/PC/python3dll.c'

cp -R "usr/include/python$python" "$temporary/include"
# Since 3.13 it is pyconfig.h.in; the text is complete but for a switch that is off by default.
cp PC/pyconfig.h.in "$temporary/include/pyconfig.h"

# B, D, R: data, which a DLL's user reaches through a pointer; marked, or the program crashes at run time.
nm -D --defined-only usr/lib/*/"libpython$python".so.* |
	awk '$3 ~ /^_?Py/ { sub(/@.*/, "", $3); print $3 ($2 ~ /[BDR]/ ? " DATA" : "") }' >names
sed -n 's/^EXPORT_FUNC(\(.*\))$/\1/p; s/^EXPORT_DATA(\(.*\))$/\1 DATA/p' PC/python3dll.c >stable
# Windows only: in the stable list but not in a Linux libpython, except the two names of debug builds; and the rest of
# CPython's Windows API outside the stable ABI.
awk '{ print $1 }' names | LC_ALL=C sort >have
awk 'NR == FNR { have[$1]; next } !($1 in have) && $1 !~ /^_Py_(RefTotal|NegativeRefcount)$/' have stable >windows_only
printf '%s\n' PyUnicode_AsMBCSString PyUnicode_DecodeMBCS PyUnicode_DecodeMBCSStateful >>windows_only
for library in python${python/./} python3; do
	{
		printf 'LIBRARY %s.dll\nEXPORTS\n' "$library"
		if [ "$library" = python3 ]; then cat stable; else cat names windows_only; fi | LC_ALL=C sort -u
	} >"$library.def"
	mkdir -p "$temporary/libs"
	ZIG_GLOBAL_CACHE_DIR=$temporary/unpacked/zig-cache "$zig" dlltool -m arm64 -d "$library.def" \
		-l "$temporary/libs/$library.lib" >"$temporary.log" 2>&1 || progress_failed "$temporary.log"
	cp "$temporary/libs/$library.lib" "$temporary/libs/lib$library.a"
done

/usr/bin/python3 "$here/sdk_files.py" "$target" "$temporary" "$(readlink -f "$(dirname "$zig")")"
cd /
"$here/sdk_libraries.sh" "$temporary" "$suite"
rm -rf "$temporary/unpacked" "$temporary.log"
sha256sum "$here/zig_tool.sh" "$here/sdk_files.py" "$here/sdk_libraries.sh" | cut -d ' ' -f 1 >>"$temporary/identity"
publish "$final"
progress_done

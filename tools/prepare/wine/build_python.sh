#!/usr/bin/env bash
# The part of wine_python.sh that runs in the sandbox, in the folder of the unpacked sources: build_python.sh VERSION PLATFORM
# Leaves python.exe, the DLLs, Lib with byte code, and Include and libs for who compiles modules, in out/.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=$1 platform=$2
work=$PWD
zig=/wheelfarm/zig/zig
case $platform in
win_arm64) processor=aarch64 ;;
win_amd64) processor=x86_64 ;;
esac

mkdir -p bin out/include out/DLLs out/Lib out/libs libffi/build
printf '#!/bin/sh\nexec %s cc -target %s-windows-gnu -fno-sanitize=undefined "$@" -s -w\n' "$zig" "$processor" >bin/cc
printf '#!/bin/sh\nexec %s ar "$@"\n' "$zig" >bin/ar
printf '#!/bin/sh\nexec %s ranlib "$@"\n' "$zig" >bin/ranlib
chmod +x bin/*

(
	cd libffi/build
	../configure --host="$processor-w64-mingw32" --disable-shared --enable-static --disable-docs \
		--disable-multi-os-directory CC="$work/bin/cc" AR="$work/bin/ar" RANLIB="$work/bin/ranlib" CFLAGS="-O2 -g0"
	make -j 2
) &
libffi=$! # most of it is one question after another; so is SQLite's, below
(
	cd sqlite3 # the one file that other projects compile
	./configure --disable-tcl CFLAGS=-O0
	make sqlite3.c
)
wait "$libffi"

# Frozen modules are byte code, which a Python of the same version makes: this machine's or an image's.
python=/usr/bin/python$version
if [ ! -x "$python" ]; then
	image=/wheelfarm/image
	printf '#!/bin/sh\nPYTHONHOME=%s/usr exec %s/lib64/ld-linux-x86-64.so.2 --library-path %s/usr/lib/x86_64-linux-gnu %s/usr/bin/python%s "$@"\n' \
		"$image" "$image" "$image" "$image" "$version" >bin/python
	chmod +x bin/python
	python=$work/bin/python
fi
pyconfig=python/PC/pyconfig.h # since 3.13 with .in at its end, and complete but for a switch that is off by default
[ -e "$pyconfig" ] || pyconfig+=.in
cp "$pyconfig" out/include/pyconfig.h
# headers whose names MinGW has in lower case
for header in ProcessSnapshot Rpc Unknwn; do
	printf '#include <%s.h>\n' "${header,,}" >"out/include/$header.h"
done
libraries=("zlibDir=$work/zlib/" "bz2Dir=$work/bzip2/" "lzmaDir=$work/xz-utils/" "sqlite3Dir=$work/sqlite3/" "libffi=$work/libffi/build")
[ ! -d openssl ] || libraries+=("opensslDir=$work/openssl")
/usr/bin/python3 "$here/python_ninja.py" python out "$version" "$platform" "$python" "$zig" "${libraries[@]}"
(
	tar -c -C python/Lib --exclude=idlelib --exclude=tkinter --exclude=turtledemo --exclude=ensurepip \
		--exclude=__pycache__ . | tar -x -C out/Lib
	# Byte code that is not compared with its source: an emulated Python starts in half the time, and its own tests are read.
	"$python" -m compileall -q --invalidation-mode unchecked-hash -s "$work/out" -p / -x '/bad_|/badsyntax_|lib2to3' "$work/out/Lib"
) &
lib=$!
ninja -C out -j 3 -k 0
wait "$lib"

# As a Python is installed on Windows.
cp -R python/Include out/Include
cp out/include/pyconfig.h out/Include/
for library in "python${version/./}" python3; do
	cp "out/lib$library.a" "out/libs/$library.lib"
done

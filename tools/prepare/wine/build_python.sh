#!/usr/bin/env bash
# The part of wine_python.sh that runs in the sandbox, in the folder of the unpacked sources: build_python.sh VERSION
# Leaves python.exe, the DLLs and Lib with byte code in out/.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=$1
work=$PWD
zig=/wheelfarm/zig/zig

mkdir -p bin out/include out/DLLs out/Lib libffi/build
printf '#!/bin/sh\nexec %s cc -target aarch64-windows-gnu -fno-sanitize=undefined "$@" -s -w\n' "$zig" >bin/cc
printf '#!/bin/sh\nexec %s ar "$@"\n' "$zig" >bin/ar
printf '#!/bin/sh\nexec %s ranlib "$@"\n' "$zig" >bin/ranlib
chmod +x bin/*

(
	cd libffi/build
	../configure --host=aarch64-w64-mingw32 --disable-shared --enable-static --disable-docs \
		--disable-multi-os-directory CC="$work/bin/cc" AR="$work/bin/ar" RANLIB="$work/bin/ranlib" CFLAGS="-O2 -g0"
	make -j 2
)
(
	cd sqlite3 # the one file that other projects compile
	./configure --disable-tcl CFLAGS=-O0
	make sqlite3.c
)

# Frozen modules are byte code, which a Python of the same version makes: this machine's or an image's.
python=/usr/bin/python$version
if [ ! -x "$python" ]; then
	image=/wheelfarm/image
	printf '#!/bin/sh\nPYTHONHOME=%s/usr exec %s/lib64/ld-linux-x86-64.so.2 --library-path %s/usr/lib/x86_64-linux-gnu %s/usr/bin/python%s "$@"\n' \
		"$image" "$image" "$image" "$image" "$version" >bin/python
	chmod +x bin/python
	python=$work/bin/python
fi
cp python/PC/pyconfig.h.in out/include/pyconfig.h
# headers whose names MinGW has in lower case
printf '#include <processsnapshot.h>\n' >out/include/ProcessSnapshot.h
printf '#include <rpc.h>\n' >out/include/Rpc.h
printf '#include <unknwn.h>\n' >out/include/Unknwn.h
/usr/bin/python3 "$here/python_ninja.py" python out "$version" "$python" "$zig" "zlibDir=$work/zlib/" "bz2Dir=$work/bzip2/" \
	"lzmaDir=$work/xz-utils/" "sqlite3Dir=$work/sqlite3/" "libffi=$work/libffi/build" "opensslDir=$work/openssl"
ninja -C out -j 3 -k 0

tar -c -C python/Lib --exclude=idlelib --exclude=tkinter --exclude=turtledemo --exclude=ensurepip \
	--exclude=__pycache__ . | tar -x -C out/Lib
# Byte code that is not compared with its source: an emulated Python starts in half the time, and its own tests are read.
"$python" -m compileall -q --invalidation-mode unchecked-hash -s "$work/out" -p / -x '/bad_|/badsyntax_|lib2to3' "$work/out/Lib"

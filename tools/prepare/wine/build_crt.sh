#!/usr/bin/env bash
# The part of wine_bench.sh that runs in the sandbox: from wine_apisetschema.dll, Wine's own, to crt/ with ucrtshim.dll,
# bcryptprimitives.dll (their .c say why) and apisetschema.dll, edited: api-ms-win-crt-* is ucrtshim.dll.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
zig=/wheelfarm/zig/zig mingw=/wheelfarm/zig/lib/libc/mingw
out=$PWD/crt work=$PWD/crt.work
mkdir -p "$out" "$work"
cc() { "$zig" cc -target aarch64-windows-gnu -O2 -fno-sanitize=undefined -w "$@" -s; }

# C99's complex functions, which Wine 8 has not got either: MinGW's, in double, float and long double.
objects=()
cp "$mingw"/complex/*.h "$work/"
for definition in "$work"/*.def.h; do
	name=$(basename "$definition" .def.h)
	for kind in DOUBLE FLOAT LDOUBLE; do
		printf '#define _NEW_COMPLEX_%s 1\n#include "complex_internal.h"\n#include "%s.def.h"\n' "$kind" "$name" \
			>"$work/$name.$kind.c"
	done
done
(
	cd "$work"
	# not every function exists in every kind
	# shellcheck disable=SC2016 # expanded by the inner shell
	printf '%s\n' ./*.c | xargs -P 2 -I{} sh -c \
		'"$0" cc -target aarch64-windows-gnu -O2 -fno-sanitize=undefined -fno-builtin -w -I. -I"$1" -c -o {}.o {} 2>/dev/null || true' \
		"$zig" "$mingw/include"
)
objects=("$work"/*.o)
# A function is called as its file, with f or l behind it.
for object in "${objects[@]}"; do
	printf '%s\n' "${object##*/}"
done | sed 's/\.DOUBLE\.c\.o$//; s/\.FLOAT\.c\.o$/f/; s/\.LDOUBLE\.c\.o$/l/' | LC_ALL=C sort -u >"$work/own"

# The names of the Universal CRT, as MinGW lists them; a name that Wine's has not got fails when it is called.
"$zig" cc -target aarch64-windows-gnu -E -P -x c -w -I"$mingw/def-include" -I"$mingw/lib-common" \
	"$mingw/lib-common/ucrtbase.def.in" 2>/dev/null >"$work/listed"
# NAME, NAME DATA, NAME == THE_REAL_NAME, with a comment behind a semicolon; "; NAME ; replaced" is there too
sed -E 's/^; (\w+) ; replaced.*/\1/; s/;.*//; s/.*== *//; s/ DATA *$//' "$work/listed" | sed -n 's/^ *\([A-Za-z_][A-Za-z0-9_]*\) *$/\1/p' |
	grep -vE '^(LIBRARY|EXPORTS|__stdio_common_v.*|_o_.*)$' | LC_ALL=C sort -u | LC_ALL=C comm -23 - "$work/own" >"$work/names"
[ "$(wc -l <"$work/names")" -gt 1200 ] || { echo "build_crt: too few names in MinGW's list" >&2; exit 3; }
{
	printf 'LIBRARY ucrtshim.dll\nEXPORTS\n'
	sed 's/.*/&=ucrtbase.&/' "$work/names"
	cat "$work/own"
} >"$work/ucrtshim.def"
cc -fno-builtin -c -o "$work/ucrtshim.c.o" "$here/ucrtshim.c"
cc -shared -o "$out/ucrtshim.dll" "$work/ucrtshim.c.o" "${objects[@]}" "$work/ucrtshim.def"
cc -fno-builtin -c -o "$work/bcryptprimitives.o" "$here/bcryptprimitives.c"
cc -shared -nostdlib -o "$out/bcryptprimitives.dll" "$work/bcryptprimitives.o" -ladvapi32
rm -f "$out"/*.lib "$out"/*.pdb

/usr/bin/python3 - wine_apisetschema.dll "$out/apisetschema.dll" <<'END'
import sys

old, new = "ucrtbase.dll".encode("utf-16-le"), "ucrtshim.dll".encode("utf-16-le")
with open(sys.argv[1], "rb") as file:
    schema = file.read()
if schema.count(old) != 1:
    sys.exit("build_crt: ucrtbase.dll is there %d times in apisetschema.dll, not once" % schema.count(old))
with open(sys.argv[2], "wb") as file:
    file.write(schema.replace(old, new))
END

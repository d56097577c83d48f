#!/bin/sh
# The compiler wrapper of a job that GCC compiles: lies as cc, c++, ar, … where an SDK has zig's wrappers (zig_tool.sh), so
# that all that an SDK says of its target holds for this compiler too. Flags live here for the same reason as there.
zig_target='' LD_LIBRARY_PATH=''
# shellcheck source=/dev/null
. /wheelfarm/sdk/target.env
gcc=/wheelfarm/gcc
for folder in "$gcc"/usr/lib/*-linux-gnu; do # its own libraries (isl, mpfr, …); the C library is the image's
	LD_LIBRARY_PATH=$LD_LIBRARY_PATH${LD_LIBRARY_PATH:+:}$folder
done
export LD_LIBRARY_PATH
tools=$gcc/usr/bin/aarch64-linux-gnu

case ${0##*/} in
cc) tool='gcc-10' ;;
c++) tool='g++-10' ;;
ar | ranlib | objcopy) exec "$tools-${0##*/}" "$@" ;;
strip) exit 0 ;; # everything is stripped when it is linked, as by zig's wrapper
*)
	echo "gcc_tool: no tool ${0##*/}" >&2
	exit 127
	;;
esac

# What the C library's floor has not got, though this one has (gcc.sh).
floor=''
minor=${zig_target##*.}
[ "$minor" -ge 29 ] || floor="-include $gcc/glibc_floor.h"
host=
for library in /wheelfarm/host/*/; do
	[ ! -d "$library" ] || host="$host -isystem ${library}include -L${library}lib"
done
# --as-needed: g++ names libm always, and zig's linker leaves out what nobody uses.
# The runtimes of C++ and of GCC itself are linked in, as zig does it: a wheel must not depend on which of them its host has.
# shellcheck disable=SC2086 # lists of words on purpose
exec "$tools-$tool" --sysroot="$gcc" -B"$gcc/usr/bin" -Wl,--as-needed $floor "$@" -s -Wno-error -static-libgcc -static-libstdc++ \
	-Wl,--exclude-libs,libstdc++.a:libgcc.a:libgcc_eh.a $host -isystem /wheelfarm/sdk/host/include -L/wheelfarm/sdk/libs

#!/bin/sh
# One compiler wrapper for a target: copied into an SDK's bin/ under each name (cc, c++, ar, …) and run
# inside the sandbox, where zig and the SDK are mounted at fixed places. Flags live here and not in CFLAGS,
# because many packages overwrite CFLAGS and none can overwrite this.
zig_target='' link_flags=''
# shellcheck source=/dev/null
. "${0%/*}/../target.env"
zig=/wheelfarm/zig/zig

case ${0##*/} in
cc) tool=cc ;;
c++) tool=c++ ;;
ar | ranlib | dlltool | rc | objcopy) exec "$zig" "${0##*/}" "$@" ;;
strip) # everything is stripped when it is linked (below): nothing is left to do, and that is no failure
	exit 0 ;;
*)
	echo "zig_tool: no tool ${0##*/}" >&2
	exit 127
	;;
esac

# Only a module gets libraries of Python; a program or an object does not.
module=
for argument; do
	[ "$argument" != -shared ] || module=$link_flags
done
# host: headers and static libraries of the target that the SDK carries; looked at after the package's own.
# -fno-sanitize: zig adds UBSan calls to code compiled without -O, which then do not link.
# -s: no debug data, on Windows no stray .pdb; given to programs too, or zig compiles its runtimes once more.
# -Wno-error: a package's -Werror is meant for the compilers it knows.
# shellcheck disable=SC2086 # a list of words on purpose
exec "$zig" "$tool" -target "$zig_target" -fno-sanitize=undefined "$@" -s -Wno-error \
	-isystem /wheelfarm/sdk/host/include -L/wheelfarm/sdk/libs $module

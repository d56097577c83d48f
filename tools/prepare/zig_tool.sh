#!/bin/sh
# One compiler wrapper for a target: copied into an SDK's bin/ under each name (cc, c++, ar, …) and run
# inside the sandbox, where zig and the SDK are mounted at fixed places. Flags live here and not in CFLAGS,
# because many packages overwrite CFLAGS and none can overwrite this.
here=${0%/*}
# shellcheck source=/dev/null
. "$here/../target.env" # zig_target, link_flags
zig=/wheelfarm/zig/zig

case ${0##*/} in
cc) tool=cc ;;
c++) tool=c++ ;;
ar | ranlib | dlltool | rc | objcopy) exec "$zig" "${0##*/}" "$@" ;;
strip) # zig strips at link (below); a later strip has nothing left to do and must not fail
	exit 0 ;;
*)
	echo "zig_tool: no tool ${0##*/}" >&2
	exit 127
	;;
esac

# Only a link of a module may get libraries and -s: at a compile they would be unused or wrong.
for argument; do
	if [ "$argument" = -shared ]; then
		# -s: no debug data, and on Windows no stray .pdb beside the module; link_flags keep the .lib away, too.
		# shellcheck disable=SC2086 # a list of words on purpose
		exec "$zig" "$tool" -target "$zig_target" -fno-sanitize=undefined "$@" -s $link_flags
	fi
done
# zig adds UBSan calls to code compiled without -O, which then do not link.
exec "$zig" "$tool" -target "$zig_target" -fno-sanitize=undefined "$@"

#!/usr/bin/env bash
# Let the kernel run aarch64 programs through qemu, also inside a root and a sandbox. Idempotent.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=prepared.sh
. "$here/prepared.sh"

folder=/proc/sys/fs/binfmt_misc
name=wheelfarm-aarch64
qemu=/usr/bin/qemu-aarch64-static

works() { # somebody's handler for aarch64 is on and is held open by the kernel (F), so roots need no qemu
	grep -lsq '^magic 7f454c460201010000000000000000000200b700$' "$folder"/* 2>/dev/null || return 1
	local handler
	for handler in "$folder"/*; do
		if grep -q '^magic 7f454c460201010000000000000000000200b700$' "$handler" 2>/dev/null &&
			grep -q '^enabled' "$handler" && grep -q '^flags:.*F' "$handler"; then
			return 0
		fi
	done
	return 1
}

[ "$(uname -m)" != aarch64 ] || exit 0 # an ARM64 machine needs no emulation
! works || exit 0
need_root "registering aarch64 emulation (binfmt_misc)"
[ -x "$qemu" ] || die "$qemu is missing: apt-get install qemu-user-static"
[ -e "$folder/register" ] || mount -t binfmt_misc binfmt_misc "$folder" ||
	die "binfmt_misc cannot be mounted: the kernel lacks it, or this container may not"
# An ELF header of 64 bits, little endian, ET_EXEC or ET_DYN, machine 183. O: qemu gets the open file, so
# unreadable programs run; C: credentials of the program; F: qemu is opened now, so it need not be in a root.
magic='\x7f\x45\x4c\x46\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
[ ! -e "$folder/$name" ] || printf -- '-1' >"$folder/$name" # ours, but switched off: make it anew
printf '%s' ":$name:M::$magic:$mask:$qemu:OCF" >"$folder/register" ||
	die "the kernel refused the aarch64 handler"
works || die "the aarch64 handler is registered but not active"
printf 'farm: aarch64 programs run through %s\n' "$qemu" >&2

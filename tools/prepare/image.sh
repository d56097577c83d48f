#!/usr/bin/env bash
# Make one image, a Debian root, from the key=value lines of `wheelfarm recipe image NAME` on stdin:
#   name revision suite architecture variant role kind, packages and pythons with commas between.
# Result: CACHE/images/NAME-REVISION/{root/,packages.txt,identity}. Nothing is done if it is there.
#
# variant=extract unpacks packages and runs none of their scripts: seconds also for a foreign architecture,
# and right for Python and libraries. minbase and its kin configure them as Debian does (minutes emulated).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=prepared.sh
. "$here/prepared.sh"

name='' revision='' suite='' architecture='' variant=extract packages='' kind=debian
pythons=()
while IFS='=' read -r key value; do
	case $key in
	name | revision | suite | architecture | variant | kind)
		[[ $value =~ ^[a-z0-9][a-z0-9._-]*$ ]] || die "image: bad $key '$value'"
		[ "$key=$value" != kind=windows ] || die "image: $name is what a Windows machine has installed (docs/windows.md)"
		printf -v "$key" '%s' "$value"
		;;
	package | packages)
		[[ $value =~ ^[a-z0-9][a-z0-9.+,_-]*$ ]] || die "image: bad package '$value'"
		packages+=,$value
		;;
	pythons)
		[[ $value =~ ^[0-9.,]*$ ]] || die "image: bad pythons '$value'"
		IFS=, read -r -a pythons <<<"$value"
		;;
	esac # other keys (role, …) are not for us
done
for key in name revision suite architecture packages; do
	[ -n "${!key}" ] || die "image: $key is missing: key=value lines are read from stdin"
done

final=$(cache_folder)/images/$name-$revision
unless_made "image-$name" "$final"
need_root "making the image $name"
mirror=$(debian_mirror)
log=$(cache_folder)/images/$name.log
make_temporary "$final"

progress "image $name (Debian $suite, $architecture)"
# Recommends and documentation are left out: nobody reads it in a sandbox. The .debs are kept until their
# hashes are written down.
mmdebstrap --quiet --mode=root --format=directory --variant="$variant" --architectures="$architecture" \
	--aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Languages "none"' \
	--aptopt='APT::Install-Recommends "false"' \
	--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' \
	--skip=essential/unlink --skip=cleanup/apt/cache \
	--include="${packages#,}" "$suite" "$temporary/root" "$mirror" >"$log" 2>&1 ||
	progress_failed "$log"
root=$temporary/root

# The exact packages, with the hash of each file: this list's own hash is the image's identity.
(cd "$root/var/cache/apt/archives" && sha256sum -- *.deb) | awk '{ print $2, $1 }' |
	LC_ALL=C sort >"$temporary/packages.txt"
rm -rf "$root"/var/cache/apt "$root"/var/lib/apt "$root"/usr/share/{doc,man,locale,info,lintian}

# Mount points that the sandbox lays the machine's own files over in a step with network, and the
# accounts that an unconfigured root has not got.
mkdir -p "$root/etc/ssl/certs" "$root/etc/ca-certificates" "$root/var/tmp"
rm -f "$root/etc/resolv.conf"
touch "$root/etc/resolv.conf" "$root/etc/pip.conf"
printf '127.0.0.1 localhost wheelfarm\n' >"$root/etc/hosts" # without network a sandbox has its own address and name
[ -s "$root/etc/passwd" ] ||
	printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'nobody:x:65534:65534:nobody:/:/bin/false' >"$root/etc/passwd"
[ -s "$root/etc/group" ] || printf '%s\n' 'root:x:0:' 'nogroup:x:65534:' >"$root/etc/group"
# What update-ca-certificates would make; Debian's pip does not even start without it.
if [ ! -s "$root/etc/ssl/certs/ca-certificates.crt" ] && [ -d "$root/usr/share/ca-certificates" ]; then
	find "$root/usr/share/ca-certificates" -name '*.crt' -print0 | LC_ALL=C sort -z | xargs -0 cat \
		>"$root/etc/ssl/certs/ca-certificates.crt"
fi

# Debian compiles Python's library in a package script. Without it an emulated python3 starts in 6 s
# instead of 1 s. Byte code is the same on all architectures, so a native image of the same Python does it
# for a foreign one, some twenty times as fast as the emulated one would.
compile_python() {
	local python=$1 with=$root other
	if [ "$architecture" != "$(dpkg --print-architecture)" ]; then
		for other in "$(cache_folder)"/images/*-"$(dpkg --print-architecture)"-*/root; do
			[ ! -x "$other/usr/bin/$python" ] || with=$other
		done
	fi
	bwrap --unshare-all --ro-bind "$with" / --proc /proc --dev /dev --tmpfs /tmp --bind "$root" /home \
		"/usr/bin/$python" -I -m compileall -q -j 2 -s /home -p / -x '/(test|idlelib|lib2to3)/' \
		"/home/usr/lib/$python" /home/usr/lib/python3/dist-packages >>"$log" 2>&1 || true # it counts files of foreign dialects
	[ -n "$(find "$root/usr/lib/$python/json" -name "*.pyc" -print -quit)" ] || progress_failed "$log"
}
for python in "$root"/usr/bin/python3.[0-9]*; do
	[[ ! $python =~ /python3\.[0-9]+$ ]] || compile_python "${python##*/}"
done

identity=$(sha256sum <"$temporary/packages.txt" | cut -d ' ' -f 1)
[ "$kind" != wine-arm64 ] || identity+=" $("$here/wine_bench.sh" "$root" "${pythons[@]}")"
printf '%s\n' "$identity" >"$temporary/identity"
publish "$final"
progress_done

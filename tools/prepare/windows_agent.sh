#!/usr/bin/env bash
# What the agent's side of Windows is cross-built with, for one kind of machine:
#   windows_agent.sh PLATFORM        (windows_agent.sh win_arm64)
# Result: CACHE/windows-agent/PLATFORM-REVISION/
#   bin/        compiler wrappers: zig, with the triple in them
#   include/, lib/   the agent's libraries, static, from Debian's source packages with Debian's patches
#   cross.txt   the cross file for meson
# They are compiled here and not by their own build systems, which would build DLLs and programs and try what only runs
# on Windows. A new library is one function below, build_NAME, and its name in `libraries`.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=prepared.sh
. "$here/prepared.sh"

revision=1 # raise it with any change of what is made
suite=bookworm # the versions that the agent for Linux has
libraries=(libuv1 cmocka)
platform=${1:-}
case $platform in
win_amd64) triple=x86_64-windows-gnu cpu_family=x86_64 ;;
win_arm64) triple=aarch64-windows-gnu cpu_family=aarch64 ;;
*) die "windows_agent: the agent is built for win_amd64 and win_arm64, not '$platform'" ;;
esac

final=$(cache_folder)/windows-agent/$platform-$revision
[ ! -e "$final/identity" ] || exit 0
need_packages build run
one_at_a_time "windows-agent-$platform"
[ ! -e "$final/identity" ] || exit 0
[ -x "$(cache_folder)/zig/zig" ] || "$here/python_env.sh"
zig=$(readlink -f "$(cache_folder)/zig")/zig

wrappers() { # wrappers FOLDER: cc and its like, which keep zig's runtimes and results in the cache
	local tool arguments
	mkdir -p "$1"
	for tool in cc ar ranlib; do
		arguments=$tool
		# -fno-sanitize: zig adds UBSan calls to code compiled without -O, which then do not link.
		[ "$tool" != cc ] || arguments="cc -target $triple -fno-sanitize=undefined"
		cat >"$1/$tool" <<-END
			#!/bin/sh
			# Meson asks the linker's name, and does not know zig's own word for LLD.
			case \$* in *-Wl,--version*) echo 'LLD (compatible with GNU linkers)' && exit ;; esac
			export ZIG_GLOBAL_CACHE_DIR='$(cache_folder)/windows-agent/zig-cache'
			export ZIG_LOCAL_CACHE_DIR="\$ZIG_GLOBAL_CACHE_DIR"
			exec '$zig' $arguments "\$@"
		END
		chmod 755 "$1/$tool"
	done
}

source_of() { # source_of DEBIAN_SOURCE: unpacked with Debian's patches into ./DEBIAN_SOURCE, its hash written down
	mkdir "$1.package"
	(cd "$1.package" && apt-get -q --download-only source "$1" && dpkg-source --no-check -x ./*.dsc "../$1") || return 1
	(cd "$1.package" && sha256sum -- *.tar.* | grep -v '\.asc$') >>"$temporary/sources.txt"
}

compile() { # compile NAME 'PATTERN…' OPTION…: the sources as lib/libNAME.a
	local name=$1 sources=$2
	shift 2
	mkdir "$name.made"
	# shellcheck disable=SC2086 # patterns
	printf '%s\n' $sources | while read -r source; do
		printf '%s\n' -c "$source" -o "$name.made/$(printf '%s' "${source%.c}" | tr / -).o"
	done | xargs -P2 -n4 "$tools/cc" -O2 -w "$@" &&
		"$tools/ar" rcsD "$temporary/lib/lib$name.a" "$name.made"/*.o
}

build_libuv1() {
	compile uv 'libuv1/src/*.c libuv1/src/win/*.c' -Ilibuv1/include -Ilibuv1/src -D_CRT_DECLARE_NONSTDC_NAMES=0 || return 1
	cp -R libuv1/include/. "$temporary/include/"
}

build_cmocka() { # for the tests
	compile cmocka cmocka/src/cmocka.c -Icmocka/include -DHAVE_INTTYPES_H -DHAVE_STDINT_H -DHAVE_SIGNAL_H \
		-DHAVE_MALLOC_H -DHAVE_STDLIB_H -DHAVE_STRING_H -DHAVE_TIME_H -DHAVE_STRUCT_TIMESPEC || return 1
	cp cmocka/include/cmocka.h "$temporary/include/"
}

build_all() {
	local name
	private_apt "$suite" amd64
	mkdir -p "$temporary/include" "$temporary/lib"
	for name in "${libraries[@]}"; do
		source_of "$name" && "build_$name" || return 1
	done
}

cross_file() {
	local tool
	printf '[binaries]\n'
	printf "c = '%s'\n" "$final/bin/cc"
	for tool in ar ranlib; do
		printf "%s = '%s'\n" "$tool" "$final/bin/$tool"
	done
	printf "\n[host_machine]\nsystem = 'windows'\nendian = 'little'\n"
	printf "cpu_family = '%s'\ncpu = '%s'\n\n[properties]\nprefix = '%s'\n" "$cpu_family" "$cpu_family" "$final"
}

progress "libraries of the agent for $platform (from Debian's source packages; once)"
make_temporary "$final"
log=$final.log
work=$final.work # a fixed place: what a failed run compiled, zig's cache still knows
rm -rf "$work"
mkdir "$work"
trap 'rm -rf "$temporary"' EXIT
tools=$temporary/bin
wrappers "$tools"
export SOURCE_DATE_EPOCH=946684800
cd "$work"
: >"$temporary/sources.txt"
build_all >"$log" 2>&1 || progress_failed "$log"
cross_file >"$temporary/cross.txt"
cat "$temporary/sources.txt" "$here/windows_agent.sh" "$(cache_folder)/zig-version" | sha256sum | cut -d ' ' -f 1 >"$temporary/identity"
rm -f "$log"
cd /
publish "$final"
rm -rf "$work"
progress_done

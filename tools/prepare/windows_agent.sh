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

revision=2 # raise it with any change of what is made
suite=bookworm # the versions that the agent for Linux has
libraries=(libuv1 zlib bzip2 xz-utils libzstd libarchive libdeflate simdjson curl cmocka)
platform=${1:-}
case $platform in
win_amd64) triple=x86_64-windows-gnu cpu_family=x86_64 ;;
win_arm64) triple=aarch64-windows-gnu cpu_family=aarch64 ;;
*) die "windows_agent: the agent is built for win_amd64 and win_arm64, not '$platform'" ;;
esac

final=$(cache_folder)/windows-agent/$platform-$revision
[ ! -e "$final/identity" ] || exit 0
need_packages build run
unless_made "windows-agent-$platform" "$final"
[ -x "$(cache_folder)/zig/zig" ] || "$here/python_env.sh"
zig=$(readlink -f "$(cache_folder)/zig")/zig

wrappers() { # wrappers FOLDER: cc and its like, which keep zig's runtimes and results in the cache
	local tool arguments
	mkdir -p "$1"
	for tool in cc c++ ar ranlib; do
		arguments=$tool
		# -fno-sanitize: zig adds UBSan calls to code compiled without -O, which then do not link.
		case $tool in cc | c++) arguments="$tool -target $triple -fno-sanitize=undefined" ;; esac
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
	local name=$1 sources=$2 compiler=cc
	shift 2
	case $sources in *.cpp) compiler=c++ ;; esac
	mkdir "$name.made"
	# shellcheck disable=SC2086 # patterns
	printf '%s\n' $sources | while read -r source; do
		printf '%s\n' -c "$source" -o "$name.made/$(printf '%s' "${source%.*}" | tr / -).o"
	done | xargs -P3 -n4 "$tools/$compiler" -O2 -w "-I$temporary/include" "$@" &&
		"$tools/ar" rcsD "$temporary/lib/lib$name.a" "$name.made"/*.o
}

build_libuv1() {
	compile uv 'libuv1/src/*.c libuv1/src/win/*.c' -Ilibuv1/include -Ilibuv1/src -D_CRT_DECLARE_NONSTDC_NAMES=0 || return 1
	cp -R libuv1/include/. "$temporary/include/"
}

build_zlib() {
	compile z 'zlib/*.c' || return 1
	cp zlib/zlib.h zlib/zconf.h "$temporary/include/"
}

build_bzip2() { # as CPython's own project for it lists them
	compile bz2 'bzip2/blocksort.c bzip2/bzlib.c bzip2/compress.c bzip2/crctable.c bzip2/decompress.c bzip2/huffman.c bzip2/randtable.c' || return 1
	cp bzip2/bzlib.h "$temporary/include/"
}

build_xz-utils() { # liblzma, without threads
	local part options=()
	for part in api common check delta lz lzma rangecoder simple; do
		options+=("-Ixz-utils/src/liblzma/$part")
	done
	rm -f xz-utils/src/liblzma/*/*{tablegen,_mt,_small,encoder*}.c xz-utils/src/liblzma/common/hardware_cputhreads.c
	compile lzma 'xz-utils/src/liblzma/*/*.c xz-utils/src/common/tuklib_physmem.c' "${options[@]}" \
		-Ixz-utils/windows/vs2019 -Ixz-utils/src/common -DHAVE_CONFIG_H -DLZMA_API_STATIC -UMYTHREAD_VISTA || return 1
	cp -R xz-utils/src/liblzma/api/. "$temporary/include/"
}

build_libzstd() { # the half that unpacks
	compile zstd 'libzstd/lib/common/*.c libzstd/lib/decompress/*.c' -DZSTD_DISABLE_ASM || return 1
	cp libzstd/lib/*.h "$temporary/include/"
}

build_libarchive() {
	# its own configuration for MinGW, which is for an older Windows and an older compiler
	sed -e '/define _WIN32_WINNT/d; /define WINVER/d; /SYS_CDEFS/d; /STAT_EMPTY_STRING_BUG/d' \
		libarchive/contrib/android/config/windows_host.h >libarchive/libarchive/windows_config.h
	local name sources=''
	for name in acl check_magic cmdline cryptor entry entry_copy_stat entry_link_resolver entry_sparse entry_stat entry_xattr \
		hmac options pack_dev ppmd7 ppmd8 random rb read read_add_passphrase read_open_fd read_open_filename read_open_memory read_support_filter_bzip2 \
		read_support_filter_gzip read_support_filter_program read_support_filter_xz read_support_filter_zstd \
		read_support_format_tar read_support_format_zip string string_sprintf util virtual windows write write_open_fd \
		write_open_filename write_open_memory write_set_format_zip write_set_passphrase; do
		sources="$sources libarchive/libarchive/archive_$name.c"
	done
	# what the writer of zips says of links and pipes lies beside the list of all other formats
	cat >libarchive/libarchive/filetype_unsupported.c <<-'END'
		#include "archive_platform.h"
		#include "archive.h"
		#include "archive_entry.h"
		#include "archive_private.h"
		#include "archive_write_set_format_private.h"
		void __archive_write_entry_filetype_unsupported(struct archive *a, struct archive_entry *entry, const char *format)
		{
			archive_set_error(a, ARCHIVE_ERRNO_FILE_FORMAT, "%s: not a plain file", archive_entry_pathname(entry));
		}
	END
	sources="$sources libarchive/libarchive/filetype_unsupported.c libarchive/libarchive/filter_fork_windows.c"
	compile archive "$sources" -DLIBARCHIVE_STATIC -D__LIBARCHIVE_CONFIG_H_INCLUDED -DLZMA_API_STATIC \
		-D_FILE_OFFSET_BITS=64 '-DPLATFORM_CONFIG_H="windows_config.h"' -DHAVE_ZLIB_H -DHAVE_LIBZ -DHAVE_BZLIB_H -DHAVE_LIBBZ2 \
		-DHAVE_LZMA_H -DHAVE_LIBLZMA -DHAVE_ZSTD_H -DHAVE_LIBZSTD || return 1
	cp libarchive/libarchive/archive.h libarchive/libarchive/archive_entry.h "$temporary/include/"
}

build_libdeflate() {
	compile deflate 'libdeflate/lib/*.c libdeflate/lib/arm/*.c libdeflate/lib/x86/*.c' -Ilibdeflate || return 1
	cp libdeflate/libdeflate.h "$temporary/include/"
}

build_simdjson() {
	compile simdjson 'simdjson/singleheader/simdjson.cpp' -std=c++17 -fno-exceptions -fno-rtti || return 1
	cp simdjson/singleheader/simdjson.h "$temporary/include/"
}

build_curl() { # HTTP alone; TLS, certificates and proxies are Windows' own
	(cd curl/lib && rm -f amigaos.c asyn-ares.c c-hyper.c curl_gssapi.c curl_ldap.c curl_rtmp.c dict.c ftp.c ftplistparser.c \
		gopher.c h2h3.c http2.c idn_win32.c imap.c krb5.c ldap.c macos.c mqtt.c openldap.c pop3.c psl.c rtsp.c smb.c smtp.c \
		socks_gssapi.c telnet.c tftp.c)
	compile curl "curl/lib/*.c curl/lib/vauth/*.c curl/lib/vquic/vquic.c $(printf 'curl/lib/vtls/%s.c ' \
		hostcheck keylog schannel schannel_verify vtls x509asn1)" \
		-Icurl/include -Icurl/lib -DBUILDING_LIBCURL -DCURL_STATICLIB -DHTTP_ONLY -DCURL_DISABLE_OPENSSL_AUTO_LOAD_CONFIG \
		-DUSE_SCHANNEL -DUSE_WINDOWS_SSPI -DHAVE_LIBZ -DHAVE_IOCTLSOCKET_FIONBIO=1 || return 1
	cp -R curl/include/curl "$temporary/include/"
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
	printf "c = '%s'\ncpp = '%s'\n" "$final/bin/cc" "$final/bin/c++"
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

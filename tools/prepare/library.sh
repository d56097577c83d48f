#!/usr/bin/env bash
# One static C library for one platform, for recipes that name it under `libraries`:
#   library.sh NAME PLATFORM        (library.sh libffi win_arm64)
# Result: CACHE/library/PLATFORM/NAME-REVISION/{include,lib,lib/pkgconfig}, mounted at /wheelfarm/host/NAME in builds that ask.
# From Debian's source packages, compiled by the SDK's own wrappers, so that the glibc floor is the target's.
# A new library is one function below, build_NAME.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=prepared.sh
. "$here/prepared.sh"

suite=trixie
name=$1 platform=$2
revision_of() { # revision_of NAME: part of a folder's name; raise it with any change of what is made
	case $1 in
	libffi | libxml2 | libxslt | openssl) echo 2 ;;
	*) echo 1 ;;
	esac
}
case $platform in
manylinux_2_28_aarch64) sdk_target=cp313-manylinux_2_28_aarch64 system=Linux host=aarch64-linux-gnu ;;
win_arm64) sdk_target=cp313-win_arm64 system=Windows host=aarch64-w64-mingw32 ;;
*) die "library: nothing is built for the platform $platform" ;;
esac

source_of() { # source_of DEBIAN_SOURCE: unpacked into ./source, its hash written down
	private_apt "$suite" amd64
	apt-get -q --download-only source "$1" || return 1
	sha256sum -- *.orig.tar.* | grep -v '\.asc$' >>"$temporary/sources.txt"
	mkdir source
	tar -x --strip-components=1 -C source -f "$(find . -maxdepth 1 -name '*.orig.tar.*' ! -name '*.asc' | head -n 1)"
}

pkgconfig() { # pkgconfig NAME VERSION LIBS [REQUIRES [CFLAGS]]
	mkdir -p "$temporary/lib/pkgconfig"
	cat >"$temporary/lib/pkgconfig/$1.pc" <<-PC
		prefix=/wheelfarm/host/$name
		Name: $1
		Description: $1
		Version: $2
		Requires: ${4:-}
		Libs: -L\${prefix}/lib $3
		Cflags: -I\${prefix}/include ${5:-}
	PC
}

with_cmake() { # with_cmake OPTION…: source/ built and installed into the result
	cmake -S source -B made -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_SYSTEM_NAME="$system" \
		-DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_C_COMPILER="$tools/cc" -DCMAKE_AR="$tools/ar" \
		-DCMAKE_RANLIB="$tools/ranlib" -DCMAKE_RC_COMPILER="$tools/windres" -DCMAKE_INSTALL_PREFIX="$temporary" -DCMAKE_INSTALL_LIBDIR=lib \
		-DCMAKE_POSITION_INDEPENDENT_CODE=ON -DBUILD_SHARED_LIBS=OFF "$@" &&
		ninja -C made install &&
		rm -rf "${temporary:?}/bin"
}

build_libffi() {
	source_of libffi || return 1
	# On Windows the system empties the instruction cache; GNU's function for that is in no library there.
	sed -i 's/^#elif defined (__GNUC__)$/#elif defined (__GNUC__) \&\& !defined (_WIN32)/' source/src/aarch64/ffi.c
	grep -q '!defined (_WIN32)' source/src/aarch64/ffi.c || return 1
	(cd source && autoreconf -i && ./configure --host="$host" --disable-shared --enable-static --disable-docs --disable-multi-os-directory \
		--with-pic --prefix="$temporary" CC="$tools/cc" AR="$tools/ar" RANLIB="$tools/ranlib" &&
		make -j2 install) || return 1
	local version
	version=$(sed -n 's/^Version: //p' "$temporary/lib/pkgconfig/libffi.pc")
	rm -rf "$temporary/lib/pkgconfig" "$temporary/share" "$temporary"/lib/*.la
	pkgconfig libffi "$version" -lffi
}

build_libxml2() {
	source_of libxml2 || return 1
	with_cmake -DLIBXML2_WITH_PYTHON=OFF -DLIBXML2_WITH_PROGRAMS=OFF -DLIBXML2_WITH_TESTS=OFF -DLIBXML2_WITH_ICONV=OFF \
		-DLIBXML2_WITH_ZLIB=OFF -DLIBXML2_WITH_LZMA=OFF -DLIBXML2_WITH_MODULES=OFF -DLIBXML2_WITH_HTTP=OFF || return 1
	local version libs static=
	version=$(sed -n 's/.*LIBXML_DOTTED_VERSION "\(.*\)".*/\1/p' "$temporary/include/libxml2/libxml/xmlversion.h")
	plain_names
	mv "$temporary/include/libxml2/libxml" "$temporary/include/libxml"
	# Without the word its headers import from a DLL.
	[ "$system" = Linux ] && libs='-lxml2 -lm -lpthread' || libs='-lxml2 -lws2_32 -lbcrypt' static=-DLIBXML_STATIC
	rm -rf "$temporary/lib/pkgconfig" "$temporary/share"
	pkgconfig libxml-2.0 "$version" "$libs" '' "$static"
}

build_libxslt() {
	local xml
	xml=$(cache_folder)/library/$platform/libxml2-$(revision_of libxml2)
	[ -e "$xml/identity" ] || "$0" libxml2 "$platform"
	source_of libxslt || return 1
	with_cmake -DLIBXSLT_WITH_PYTHON=OFF -DLIBXSLT_WITH_PROGRAMS=OFF -DLIBXSLT_WITH_TESTS=OFF -DLIBXSLT_WITH_CRYPTO=OFF \
		-DLIBXSLT_WITH_MODULES=OFF -DCMAKE_C_FLAGS="-I$xml/include" -DLIBXML2_INCLUDE_DIR="$xml/include" \
		-DLIBXML2_LIBRARY="$xml/lib/libxml2.a" -DCMAKE_PREFIX_PATH="$xml" || return 1
	plain_names
	local version static=
	version=$(sed -n 's/.*LIBXSLT_DOTTED_VERSION "\(.*\)".*/\1/p' "$temporary/include/libxslt/xsltconfig.h")
	rm -rf "$temporary/lib/pkgconfig" "$temporary/share"
	[ "$system" = Linux ] || static='-DLIBXSLT_STATIC -DLIBEXSLT_STATIC'
	pkgconfig libxslt "$version" -lxslt libxml-2.0 "$static"
	pkgconfig libexslt "$version" -lexslt libxslt "$static"
}

# What CMake calls libxml2s.lib or liblibxml2.a on Windows is found as -lxml2 everywhere.
plain_names() {
	local file short
	for file in "$temporary"/lib/*.a "$temporary"/lib/*.lib; do
		[ -e "$file" ] || continue
		short=$(basename "$file" | sed -E 's/^(lib)+//; s/s?\.(a|lib)$//')
		[ "$file" = "$temporary/lib/lib$short.a" ] || mv "$file" "$temporary/lib/lib$short.a"
	done
}

# 3.0, with Debian's patches, which are those of its security team. All algorithms are in the library (no-module): a wheel
# must not look for a provider of the machine that it lands on, nor on Windows for its settings where anybody may write.
build_openssl() {
	private_apt bookworm amd64
	apt-get -q --download-only source openssl || return 1
	sha256sum -- *.dsc >>"$temporary/sources.txt" # which has the hashes of the rest
	dpkg-source --no-check -x ./*.dsc source || return 1
	# It knows no ARM64 Windows before 3.2.
	cat >windows.conf <<-'END'
		my %targets = (
			"mingwarm64" => {inherit_from => ["mingw-common"], sys_id => "MINGWARM64", bn_ops => add("SIXTY_FOUR_BIT")},
		);
	END
	local settings=(linux-aarch64 -fPIC) folders=() system_libs='-ldl -lpthread'
	[ "$system" = Linux ] || {
		settings=(--config=../windows.conf mingwarm64)
		folders=(OPENSSLDIR='C:/Program Files/Common Files/SSL' ENGINESDIR='C:/Program Files/OpenSSL/engines' \
			MODULESDIR='C:/Program Files/OpenSSL/modules')
		system_libs='-lws2_32 -lgdi32 -lcrypt32 -ladvapi32 -luser32'
	}
	(cd source && ./Configure "${settings[@]}" --prefix=/usr --openssldir=/etc/ssl no-shared no-module no-engine no-tests no-comp \
		CC="$tools/cc" AR="$tools/ar" RANLIB="$tools/ranlib" && make -j2 "${folders[@]}" build_libs) || return 1
	mkdir -p "$temporary/lib" "$temporary/include/openssl"
	cp source/include/openssl/*.h "$temporary/include/openssl/"
	cp source/lib{ssl,crypto}.a "$temporary/lib/"
	local version
	version=$(sed -n 's/^# *define OPENSSL_VERSION_STR "\(.*\)"/\1/p' "$temporary/include/openssl/opensslv.h")
	pkgconfig libcrypto "$version" "-lcrypto $system_libs"
	pkgconfig libssl "$version" -lssl libcrypto
}

build=build_${name//-/_}
declare -F "$build" >/dev/null || die "library: there is no $name; add a function $build to tools/prepare/library.sh"
final=$(cache_folder)/library/$platform/$name-$(revision_of "$name")
[ ! -e "$final/identity" ] || exit 0
need_packages build libraries
unless_made "library-$platform-$name" "$final"
sdk=$(newest "$(cache_folder)/sdk" "$sdk_target-*")
[ -n "$sdk" ] || die "library: no SDK for $platform in $(cache_folder)/sdk"

# zig, its cache and the wrappers know themselves at their places in a build's sandbox, so this goes on in one that has them
# there and all else as it is here.
if [ ! -e /wheelfarm/sdk/target.env ]; then
	flock -u 9 # we ask for it again inside
	binds=()
	for folder in /*; do
		case $folder in
		/dev | /proc | /wheelfarm) ;;
		*) binds+=(--bind "$folder" "$folder") ;;
		esac
	done
	exec bwrap "${binds[@]}" --dev /dev --proc /proc --ro-bind "$(readlink -f "$(cache_folder)/zig")" /wheelfarm/zig \
		--ro-bind "$sdk" /wheelfarm/sdk "$here/library.sh" "$name" "$platform"
fi

progress "library $name for $platform"
make_temporary "$final"
log=$final.log
work=$(mktemp -d)
trap 'rm -rf "$work" "$temporary"' EXIT
tools=/wheelfarm/sdk/bin
seed=$(cache_folder)/zig-seed/$(basename "$sdk")
mkdir "$work/zig-cache"
[ ! -d "$seed" ] || cp -R "$seed/." "$work/zig-cache/"
export ZIG_GLOBAL_CACHE_DIR=$work/zig-cache ZIG_LOCAL_CACHE_DIR=$work/zig-cache/local SOURCE_DATE_EPOCH=946684800
cd "$work"
: >"$temporary/sources.txt"
"$build" >"$log" 2>&1 || progress_failed "$log"
cat "$temporary/sources.txt" "$here/library.sh" "$sdk/identity" | sha256sum | cut -d ' ' -f 1 >"$temporary/identity"
rm -f "$log"
cd /
publish "$final"
rm -rf "$work"
progress_done

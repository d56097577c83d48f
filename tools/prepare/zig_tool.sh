#!/bin/sh
# One compiler wrapper for a target: copied into an SDK's bin/ under each name (cc, c++, ar, …) and run
# inside the sandbox, where zig and the SDK are mounted at fixed places. Flags live here and not in CFLAGS,
# because many packages overwrite CFLAGS and none can overwrite this.
zig_target='' compile_flags='' module_flags='' stable_flags=''
# shellcheck source=/dev/null
. "${0%/*}/../target.env"
zig=/wheelfarm/zig/zig

case ${0##*/} in
cc) tool=cc ;;
c++) tool=c++ ;;
ar | ranlib | dlltool | rc | objcopy) exec "$zig" "${0##*/}" "$@" ;;
windres) # build systems speak MinGW's dialect where the compiler is not Microsoft's; zig's compiler of resources does not
	input='' output='' last=''
	for argument; do
		shift
		case $last:$argument in
		-O:* | *:-O | *:-o | *:-i | *:-I | *:-D) ;;
		-I:* | *:-I*) set -- "$@" /i "${argument#-I}" ;;
		-D:* | *:-D*) set -- "$@" /d "${argument#-D}" ;;
		-i:* | *:*.rc) input=$argument ;;
		*) output=$argument ;; # with -o or without
		esac
		last=$argument
	done
	exec "$zig" rc /:output-format coff /:target "${zig_target%%-*}" "$@" -- "$input" "$output" ;;
strip) # everything is stripped when it is linked (below): nothing is left to do, and that is no failure
	exit 0 ;;
*)
	echo "zig_tool: no tool ${0##*/}" >&2
	exit 127
	;;
esac

# Only a module gets libraries of Python; a program, an object or another library does not. On Windows a module of the
# stable ABI is called NAME.pyd and needs python3.dll; one of this Python's own ABI has its tag in the name.
# What rustc and Meson files give to a MinGW linker is left out: zig brings those libraries itself, under other names.
module='' shared='' implib='' output='' last='' compile=''
case " $* " in
*' -c '*) compile=1 ;;
esac
for argument; do
	shift
	case $compile:$last:$argument in
	1:-o:*) ;;
	1:*.lib | 1:*.a) continue ;; # nothing is linked yet, which zig does not believe
	esac
	case $zig_target:$argument in
	*:--target=*) continue ;; # of the cc crate: the same triple in another spelling
	*windows*:-l*msvcrt | *windows*:-lucrt | *windows*:-lmingw* | *windows*:-lgcc_* | *windows*:-nolibc) continue ;;
	*windows*:-mlong-double-64 | *windows*:-static) continue ;; # here both are so already, and zig stumbles over the words
	*windows*:--unwindlib=none | *windows*:-Wl,-O[0-9]) continue ;;
	*windows*:-Wl,-Bdynamic | *windows*:-Wl,-Bstatic) continue ;; # zig would look for the DLL itself, which nobody links to
	*windows*:-Wl,*.def) argument=${argument#-Wl,} ;; # exports: zig knows the file by its name
	*windows*:-l*[A-Z]*) # Windows does not tell PowrProf from powrprof; zig's import libraries have small letters
		small=$(printf '%s\n' "${argument#-l}" | tr '[:upper:]' '[:lower:]')
		for folder in lib-common lib64; do
			for file in /wheelfarm/zig/lib/libc/mingw/"$folder/$small".def*; do
				[ ! -e "$file" ] || argument=-l$small
			done
		done
		;;
	*:-shared) shared=1 ;;
	*:-Wl,--out-implib*) implib=1 ;;
	esac
	[ "$last" != -o ] || output=$argument
	last=$argument
	set -- "$@" "$argument"
done
if [ -n "$shared" ]; then
	case $output in
	*.cp3*.pyd) module=$module_flags ;;
	*.pyd) module=$stable_flags ;;
	esac
	# Nobody links to a module: an import library only for who asks and will look for it.
	case $implib:$output in
	:*.pyd) module="$module -Wl,--out-implib,/tmp/unwanted.lib" ;;
	esac
fi
# Libraries that the recipe asked for.
host=
for library in /wheelfarm/host/*/; do
	[ ! -d "$library" ] || host="$host -isystem ${library}include -L${library}lib"
done
# host: headers and static libraries of the target that the SDK carries; looked at after the package's own.
# -fno-sanitize: zig adds UBSan calls to code compiled without -O, which then do not link.
# -s: no debug data, on Windows no stray .pdb; given to programs too, or zig compiles its runtimes once more.
# -Wno-error: a package's -Werror is meant for the compilers it knows.
# shellcheck disable=SC2086 # lists of words on purpose
exec "$zig" "$tool" -target "$zig_target" $compile_flags -fno-sanitize=undefined "$@" -s -Wno-error \
	$host -isystem /wheelfarm/sdk/host/include -L/wheelfarm/sdk/libs $module

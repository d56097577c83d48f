#!/usr/bin/env bash
# Compile zig's own runtimes once for each SDK: compiler-rt, libc start-up, libc++ (2 to 4 minutes). Each job gets a copy
# (12 to 25 MB) as its private cache, because zig writes into its cache and one job must not prepare what the next one uses.
# Result: CACHE/zig-seed/TARGET-REVISION/, named as the SDK, with zig's b/ h/ o/ and our identity. No package has a part in it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=prepared.sh
. "$here/prepared.sh"

cache=$(cache_folder)
[ -x "$cache/zig/zig" ] || "$here/python_env.sh"
zig=$(readlink -f "$cache/zig")
zig_identity=$("$zig/zig" version)

seed_of() { # seed_of SDK_FOLDER IMAGE_ROOT: fills $temporary/work/cache
	cat >"$temporary/work/seed.c" <<-'END'
		#include <math.h>
		#include <stdio.h>
		#ifdef PROGRAM
		int main(void) { return printf("%f\n", sin(1.0)) < 0; }
		#else
		int seed(double x) { return printf("%f\n", sin(x)); }
		#endif
	END
	cat >"$temporary/work/seed.cc" <<-'END'
		#include <iostream>
		#include <stdexcept>
		#include <string>
		#include <vector>
		int seed(const std::string &text)
		{
			try {
				std::cout << std::vector<std::string>{text}.at(1);
			} catch (const std::out_of_range &error) {
				return 1;
			}
			return 0;
		}
		#ifdef PROGRAM
		int main() { return seed(""); }
		#endif
	END
	# Modules, and programs for the checks that build systems make. The runtimes are the same whatever the -O.
	cat >"$temporary/work/seed.sh" <<-'END'
		set -e
		cc -fPIC -c seed.c -o seed.o
		cc -shared seed.o -o seed.so
		cc -DPROGRAM seed.c -o seed.exe
		c++ -fPIC -c seed.cc -o seed.o
		c++ -shared seed.o -o seed.so
		c++ -DPROGRAM seed.cc -o seed.exe
	END
	bwrap --unshare-all --die-with-parent --new-session --ro-bind "$2/usr" /usr --symlink usr/bin /bin \
		--symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc --dev /dev --tmpfs /tmp \
		--ro-bind "$zig" /wheelfarm/zig --ro-bind "$1" /wheelfarm/sdk --bind "$temporary/work" /wheelfarm/work \
		--chdir /wheelfarm/work --clearenv --setenv PATH /wheelfarm/sdk/bin:/usr/bin --setenv HOME /wheelfarm/work \
		--setenv ZIG_GLOBAL_CACHE_DIR /wheelfarm/work/cache --setenv ZIG_LOCAL_CACHE_DIR /wheelfarm/work/local \
		sh seed.sh
}

one_at_a_time zig-seed
builder=$(find "$cache/images" -mindepth 2 -maxdepth 2 -path '*-amd64-builder-*/root' -print -quit 2>/dev/null)
[ -n "$builder" ] || die "zig_seed: no builder image in $cache/images; image.sh makes it"
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; exit 143' INT TERM
for sdk in "$cache"/sdk/*/; do
	sdk=${sdk%/}
	[ -e "$sdk/identity" ] || continue
	final=$cache/zig-seed/${sdk##*/}
	# Another zig does not read an older one's cache.
	[ "$(cat "$final/identity" 2>/dev/null)" != "$zig_identity" ] || continue
	(
		progress "zig's runtime libraries for ${sdk##*/} (once; some minutes)"
		make_temporary "$final"
		trap - INT TERM # end at once: the sandbox dies with us, the next run removes what is left
		mkdir "$temporary/work"
		# What the SDK before had compiled is not compiled again, unless flags of the wrappers have changed.
		older=$(newest "$cache/zig-seed" "$(basename "${sdk%-*}")-*")
		[ "$(cat "$older/identity" 2>/dev/null)" != "$zig_identity" ] || cp -R "$older" "$temporary/work/cache"
		rm -f "$temporary/work/cache/identity"
		log=$cache/zig-seed/${sdk##*/}.log
		seed_of "$sdk" "$builder" >"$log" 2>&1 || progress_failed "$log"
		# z/ holds parsed Zig sources, three quarters of the size, and is not looked at once the results are there.
		rm -rf "$temporary/work/cache"/{z,tmp}
		mv "$temporary"/work/cache/* "$temporary/"
		rm -rf "$temporary/work"
		printf '%s\n' "$zig_identity" >"$temporary/identity"
		rm -rf "$final" # another zig's
		publish "$final"
		rm -f "$log"
		progress_done
	) &
	pids+=($!) # side by side: each spends most of its time on one core
done
status=0
for pid in "${pids[@]}"; do
	wait "$pid" || status=3
done
exit $status

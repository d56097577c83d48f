#!/usr/bin/env bash
# Rust for recipes that say `tools: [rust]`:
#   rust.sh          runs on x86-64 and compiles for both targets: CACHE/rust/REVISION
#   rust.sh arm64    runs on ARM64 Linux, natively or emulated, and compiles for it: CACHE/rust/arm64-REVISION
# with
#   usr/       Debian 12's rustc-web, cargo-web and the libraries they need, unpacked, not installed; in its rustlib
#              the standard library of where it runs (build scripts); on x86-64 also of ARM64 Linux (Debian's) and Windows
#   bin/       cargo, rustc, the names a build calls; on x86-64 host-cc
#   seed/      on x86-64: zig's runtimes for host-cc, which a job's compiler cache begins with
#   lock.toml  what the standard library itself is locked to: it names the registry that crates may come from
# Nobody distributes the standard library for ARM64 Windows with gnullvm's ABI, so it is compiled here, from rust-web-src.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=prepared.sh
. "$here/prepared.sh"

architecture=${1:-amd64}
case $architecture in # revisions are of the folder, which a job's toolchain names: raise one with any change of what is made
amd64) name=rust folder=2 libraries=x86_64-linux-gnu ;;
arm64) name=rust-arm64 folder=arm64-1 libraries=aarch64-linux-gnu ;;
*) die "rust: for amd64 or arm64, not '$architecture'" ;;
esac
windows=aarch64-pc-windows-gnullvm
final=$(cache_folder)/rust/$folder
unless_made "$name" "$final"

progress "Rust on $architecture (Debian's)"
make_temporary "$final"
log=$final.log
mkdir "$temporary/debs" "$temporary/work"
cd "$temporary/debs"

# The newest compiler of Debian 12 is a security update, made for browsers; the builder image is newer, its C library serves.
private_apt bookworm "$architecture" security
needed=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
	--no-enhances libstd-rust-web-dev libcurl4 libgit2-1.5 libsqlite3-0 libssh2-1 libssl3 | sed -n 's/^\([a-z0-9].*\)/\1/p' |
	grep -Ev '^(libc6|libc-bin|libcrypt1|gcc-12-base|debconf.*|cdebconf|dpkg|tar|perl-base)$|:')
# shellcheck disable=SC2086 # a list of names
apt-get -q download rustc-web cargo-web rust-web-src $needed >"$log" 2>&1 || progress_failed "$log"
if [ "$architecture" = amd64 ]; then
	private_apt bookworm arm64 security
	apt-get -q download libstd-rust-web-dev >"$log" 2>&1 || progress_failed "$log"
fi
sha256sum -- *.deb >"$temporary/packages.txt"
for package in *.deb; do
	dpkg-deb --fsys-tarfile "$package" | tar -x -C "$temporary" --exclude './usr/share/*' --exclude './etc/*' \
		--exclude './usr/src/*/compiler/*' --exclude "./usr/lib/$libraries/gconv/*" --exclude './usr/lib/rustlib/src'
done
cd "$temporary"
# libraries of Debian 12 still lie in /lib
if [ -d lib ]; then
	cp -a lib/. usr/lib/
	rm -rf lib
fi
mv usr/src/*/library library
cp library/Cargo.lock lock.toml

mkdir bin
for tool in cargo rustc rustdoc; do
	cat >bin/$tool <<-WRAPPER
		#!/bin/sh
		root=\$(dirname "\$(dirname "\$0")")
		LD_LIBRARY_PATH=\$root/usr/lib/$libraries exec "\$root/usr/bin/\${0##*/}" "\$@"
	WRAPPER
done
chmod 755 bin/*

finish() { # finish VERSION: as rustc says it
	rm -rf work debs usr/src usr/lib/rustlib/src
	printf '%s %s\n' "$1" "$(sha256sum <packages.txt | cut -c 1-16)" >identity
	rm "$log"
	publish "$final"
	progress_done
}
if [ "$architecture" = arm64 ]; then
	rm -rf library
	# its programs need not run here
	finish "rustc $(sed -n 's/^.* rustc-web_\([0-9.]*\).*/\1/p' packages.txt)"
	exit
fi
zig=$(cache_folder)/zig
[ -x "$zig/zig" ] || "$here/python_env.sh"
zig=$(readlink -f "$zig")

cat >bin/host-cc <<'WRAPPER'
#!/bin/sh
# For programs that run while building: build scripts and macros. The glibc is older than the builder's.
exec "${WHEELFARM_ZIG:-/wheelfarm/zig/zig}" cc -target x86_64-linux-gnu.2.36 -fno-sanitize=undefined -Wno-error "$@"
WRAPPER
chmod 755 bin/host-cc

# The standard library for Windows. Its own sources and vendored crates are all that cargo sees; cargo wants them in the
# place where rustup would have put them. With bitcode, as packages that optimise at link time ask for it.
mkdir -p usr/lib/rustlib/src/rust work/std/src work/home work/bin
mv library usr/lib/rustlib/src/rust/library
cat >work/std/Cargo.toml <<'MANIFEST'
[package]
name = "seed"
version = "0.0.0"
edition = "2021"
[profile.release]
debug = false
MANIFEST
printf '#![no_std]\n' >work/std/src/lib.rs
cat >work/home/config.toml <<-END
	[source.crates-io]
	replace-with = "std"
	[source.std]
	directory = "$temporary/usr/lib/rustlib/src/rust/library/vendor"
	[net]
	offline = true
END
cat >work/bin/cc <<-END
	#!/bin/sh
	exec "$zig/zig" cc -target aarch64-windows-gnu "\$@"
END
chmod 755 work/bin/cc
export ZIG_GLOBAL_CACHE_DIR=$temporary/work/cache ZIG_LOCAL_CACHE_DIR=$temporary/work/local WHEELFARM_ZIG=$zig/zig
(
	cd work/std
	env -i PATH="$temporary/bin:/usr/bin:/bin" HOME="$temporary/work/home" CARGO_HOME="$temporary/work/home" \
		ZIG_GLOBAL_CACHE_DIR="$ZIG_GLOBAL_CACHE_DIR" ZIG_LOCAL_CACHE_DIR="$ZIG_LOCAL_CACHE_DIR" WHEELFARM_ZIG="$zig/zig" \
		RUSTC_BOOTSTRAP=1 CC="$temporary/work/bin/cc" CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER="$temporary/bin/host-cc" \
		RUSTFLAGS="--remap-path-prefix=$temporary=/wheelfarm/rust -Cembed-bitcode=yes" \
		cargo build -Zbuild-std=std,panic_abort,panic_unwind,proc_macro --release --target "$windows"
) >"$log" 2>&1 || progress_failed "$log"
mkdir -p "usr/lib/rustlib/$windows/lib"
cp "work/std/target/$windows/release/deps/"*.rlib "usr/lib/rustlib/$windows/lib/"
rm -f "usr/lib/rustlib/$windows"/lib/lib{seed,panic_abort}-*
# cargo compiled all for unwinding; a package that aborts instead needs this one crate compiled for that.
library=usr/lib/rustlib/src/rust/library
RUSTC_BOOTSTRAP=1 bin/rustc --target "$windows" --edition 2024 --crate-type rlib --crate-name panic_abort -C panic=abort \
	-C opt-level=3 -Zforce-unstable-if-unmarked -C metadata=wheelfarm -C extra-filename=-wheelfarm \
	--remap-path-prefix="$library=/wheelfarm/rust" --out-dir "usr/lib/rustlib/$windows/lib" \
	"$library/panic_abort/src/lib.rs" >"$log" 2>&1 || progress_failed "$log"

# zig's runtimes for build scripts, once and not in every job.
mkdir -p work/seed
printf 'int main(void) { return 0; }\n' >work/seed/a.c
ZIG_GLOBAL_CACHE_DIR=$temporary/seed bin/host-cc work/seed/a.c -o work/seed/a >"$log" 2>&1 || progress_failed "$log"
rm -rf seed/z seed/tmp
finish "$(bin/rustc --version | cut -d ' ' -f 1,2)"

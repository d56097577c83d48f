#!/usr/bin/env bash
# Debian's GCC for aarch64 Linux, as a folder that is mounted into builds at /wheelfarm/gcc:
#   gcc.sh amd64    runs on x86-64 and cross-compiles (g++-10-aarch64-linux-gnu)
#   gcc.sh arm64    runs on the target, natively or emulated (g++-10)
# Result: CACHE/gcc/ARCHITECTURE-REVISION/{usr,lib,bin}: packages unpacked, bin/ as an SDK's. From Debian 11, because its
# glibc (2.31) is the oldest that is still to be had: what an image's own compiler links asks for that image's glibc.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=prepared.sh
. "$here/prepared.sh"

revision=2 # part of the folder's name and of every job's toolchain: raise it with any change of what is made
suite=bullseye
architecture=${1:-}
libraries=(libisl23 libmpc3 libmpfr6 libgmp10)
case $architecture in
amd64)
	packages=(binutils-aarch64-linux-gnu {cpp,gcc,g++}-10-aarch64-linux-gnu libgcc-10-dev-arm64-cross libstdc++-10-dev-arm64-cross
		libc6-dev-arm64-cross libc6-arm64-cross linux-libc-dev-arm64-cross libgcc-s1-arm64-cross libatomic1-arm64-cross)
	;;
arm64)
	packages=(binutils binutils-aarch64-linux-gnu libbinutils libctf0 libctf-nobfd0 {cpp,gcc,g++}-10 libgcc-10-dev
		libstdc++-10-dev libc6-dev libc6 linux-libc-dev libcrypt-dev libcrypt1 libgcc-s1 libatomic1)
	;;
*) die "gcc: for amd64 or arm64, not '$architecture'" ;;
esac
final=$(cache_folder)/gcc/$architecture-$revision
unless_made "gcc-$architecture" "$final"

progress "Debian's GCC for aarch64 on $architecture"
make_temporary "$final"
log=$final.log
private_apt "$suite" "$architecture"
mkdir "$temporary/debs"
cd "$temporary/debs"
apt-get -q download "${packages[@]}" "${libraries[@]}" >"$log" 2>&1 || progress_failed "$log"
sha256sum -- *.deb >"$temporary/packages.txt"
for package in *.deb; do
	dpkg-deb -x "$package" "$temporary"
done
cd "$temporary"
rm -rf debs etc usr/share
find . -name 'lib[alt]san*' -delete -o -name 'libubsan*' -delete -o -name '*lto-dump*' -delete
# What points to /lib would be found in the image, whose glibc is another.
find . -type l -lname '/*' | while read -r link; do
	ln -sfn "$(realpath -m --relative-to="$(dirname "$link")" ".$(readlink "$link")")" "$link"
done
find usr/lib -path '*/10/*' -type f -perm -u+x -exec strip --strip-unneeded {} + 2>/dev/null || true # not every strip knows both

# Functions of the mathematical library that got a new version after glibc 2.28, the floor of manylinux_2_28: they differ in
# how they tell errors to programs of 1989 only. A name that is not used costs nothing.
for name in exp exp2 log log2 pow; do
	printf '__asm__(".symver %s,%s@GLIBC_2.17");\n' "$name" "$name"
done >glibc_floor.h

mkdir bin
for tool in cc c++ ar ranlib strip objcopy; do
	cp "$here/gcc_tool.sh" "bin/$tool"
	chmod 755 "bin/$tool"
done
version=$(sed -n 's/^g++-10.*_\([0-9.]*\)-.*/\1/p' <(sed 's/.*  //' packages.txt))
printf 'gcc %s %s\n' "$version" "$(cat packages.txt "$here/gcc_tool.sh" "$here/gcc.sh" | sha256sum | cut -c 1-16)" >identity
rm -f "$log"
publish "$final"
progress_done

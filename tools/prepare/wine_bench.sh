#!/usr/bin/env bash
# What makes a Debian root with Wine the bench where Windows wheels are imported: wine_bench.sh ROOT PYTHON…
# (called by image.sh for images of kind wine-arm64, as root). Puts below ROOT/opt/wheelfarm:
#   python3.13/   a CPython for Windows on ARM64, one a PYTHON
#   drive_c/      Windows itself, for reading
#   prefix/       a Wine prefix of registry and users' folders with links to it, which each sandbox copies
#   bin/python3.13  how it is called
# and the edited apisetschema.dll in the place of Wine's. Prints one line for the image's identity.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=prepared.sh
. "$here/prepared.sh"
# shellcheck source-path=SCRIPTDIR source=zig_sandbox.sh
. "$here/zig_sandbox.sh"

root=$1
shift
cache=$(cache_folder)
base=$root/opt/wheelfarm
wine_dlls=usr/lib/aarch64-linux-gnu/wine/aarch64-windows
mkdir -p "$base/bin"
[ -x "$cache/zig/zig" ] || "$here/python_env.sh"

pythons=
for version in "$@"; do
	made=$("$here/wine_python.sh" "$version" win_arm64)
	cp -R "$made" "$base/python$version"
	install -m 755 "$here/wine/python.sh" "$base/bin/python$version"
	pythons+=", $(head -n 1 "$made/build.txt")"
done

progress "Wine's C runtime and prefix"
log=$cache/images/wine-bench.log
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$root/$wine_dlls/apisetschema.dll" "$work/wine_apisetschema.dll"
zig_sandbox "$work" /wheelfarm/prepare/wine/build_crt.sh >"$log" 2>&1 || progress_failed "$log"
install -m 644 "$work/crt/apisetschema.dll" "$root/$wine_dlls/apisetschema.dll"

# as a user whom no file names, as in a job: then Wine calls him "wine"
inside() {
	bwrap --unshare-all --uid 60001 --gid 60001 --die-with-parent --new-session --ro-bind "$root" / --proc /proc --dev /dev --tmpfs /tmp \
		--bind "$base/prefix" /opt/wheelfarm/prefix --clearenv --setenv PATH /usr/lib/wine:/usr/bin:/bin \
		--setenv HOME /opt/wheelfarm/prefix --setenv WINEPREFIX /opt/wheelfarm/prefix/made --setenv WINEDEBUG -all \
		--setenv WINEARCH win64 --setenv LANG C.UTF-8 "$@"
}
prefix=$base/prefix
mkdir "$prefix"
# explorer and rundll32 of 32 bits are asked for too and are not there, which does no harm
# In one sandbox, whose end nothing outlives: the server writes the registry as it ends, half a minute later unasked.
inside sh -c 'timeout 900 wine64 wineboot --init && { timeout 120 wineserver -k; timeout 120 wineserver -w; }' \
	>>"$log" 2>&1 || progress_failed "$log"
mv "$prefix/made/drive_c" "$base/drive_c"
rm -rf "$base/drive_c/windows/resources"
mkdir "$prefix/drive_c" "$prefix/dosdevices"
ln -s ../drive_c "$prefix/dosdevices/c:"
ln -s / "$prefix/dosdevices/z:"
mv "$base/drive_c/users" "$prefix/drive_c/"
(cd "$base/drive_c" && for part in *; do ln -s "/opt/wheelfarm/drive_c/$part" "$prefix/drive_c/$part"; done)
echo disable >"$prefix/.update-timestamp"
# What Wine starts by itself it starts when asked for: a Python that imports one module waits for none of it.
awk '/^\[/ { is_service = /^\[System\\\\CurrentControlSet\\\\Services\\\\[^\\\]]+\]/ }
	is_service && /^"Start"=dword:0000000[012]$/ { $0 = "\"Start\"=dword:00000003" }
	{ print }' "$prefix/made/system.reg" >"$prefix/system.reg"
[ -s "$prefix/system.reg" ] || progress_failed "$log"
mv "$prefix"/made/user*.reg "$prefix/"
rm -rf "$prefix/made" "$prefix/.cache"
install -m 644 "$work/crt/ucrtshim.dll" "$work/crt/bcryptprimitives.dll" "$base/drive_c/windows/system32/"
progress_done

wine=$(sed -n 's/%7e/~/; s/^wine64_\([^_]*\)_.*/\1/p' "$root/../packages.txt")
[ -n "$wine" ] || die "wine_bench: $root has no package wine64"
printf 'Wine %s, ucrtshim %s%s\n' "$wine" "$(sha256sum <"$work/crt/ucrtshim.dll" | cut -c 1-12)" "$pythons"

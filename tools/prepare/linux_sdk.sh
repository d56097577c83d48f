#!/usr/bin/env bash
# The cross-building folder of one Linux target: CACHE/sdk/cp313-manylinux_2_28_aarch64-REV/ with
#   bin/      cc c++ ar ranlib strip …, all zig_tool.sh; by sdk_files.py, as all but the headers
#   include/  the target's Python headers; the sandbox mounts them over the builder's own
#   python/   _sysconfigdata_wheelfarm.py: what the target's Python says about itself
#   target.env, build.env, toolchain.cmake, meson.cross
# From Debian's libpython3.13-dev and libpython3.13-stdlib of the target's architecture, unpacked, not installed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=prepared.sh
. "$here/prepared.sh"

revision=6 # part of the folder's name and of every job's toolchain: raise it with any change of what is made
python=3.13
suite=trixie
target=cp313-manylinux_2_28_aarch64
final=$(cache_folder)/sdk/$target-$revision
unless_made "sdk-$target" "$final"

progress "SDK $target"
make_temporary "$final"
private_apt "$suite" arm64
mkdir "$temporary/unpacked"
cd "$temporary/unpacked"
for package in "libpython$python-dev" "libpython$python-minimal" "libpython$python-stdlib"; do
	apt-get -q download "$package" >"$temporary.log" 2>&1 || progress_failed "$temporary.log"
done
sha256sum -- *.deb >"$temporary/identity"
for package in *.deb; do
	dpkg-deb --fsys-tarfile "$package" | tar -x --wildcards "./usr/include/*" "./usr/lib/python$python/_sysconfigdata_*" \
		2>/dev/null || true # tar says so when one of the patterns is not in this package
done
cp -R "usr/include/python$python" "$temporary/include"
# Debian's pyconfig.h only includes the architecture's own; zig does not search /usr/include, so it is put in its place.
cp "usr/include/aarch64-linux-gnu/python$python/pyconfig.h" "$temporary/include/pyconfig.h"
/usr/bin/python3 "$here/sdk_files.py" "$target" "$temporary" \
	"usr/lib/python$python/_sysconfigdata__linux_aarch64-linux-gnu.py"
cd /
"$here/sdk_libraries.sh" "$temporary" "$suite"
rm -rf "$temporary/unpacked" "$temporary.log"
sha256sum "$here/zig_tool.sh" "$here/sdk_files.py" "$here/sdk_libraries.sh" | cut -d ' ' -f 1 >>"$temporary/identity"
publish "$final"
progress_done

#!/bin/sh
# python3.13 ARGS…: CPython for Windows on ARM64 under Wine, called as any Python is; installed under each version's name in
# /opt/wheelfarm/bin of the bench's image. Paths of the root are Z:\ there, and /a/path is taken for one of Z: because
# the working folder is on it. One sandbox is one Windows: what is left when Python ends is ended with the sandbox.
base=/opt/wheelfarm
export WINEPREFIX="${TMPDIR:-/tmp}/.wine-prefix" WINEDEBUG=-all WINEARCH=win64
# Wine 8 says otherwise what it was compiled for; sysconfig and platform ask for it.
export PROCESSOR_ARCHITECTURE=ARM64 PROCESSOR_ARCHITEW6432=ARM64
export PATH=/usr/lib/wine:/usr/bin:/bin

# A prefix of our own, since Wine wants to own it; Windows itself is links in it.
[ -e "$WINEPREFIX" ] || cp -R "$base/prefix" "$WINEPREFIX"

python="Z:\\opt\\wheelfarm\\python${0##*python}\\python.exe"
if [ -f /dev/stdout ] || [ -f /dev/stderr ]; then # there Wine's Python does not start
	exec 5>&1
	code=$({ { wine64 "$python" "$@" 2>&1; echo $? >&3; } | cat >&4; } 3>&1 4>&5)
	exit "$code"
fi
exec wine64 "$python" "$@"

#!/usr/bin/env bash
# What this machine has and lacks, and how it would be installed. Changes nothing; exit code 1 when
# something is missing.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cache=$(cache_folder)
missing=0

say() { # ok|missing, what, how
	if [ "$1" = ok ]; then
		printf '  ok       %s\n' "$2"
	else
		printf '  missing  %s\n           → %s\n' "$2" "$3"
		missing=1
	fi
}

echo "Debian packages"
for group in build run test; do
	list=$(missing_packages "$group" | tr '\n' ' ')
	if [ -z "$list" ]; then
		say ok "group $group"
	else
		say missing "group $group: $list" "./farm build, run or test installs them; by hand: apt-get install $list"
	fi
done

echo "rights"
if have_root; then
	say ok "root: packages, binfmt and images can be made here"
else
	say missing "root" "an administrator runs ./farm run once; after that an ordinary user can"
fi
if bwrap --unshare-all --ro-bind / / true 2>/dev/null; then
	say ok "bubblewrap can make namespaces"
else
	say missing "namespaces for bubblewrap" "sysctl kernel.unprivileged_userns_clone=1, or run as root"
fi

echo "emulation of ARM64"
if grep -qs enabled /proc/sys/fs/binfmt_misc/*aarch64* && grep -qs 'flags:.*F' /proc/sys/fs/binfmt_misc/*aarch64*; then
	say ok "binfmt runs ARM64 programs by qemu"
else
	say missing "binfmt for ARM64" "./farm run mounts binfmt_misc and registers qemu-aarch64-static (as root)"
fi

echo "prepared in $cache"
for part in 'images/*/identity' 'sdk/*/include' 'zig-seed' 'tools-env' 'test-env'; do
	# shellcheck disable=SC2086 # a pattern
	if compgen -G "$cache"/$part >/dev/null; then
		say ok "$part"
	else
		say missing "$part" "./farm run makes it (the test environment: ./farm test)"
	fi
done

echo "disk and limits"
free=$(df -Pm "${cache%/*}" 2>/dev/null | awk 'NR == 2 { print $4 }')
if [ "${free:-0}" -ge 4000 ]; then
	say ok "$free MB free for $cache"
else
	say missing "4,000 MB free for $cache (there are ${free:-0})" "set XDG_CACHE_HOME to a folder with room"
fi
for controller in memory pids; do
	if [ -w /sys/fs/cgroup/$controller ] || { [ -w /sys/fs/cgroup ] && grep -qs $controller /sys/fs/cgroup/cgroup.controllers; }; then
		say ok "cgroup $controller"
	else
		say missing "cgroup $controller" "limits fall back to rlimits; results say so"
	fi
done
exit $missing

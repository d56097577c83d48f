# shellcheck shell=bash
# Shared by ./farm and the scripts beside this file; sourced, never run.

prepare_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export DEBIAN_FRONTEND=noninteractive

cache_folder() {
	printf '%s/wheelfarm\n' "${XDG_CACHE_HOME:-$HOME/.cache}"
}

# newest FOLDER PATTERN: of the whole folders in it that are called so, that of the highest revision; nothing if there is none.
newest() {
	{ find "$1" -maxdepth 1 -type d -name "$2" ! -name '*.tmp.*' 2>/dev/null || true; } | sort -V | tail -n 1
}

# One line a long step: "· text …" at its start, the seconds at its end. The end is on the same line
# on a terminal and on one of its own in a log.
progress() {
	progress_text=$1
	progress_start=$(date +%s)
	if [ -t 2 ]; then
		printf '· %s …' "$progress_text" >&2
	else
		printf '· %s …\n' "$progress_text" >&2
	fi
}

progress_done() {
	local seconds=$(($(date +%s) - progress_start))
	if [ -t 2 ]; then
		printf ' %s s\n' "$seconds" >&2
	elif [ "$seconds" -gt 1 ]; then
		printf '  %s: %s s\n' "$progress_text" "$seconds" >&2
	fi
}

have_root() {
	[ "$(id -u)" -eq 0 ]
}

# Debian packages of a group (debian-packages.txt), and which of them are not installed.
packages_of() {
	awk -v group="$1" '$1 == group { print $2 }' "$prepare_folder/debian-packages.txt"
}

missing_packages() {
	local group package
	for group in "$@"; do
		for package in $(packages_of "$group"); do
			[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
				printf '%s\n' "$package"
		done
	done
}

# Installs what is missing of the named groups. Without root it says what an administrator would type.
need_packages() {
	local missing
	missing=$(missing_packages "$@" | tr '\n' ' ')
	[ -n "$missing" ] || return 0
	if ! have_root; then
		printf './farm: missing Debian packages; as root: apt-get install %s\n' "$missing" >&2
		exit 3
	fi
	progress "install Debian packages: $missing"
	local log
	log=$(mktemp)
	# shellcheck disable=SC2086 # a list of package names
	if ! { apt-get update && apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		rm -f "$log"
		exit 3
	fi
	rm -f "$log"
	progress_done
}

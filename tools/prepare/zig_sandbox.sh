# shellcheck shell=bash
# zig where the seeds of its runtimes were made, so that they are found in its cache: the paths are part of its keys.
# Sourced after common.sh and prepared.sh, not run.

# zig_sandbox FOLDER COMMAND…: this machine's programs, no network, FOLDER at /wheelfarm/work, zig at /wheelfarm/zig, the scripts
# of this folder at /wheelfarm/prepare, and a root of `sandbox_image`, if that is set, at /wheelfarm/image.
sandbox_image=
zig_sandbox() {
	local folder=$1 image=() seed
	shift
	[ -z "$sandbox_image" ] || image=(--ro-bind "$sandbox_image" /wheelfarm/image)
	if [ ! -e "$folder/cache" ]; then
		seed=$(newest "$(cache_folder)/zig-seed" '*-win_arm64-*')
		if [ -n "$seed" ]; then cp -R "$seed" "$folder/cache"; else mkdir "$folder/cache"; fi
	fi
	# shellcheck disable=SC2154 # prepare_folder is of common.sh
	bwrap --unshare-all --die-with-parent --new-session --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib \
		--symlink usr/lib64 /lib64 --ro-bind /etc /etc --proc /proc --dev /dev --tmpfs /tmp \
		--ro-bind "$(readlink -f "$(cache_folder)/zig")" /wheelfarm/zig --ro-bind "$prepare_folder" /wheelfarm/prepare \
		"${image[@]}" --bind "$folder" /wheelfarm/work --chdir /wheelfarm/work --clearenv --setenv PATH /usr/bin:/bin \
		--setenv HOME /wheelfarm/work --setenv LC_ALL C.UTF-8 --setenv ZIG_GLOBAL_CACHE_DIR /wheelfarm/work/cache \
		--setenv ZIG_LOCAL_CACHE_DIR /wheelfarm/work/local "$@"
}
